using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Student's t test: whether the means differ, when both samples share one variance.</summary>
/// <remarks>
/// <para>Statistic t = (x̄ − ȳ)/(s·√(1/n + 1/m)) with s² the pooled variance; p-value by Student's t with n + m − 2 degrees of freedom. The effect is Cohen's |d| = |x̄ − ȳ|/s.</para>
/// <para>The interval of the effect is by the delta method with the samples' own third and fourth moments. On profiles, moments are exact, and so is the test.
/// Not computable with infinite values, or when no value differs from the others of its sample. Thread-safe: stateless. Time O((n+m) log(n+m)), on profiles O(1).</para>
/// <para>Source: Student (W. S. Gosset), "The probable error of a mean", Biometrika 6 (1908); J. Cohen (1988) for the effect.</para>
/// </remarks>
public sealed class StudentT : IProfileDriftTest, ISortedDriftTest, IDirectedDriftTest
{
    private readonly Alternative _alternative;

    /// <summary>Creates the test.</summary>
    /// <param name="alternative">Which differences count.</param>
    public StudentT(Alternative alternative = Alternative.TwoSided) => _alternative = alternative;

    /// <inheritdoc/>
    public string Name => "student-t";

    Alternative IDirectedDriftTest.Alternative => _alternative;

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.2;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => Test(new SortedSample(reference), new SortedSample(current), options);

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => MeanComparison.Test(this, reference, current, isPooled: true, _alternative, options);

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
        => MeanComparison.Test(this, reference, current, isPooled: true, _alternative, options);
}
