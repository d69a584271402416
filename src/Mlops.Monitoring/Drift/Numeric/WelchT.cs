using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Welch's t test: whether the means differ, when the variances may differ too.</summary>
/// <remarks>
/// <para>Statistic t = (x̄ − ȳ)/√(s₁²/n + s₂²/m); p-value by Student's t with Satterthwaite's degrees of freedom. The effect is |x̄ − ȳ|/√((s₁² + s₂²)/2).</para>
/// <para>The interval of the effect is by the delta method with the samples' own third and fourth moments. On profiles, moments are exact, and so is the test.
/// Not computable with infinite values, or when no value differs from the others of its sample. Thread-safe: stateless. Time O((n+m) log(n+m)), on profiles O(1).</para>
/// <para>Source: B. L. Welch, "The generalization of 'Student's' problem when several different population variances are involved", Biometrika 34 (1947).</para>
/// </remarks>
public sealed class WelchT : IProfileDriftTest, ISortedDriftTest, IDirectedDriftTest
{
    private readonly Alternative _alternative;

    /// <summary>Creates the test.</summary>
    /// <param name="alternative">Which differences count.</param>
    public WelchT(Alternative alternative = Alternative.TwoSided) => _alternative = alternative;

    /// <inheritdoc/>
    public string Name => "welch-t";

    Alternative IDirectedDriftTest.Alternative => _alternative;

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.2;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => Test(new SortedSample(reference), new SortedSample(current), options);

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => MeanComparison.Test(this, reference, current, isPooled: false, _alternative, options);

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
        => MeanComparison.Test(this, reference, current, isPooled: false, _alternative, options);
}
