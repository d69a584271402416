using System.Numerics.Tensors;

namespace Mlops.Monitoring;

/// <summary>Energy distance between two samples of rows: how much farther apart rows of different samples are than rows of the same one.</summary>
/// <remarks>
/// <para>Statistic E = 2·E‖X−Y‖ − E‖X−X′‖ − E‖Y−Y′‖ ≥ 0, over all pairs, a row with itself included, in the unit of the scaled columns. The effect is the root of the
/// estimate without those, divided by the mean distance of the pooled rows: 0..1, without a unit.</para>
/// <para>The p-value is by permutation, (1 + permutations with at least as large a statistic)/(1 + permutations), so it is never 0. The interval of the effect takes the noise from
/// the permutations and holds the true effect at least as often as it says. Rows with a value that is not finite count as missing.</para>
/// <para>Time O((n+m)²·(width + permutations)), memory 4·(n+m)² bytes, for at most <see cref="MaximumRows"/> rows of each sample: of more, a sample is drawn. The order of rows makes no
/// difference. Thread-safe: stateless; the same rows and seed give the same result.</para>
/// <para>Source: G. J. Székely, M. L. Rizzo, "Testing for equal distributions in high dimension", InterStat, 2004.</para>
/// </remarks>
public sealed class MultivariateEnergyDistance : IRowDriftTest
{
    /// <inheritdoc/>
    public string Name => "multivariate-energy-distance";

    /// <inheritdoc/>
    /// <value>0.14: one normal column that moves by a fifth of its standard deviation.</value>
    public double DefaultMinimumEffect => 0.14;

    /// <summary>Gets how columns are made comparable.</summary>
    /// <value>The default value is <see cref="RowScaling.Standardized"/>.</value>
    public RowScaling Scaling { get; init; } = RowScaling.Standardized;

    /// <summary>Gets the number of permutations; the p-value cannot be below 1/(permutations + 1). Where that is not enough for the significance, 2/significance of them are made, at most 20,000; where these are not either and none has as large a statistic, the p-value is a bound of the tail.</summary>
    /// <value>The default value is 500.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 19.</exception>
    public int Permutations { get; init => field = PermutationTest.RequirePermutations(value); } = 500;

    /// <summary>Gets the largest number of rows of each sample; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 2,000: 64 MB for the distances.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumRows { get; init => field = PermutationTest.RequireRows(value); } = 2000;

    /// <summary>Gets the seed of the permutations and of the drawing of rows.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(RowSet reference, RowSet current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
        => RowComparison.Compare(this, reference, current, options, MaximumRows, Seed, pair => Compare(pair, cancellationToken));

    private DriftResult Compare(RowComparison pair, CancellationToken cancellationToken)
    {
        if (pair.LeastCount < 2) return pair.NotComputable("There are no pairs of rows to compare.");
        var rows = pair.Pool(Scaling);
        // Less the distance is a kernel, and its discrepancy is the energy distance.
        var kernel = PairMatrix.SquaredDistances(rows, cancellationToken);
        TensorPrimitives.Sqrt(kernel.Values, kernel.Values);
        TensorPrimitives.Negate(kernel.Values, kernel.Values);
        var mean = -kernel.GetRowSums().Sum() / ((double)kernel.Count * (kernel.Count - 1));
        var discrepancy = KernelDiscrepancy.Compute(kernel, rows.ReferenceCount, PermutationTest.GetCount(Permutations, pair.Options), pair.Shuffle(), cancellationToken);
        // Equal rows everywhere have no distance to divide by, and no effect.
        var scale = mean > 0 ? Math.Sqrt(mean) : 1;
        var effect = Math.Sqrt(Math.Max(0, discrepancy.Unbiased[0])) / scale;
        var measurement = new DriftMeasurement(
            "E", Math.Max(0, discrepancy.Biased[0]) * rows.Unit, discrepancy.GetBiasedPValue(pair.Options.Significance), effect,
            GetCriticalEffect(discrepancy, rows.ReferenceCount, rows.CurrentCount, mean, pair.Options) / scale,
            PermutationTest.GetInterval(discrepancy.GetLengths(), scale, effect, pair.Options.ConfidenceLevel));
        return pair.Decide(measurement);
    }

    /// <summary>The effect where the statistic is significant: the statistic less what pairs of a row with itself add to it.</summary>
    private static double GetCriticalEffect(KernelDiscrepancy discrepancy, double n, double m, double mean, DriftTestOptions options)
        => Math.Sqrt(Math.Max(0, discrepancy.GetBiasedCritical(options.Significance) - (mean * ((1 / n) + (1 / m)))));
}
