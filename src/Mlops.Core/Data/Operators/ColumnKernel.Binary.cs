namespace Mlops.Data;

/// <summary>Computes a column from two others, all rows of a batch at once, so that it can be vectorised.</summary>
/// <typeparam name="TFirst">The type of the first column's values.</typeparam>
/// <typeparam name="TSecond">The type of the second column's values.</typeparam>
/// <typeparam name="TOutput">The type of the values computed.</typeparam>
/// <param name="first">The first column's values, shape (rows × width); of no meaning where a row has none.</param>
/// <param name="second">The second column's values, of the same shape.</param>
/// <param name="results">Receives the results, of the same shape; what is computed for a row without one of the values is forgotten.</param>
public delegate void ColumnKernel<TFirst, TSecond, TOutput>(ReadOnlySpan<TFirst> first, ReadOnlySpan<TSecond> second, Span<TOutput> results)
    where TFirst : unmanaged
    where TSecond : unmanaged
    where TOutput : unmanaged;
