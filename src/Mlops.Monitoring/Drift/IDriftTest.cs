namespace Mlops.Monitoring;

/// <summary>Tells whether a current sample comes from another distribution than a reference sample.</summary>
/// <remarks>
/// Stateless and safe for concurrent use. A test implements one or more of <see cref="ISampleDriftTest"/> (numbers), <see cref="IOrderedDriftTest"/> (rows in their order), <see cref="ICategoryDriftTest"/> (counts),
/// <see cref="IRowDriftTest"/> (several columns together), <see cref="ITextDriftTest"/> and <see cref="IProfileDriftTest"/>.
/// Whatever the data (empty, constant, infinite, missing), it returns a verdict and does not throw.
/// </remarks>
public interface IDriftTest
{
    /// <summary>Gets the name: <c>kolmogorov-smirnov</c>.</summary>
    string Name { get; }

    /// <summary>Gets the smallest effect that counts unless the options say otherwise, on the test's scale.</summary>
    /// <remarks>
    /// All tests mean the same by it, what J. Cohen, "Statistical Power Analysis for the Behavioral Sciences" (1988) calls small: what a normal column shows when it moves by a fifth of its
    /// standard deviation, and categories when a tenth of the rows changes its category.
    /// </remarks>
    double DefaultMinimumEffect { get; }
}
