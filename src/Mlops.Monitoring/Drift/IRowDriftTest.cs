namespace Mlops.Monitoring;

/// <summary>A drift test on rows of several numbers taken together: columns side by side, or embeddings.</summary>
public interface IRowDriftTest : IDriftTest
{
    /// <summary>Compares two sets of rows.</summary>
    /// <param name="reference">The rows to compare with; a row with a value that is not finite counts as missing.</param>
    /// <param name="current">The rows that came in, of the same width.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentException">The rows have different widths.</exception>
    DriftResult Test(RowSet reference, RowSet current, DriftTestOptions? options = null, CancellationToken cancellationToken = default);
}
