using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Embedding drift: whether vectors have moved, spread differently or changed their distribution otherwise; one verdict that says which.</summary>
/// <remarks>
/// <para>Runs <see cref="MeanShift"/>, <see cref="CovarianceShift"/>, <see cref="MaximumMeanDiscrepancy"/> and, if asked for, <see cref="DomainClassifierDrift"/>, and corrects their p-values by Holm, so that together they raise no more
/// false alarms than one. Drift is what one of them finds significant after that and larger than its own minimum effect; the reason names it. Elements are compared as they are, without scaling.</para>
/// <para>Statistic: that of the test with the largest effect among the significant ones, or of the most significant one. The effect is that test's effect divided by its minimum effect: 1 is where it begins to matter.
/// The p-value is the corrected one. On profiles, which keep means and variances, the mean shift alone is tested. Time and memory are those of the tests. Thread-safe: stateless; the same rows and seed give the same result.</para>
/// <para>Source: S. Holm, "A simple sequentially rejective multiple test procedure", 1979.</para>
/// </remarks>
public sealed class EmbeddingDrift : IRowDriftTest, IVectorProfileDriftTest
{
    /// <inheritdoc/>
    public string Name => "embedding-drift";

    /// <inheritdoc/>
    /// <value>1: the minimum effect of the test that found it.</value>
    public double DefaultMinimumEffect => 1;

    /// <summary>Gets whether a domain classifier is run too, which finds changes of few elements but takes most of the time.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IncludesClassifier { get; init; }

    /// <summary>Gets the number of permutations of each test; a p-value cannot be below the number of tests/(permutations + 1). Where that is not enough for the significance, 2/significance of them are made, at most 20,000; where these are not either and none has as large a statistic, the p-value is a bound of the tail.</summary>
    /// <value>The default value is 500.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 19.</exception>
    public int Permutations { get; init => field = PermutationTest.RequirePermutations(value); } = 500;

    /// <summary>Gets the largest number of rows of each sample; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 2,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumRows { get; init => field = PermutationTest.RequireRows(value); } = 2000;

    /// <summary>Gets the seed of the tests.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(RowSet reference, RowSet current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = (options ?? DriftTestOptions.Default).Validate();
        var parts = CombinedDecision.ForParts(options, IncludesClassifier ? 4 : 3);
        List<IRowDriftTest> tests =
        [
            new MeanShift { Scaling = RowScaling.None, Permutations = Permutations, MaximumRows = MaximumRows, Seed = Seed },
            new CovarianceShift { Scaling = RowScaling.None, Permutations = Permutations, MaximumRows = MaximumRows, Seed = Seed },
            new MaximumMeanDiscrepancy { Scaling = RowScaling.None, Permutations = Permutations, MaximumRows = MaximumRows, Seed = Seed },
        ];
        if (IncludesClassifier) tests.Add(new DomainClassifierDrift { MaximumRows = MaximumRows, Seed = Seed });
        return CombinedDecision.Decide(this, [.. tests.Select(test => ((IDriftTest)test, test.Test(reference, current, parts, cancellationToken)))], options);
    }

    /// <inheritdoc/>
    public DriftResult Test(VectorProfile reference, VectorProfile current, DriftTestOptions? options = null)
    {
        options = (options ?? DriftTestOptions.Default).Validate();
        return CombinedDecision.Decide(this, [(new MeanShift(), new MeanShift().Test(reference, current, CombinedDecision.ForParts(options, 1)))], options);
    }
}
