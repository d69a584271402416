using System.Globalization;

namespace Mlops.Tracking;

/// <summary>What a field is compared with: a number, a text or a list of texts.</summary>
public sealed record SearchValue
{
    private SearchValue(double? number, string? text, IReadOnlyList<string>? list) => (Number, Text, List) = (number, text, list);

    /// <summary>Gets the number; times are milliseconds since 1970-01-01T00:00Z. <see langword="null"/> when it is a text or a list.</summary>
    public double? Number { get; }

    /// <summary>Gets the text; <see langword="null"/> when it is a number or a list.</summary>
    public string? Text { get; }

    /// <summary>Gets the list; <see langword="null"/> when it is a number or a text.</summary>
    public IReadOnlyList<string>? List { get; }

    /// <summary>Makes the value of a number.</summary>
    /// <param name="number">The number, not NaN.</param>
    /// <returns>The value.</returns>
    public static SearchValue Of(double number) => double.IsNaN(number)
        ? throw new ArgumentException("Nothing compares with NaN; leave the condition away, or compare with a number.", nameof(number))
        : new SearchValue(number, null, null);

    /// <summary>Makes the value of a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">It holds U+0000 or half a surrogate pair.</exception>
    public static SearchValue Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        SearchRules.CheckText(text, nameof(text));
        return new SearchValue(null, text, null);
    }

    /// <summary>Makes the value of a list.</summary>
    /// <param name="texts">The texts, at least one.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">There is none, or one holds U+0000 or half a surrogate pair.</exception>
    public static SearchValue Of(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (texts.Count == 0) throw new ArgumentException("A list to search in has at least one text.", nameof(texts));
        foreach (var text in texts)
        {
            ArgumentNullException.ThrowIfNull(text, nameof(texts));
            SearchRules.CheckText(text, nameof(texts));
        }

        return new SearchValue(null, null, [.. texts]);
    }

    /// <summary>Tells whether two values are the same.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether they are.</returns>
    public bool Equals(SearchValue? other) => other is not null && Number == other.Number && Text == other.Text
        && (List is null) == (other.List is null) && (List is null || List.SequenceEqual(other.List!, StringComparer.Ordinal));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Number, Text, List?.Count);

    /// <summary>Writes the value as filters have it. Only a text that holds both kinds of quotes has no such form, because the grammar has no escapes.</summary>
    /// <returns>The text. One with both kinds of quotes has its single ones doubled, as SQL has them: to be read by people, and refused by the parser.</returns>
    public override string ToString() => (Number, Text) switch
    {
        // What is too large for a number reads as infinite.
        (double.PositiveInfinity, _) => "1e999",
        (double.NegativeInfinity, _) => "-1e999",
        ({ } number, _) => number.ToString("R", CultureInfo.InvariantCulture),
        (_, { } text) => Quote(text),
        _ => $"({string.Join(", ", List!.Select(Quote))})",
    };

    // The grammar has no escapes: a text is put into the quotes that it does not hold.
    private static string Quote(string text)
    {
        if (!text.Contains('\'', StringComparison.Ordinal)) return $"'{text}'";
        return text.Contains('"', StringComparison.Ordinal) ? $"'{text.Replace("'", "''", StringComparison.Ordinal)}'" : $"\"{text}\"";
    }
}
