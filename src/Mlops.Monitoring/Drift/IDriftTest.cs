namespace Mlops.Monitoring;

/// <summary>Tells whether a current sample comes from another distribution than a reference sample.</summary>
/// <remarks>
/// Stateless and safe for concurrent use. A test implements <see cref="IProfileDriftTest"/>, <see cref="ISampleDriftTest"/> or both.
/// Whatever the data (empty, constant, infinite, missing), it returns a verdict and does not throw.
/// </remarks>
public interface IDriftTest
{
    /// <summary>Gets the name: <c>kolmogorov-smirnov</c>.</summary>
    string Name { get; }
}
