using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A drift test that needs only the profiles of a column of vectors.</summary>
public interface IVectorProfileDriftTest : IDriftTest
{
    /// <summary>Compares two profiles of a column of vectors.</summary>
    /// <param name="reference">The profile to compare with, as of the training data.</param>
    /// <param name="current">The profile of what came in, of the same width.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentException">The vectors have different widths.</exception>
    DriftResult Test(VectorProfile reference, VectorProfile current, DriftTestOptions? options = null);
}
