using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A drift test that needs only the profiles of a column.</summary>
public interface IProfileDriftTest : IDriftTest
{
    /// <summary>Compares two profiles of a column.</summary>
    /// <param name="reference">The profile to compare with, as of the training data.</param>
    /// <param name="current">The profile of what came in.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <returns>The outcome; <see cref="DriftVerdict.NotComputable"/> for columns of a kind that the test is not for.</returns>
    DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null);
}
