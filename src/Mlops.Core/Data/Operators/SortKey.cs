namespace Mlops.Data;

/// <summary>A column to sort by, and the direction.</summary>
/// <param name="Column">The column.</param>
/// <param name="IsDescending">Whether the largest value comes first. Rows without a value come last either way.</param>
public readonly record struct SortKey(string Column, bool IsDescending = false)
{
    /// <summary>Sorts by a column, the smallest value first.</summary>
    /// <param name="column">The column.</param>
    /// <returns>The key.</returns>
    public static SortKey Ascending(string column) => new(column);

    /// <summary>Sorts by a column, the largest value first.</summary>
    /// <param name="column">The column.</param>
    /// <returns>The key.</returns>
    public static SortKey Descending(string column) => new(column, IsDescending: true);
}
