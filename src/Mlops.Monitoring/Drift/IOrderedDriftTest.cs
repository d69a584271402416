namespace Mlops.Monitoring;

/// <summary>A drift test whose outcome depends on the order of the reference rows, those with missing values included, because it cuts them into chunks.</summary>
/// <remarks>Reports give it the rows in their order. Profiles keep no order, so from them it is not computable as long as <see cref="NeedsOrder"/> says so.</remarks>
public interface IOrderedDriftTest : ISampleDriftTest
{
    /// <summary>Gets whether the order matters with the arguments that the test was created with.</summary>
    bool NeedsOrder { get; }

    /// <summary>Compares two samples of categories, given by codes.</summary>
    /// <param name="reference">The category of each reference row, in the order of time; a negative one is missing.</param>
    /// <param name="current">The category of each current row, in any order; a negative one is missing.</param>
    /// <param name="categoryCount">The number of categories, ≥ 0.</param>
    /// <param name="options">What to call drift; the test's own defaults when <see langword="null"/>.</param>
    /// <returns>The outcome.</returns>
    DriftResult Test(ReadOnlySpan<int> reference, ReadOnlySpan<int> current, int categoryCount, DriftTestOptions? options = null);
}
