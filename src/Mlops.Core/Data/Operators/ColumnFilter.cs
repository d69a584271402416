namespace Mlops.Data;

/// <summary>Decides over the values of a column, all rows of a batch at once, which rows are kept.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
/// <param name="values">The values, shape (rows × width); <c>default</c> where a row has none. Rows without a value are never kept, whatever is decided.</param>
/// <param name="kept">Receives for each row whether it is kept, shape (rows); all are <see langword="false"/> at first.</param>
public delegate void ColumnFilter<T>(ReadOnlySpan<T> values, Span<bool> kept)
    where T : unmanaged;
