namespace Mlops.Data;

/// <summary>Computes a column from another, all rows of a batch at once, so that it can be vectorised.</summary>
/// <typeparam name="TInput">The type of the values read.</typeparam>
/// <typeparam name="TOutput">The type of the values computed.</typeparam>
/// <param name="values">The values, shape (rows × width); of no meaning where a row has none.</param>
/// <param name="results">Receives the results, of the same shape; what is computed for a row without a value is forgotten.</param>
public delegate void ColumnKernel<TInput, TOutput>(ReadOnlySpan<TInput> values, Span<TOutput> results)
    where TInput : unmanaged
    where TOutput : unmanaged;
