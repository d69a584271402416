using System.Globalization;

namespace Mlops.Tracking;

/// <summary>What one thing has under a field: a number, a text or nothing. Things are ordered by it, and a page token holds those of its last thing.</summary>
public readonly record struct SearchKey : IComparable<SearchKey>
{
    private SearchKey(double? number, string? text) => (Number, Text) = (number, text);

    /// <summary>Gets the key of what lacks the field.</summary>
    public static SearchKey Missing => default;

    /// <summary>Gets the number, perhaps NaN; times are milliseconds since 1970-01-01T00:00Z. <see langword="null"/> when it is a text or missing.</summary>
    public double? Number { get; }

    /// <summary>Gets the text; <see langword="null"/> when it is a number or missing.</summary>
    public string? Text { get; }

    /// <summary>Gets whether the field is absent.</summary>
    public bool IsMissing => Number is null && Text is null;

    /// <summary>Gets whether it is NaN, which comes after all numbers.</summary>
    public bool IsNaN => Number is { } number && double.IsNaN(number);

    /// <summary>Makes the key of a number.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The key.</returns>
    public static SearchKey Of(double number) => new(number, null);

    /// <summary>Makes the key of a time.</summary>
    /// <param name="time">The time, kept to the millisecond; <see langword="null"/> when it is missing.</param>
    /// <returns>The key.</returns>
    public static SearchKey Of(DateTimeOffset? time) => new(time?.ToUnixTimeMilliseconds(), null);

    /// <summary>Makes the key of a text.</summary>
    /// <param name="text">The text; <see langword="null"/> when it is missing.</param>
    /// <returns>The key.</returns>
    public static SearchKey Of(string? text) => new(null, text);

    /// <summary>Compares in ascending order: numbers, texts by their code points, NaN, missing.</summary>
    /// <param name="other">The other key.</param>
    /// <returns>Below zero when this one comes first, above when the other does.</returns>
    public int CompareTo(SearchKey other) => Compare(this, other, isDescending: false);

    /// <summary>Compares in one direction. NaN and then what is missing come last in both.</summary>
    /// <param name="left">One key.</param>
    /// <param name="right">The other.</param>
    /// <param name="isDescending">Whether the largest come first.</param>
    /// <returns>Below zero when <paramref name="left"/> comes first, above when <paramref name="right"/> does.</returns>
    public static int Compare(SearchKey left, SearchKey right, bool isDescending)
    {
        var (a, b) = (left.Rank, right.Rank);
        if (a >= LastRank || b >= LastRank) return a.CompareTo(b);
        var order = a != b ? a.CompareTo(b)
            : left.Number is { } number ? number.CompareTo(right.Number!.Value) : SearchTexts.Compare(left.Text!, right.Text!);
        return isDescending ? -order : order;
    }

    /// <summary>Tells whether the first comes before the second.</summary>
    /// <param name="left">The first.</param>
    /// <param name="right">The second.</param>
    /// <returns>Whether it does.</returns>
    public static bool operator <(SearchKey left, SearchKey right) => left.CompareTo(right) < 0;

    /// <summary>Tells whether the first comes after the second.</summary>
    /// <param name="left">The first.</param>
    /// <param name="right">The second.</param>
    /// <returns>Whether it does.</returns>
    public static bool operator >(SearchKey left, SearchKey right) => left.CompareTo(right) > 0;

    /// <summary>Tells whether the first does not come after the second.</summary>
    /// <param name="left">The first.</param>
    /// <param name="right">The second.</param>
    /// <returns>Whether it does not.</returns>
    public static bool operator <=(SearchKey left, SearchKey right) => left.CompareTo(right) <= 0;

    /// <summary>Tells whether the first does not come before the second.</summary>
    /// <param name="left">The first.</param>
    /// <param name="right">The second.</param>
    /// <returns>Whether it does not.</returns>
    public static bool operator >=(SearchKey left, SearchKey right) => left.CompareTo(right) >= 0;

    /// <summary>Writes the key in the invariant culture.</summary>
    /// <returns>The number, the text in quotes, or <c>missing</c>.</returns>
    public override string ToString() => Number?.ToString("R", CultureInfo.InvariantCulture) ?? (Text is null ? "missing" : $"'{Text}'");

    private const int LastRank = 2;

    // Numbers, texts, then what comes last in both directions.
    private int Rank => Number is { } number ? double.IsNaN(number) ? LastRank : 0 : Text is null ? LastRank + 1 : 1;
}
