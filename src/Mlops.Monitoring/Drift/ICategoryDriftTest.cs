namespace Mlops.Monitoring;

/// <summary>A drift test on how often each category occurs.</summary>
public interface ICategoryDriftTest : IDriftTest
{
    /// <summary>Compares two rows of counts.</summary>
    /// <param name="reference">How often each category occurs in the reference, shape (K), each ≥ 0.</param>
    /// <param name="current">How often each occurs now, shape (K), in the same order, each ≥ 0.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <returns>The outcome; categories that occur in neither are left out.</returns>
    /// <exception cref="ArgumentException">The rows have different lengths or a negative count.</exception>
    DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null);
}
