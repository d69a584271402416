namespace Mlops.Tracking;

/// <summary>One key of an order as columns: a rank that puts NaN and what is missing last, and the value.</summary>
/// <param name="Rank">The expression of the rank: 0 for a value, 1 for NaN, 2 for nothing; <see langword="null"/> where there is always a value.</param>
/// <param name="Value">The expression of the value; some constant where the rank is not 0.</param>
/// <param name="Kind">What the value is.</param>
/// <param name="IsDescending">Whether the largest come first.</param>
internal sealed record SearchColumn(string? Rank, string Value, SearchColumnKind Kind, bool IsDescending)
{
    /// <summary>Gets the terms of ORDER BY.</summary>
    public string Terms => (Rank is null ? "" : Rank + ", ") + Value + (IsDescending ? " DESC" : "");

    public static int RankOf(SearchKey key) => key.IsMissing ? 2 : key.IsNaN ? 1 : 0;

    /// <summary>Gives the key as the parameter the value is compared with; <see langword="null"/> when it is of another kind.</summary>
    public object? ToParameter(SearchKey key) => Kind switch
    {
        SearchColumnKind.Text => key.Text,
        SearchColumnKind.Number => key.Number,
        _ => key.Number is { } number && Math.Abs(number) < 9e18 ? (long)number : null,
    };
}
