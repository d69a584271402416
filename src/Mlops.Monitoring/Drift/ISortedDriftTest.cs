namespace Mlops.Monitoring;

/// <summary>A drift test that needs its samples in order, and takes them sorted before, so that a reference is sorted only once.</summary>
public interface ISortedDriftTest : ISampleDriftTest
{
    /// <summary>Compares two sorted samples.</summary>
    /// <param name="reference">The values to compare with.</param>
    /// <param name="current">The values that came in.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <returns>The same outcome as for the values in any order.</returns>
    DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null);
}
