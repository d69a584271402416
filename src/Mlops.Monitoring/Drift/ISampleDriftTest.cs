namespace Mlops.Monitoring;

/// <summary>A drift test on the values themselves.</summary>
public interface ISampleDriftTest : IDriftTest
{
    /// <summary>Compares two samples.</summary>
    /// <param name="reference">The values to compare with, shape (n), in any order; NaN counts as missing.</param>
    /// <param name="current">The values that came in, shape (m), in any order; NaN counts as missing.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <returns>The outcome.</returns>
    DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null);
}
