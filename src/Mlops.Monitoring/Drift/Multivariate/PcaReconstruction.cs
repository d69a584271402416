using System.Numerics.Tensors;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>PCA reconstruction error: whether the dependence between columns that the reference has still holds, told by what its principal components leave unexplained.</summary>
/// <remarks>
/// <para>Statistic: the mean over the current rows of the Euclidean distance between a row and its reconstruction, where columns are divided by their standard deviation in the reference, and the components are
/// those of the reference that together hold more than <see cref="VarianceRatio"/> of the variance. It is in standard deviations.</para>
/// <para>The error of rows that the components were fitted to is smaller than that of others without any drift, so the two are not compared. The verdict comes from a second fit to one half of the reference, drawn by the seed: the errors
/// of its other half and of the current rows have one distribution without drift. The effect is |2·AUC − 1|: how often a current row has the larger error, 0 when as often as not. The p-value is
/// that of Mann and Whitney, two-sided, with ties; the interval is DeLong's.</para>
/// <para>Not computable where the components hold everything (one column, or columns that are functions of each other): nothing is left to look at. Time O((n+m)·width² + width³), memory 8·(n+m)·width bytes, for at most
/// 2·10⁷ cells of each sample: of more rows, a sample is drawn. The order of rows makes no difference. Thread-safe: stateless; the same rows and seed give the same result.</para>
/// <para>Source: K. Pearson (1901) for the components; W. Kuberski et al., NannyML, for the error as a sign of drift.</para>
/// </remarks>
public sealed class PcaReconstruction : IRowDriftTest
{
    private const int MostCells = 20_000_000;

    /// <inheritdoc/>
    public string Name => "pca-reconstruction";

    /// <inheritdoc/>
    /// <value>0.11: the error moves by a fifth of its standard deviation.</value>
    public double DefaultMinimumEffect => 0.11;

    /// <summary>Gets the share of the variance that the components hold together, above 0 and below 1.</summary>
    /// <value>The default value is 0.65.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not between 0 and 1.</exception>
    public double VarianceRatio { get; init => field = value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The share of the variance is above 0 and below 1."); } = 0.65;

    /// <summary>Gets the seed by which the reference is halved.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(RowSet reference, RowSet current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
        => RowComparison.Compare(this, reference, current, options, Math.Max(1000, MostCells / Math.Max(1, reference.Width)), Seed, pair => Compare(pair, cancellationToken));

    private DriftResult Compare(RowComparison pair, CancellationToken cancellationToken)
    {
        var (x, y) = (pair.Reference, pair.Current);
        if (x.Count < 4) return pair.NotEnough("4 of the reference are needed, which is halved");
        var width = x.Width;
        var whole = PrincipalComponents.Fit(x.Values, width, VarianceRatio);
        if (whole.Count == width || !double.IsFinite(whole.Shares[0]) || 1 - whole.Shares.Sum() < 1e-12)
            return pair.NotComputable($"The components explain the {width} columns of the reference wholly, so there is no error to compare.");
        cancellationToken.ThrowIfCancellationRequested();
        var (fitted, held) = Halve(pair);
        var half = PrincipalComponents.Fit(fitted, width, VarianceRatio);
        cancellationToken.ThrowIfCancellationRequested();
        double[] errors = [.. half.GetErrors(held), .. half.GetErrors(y.Values)];
        var statistic = TensorPrimitives.Average<double>(whole.GetErrors(y.Values));
        if (Array.Exists(errors, error => !double.IsFinite(error)))
            return pair.NotComputable("Current rows are too far from the reference to measure.");
        var isCurrent = new bool[errors.Length];
        isCurrent.AsSpan(held.Length / width).Fill(true);
        var area = RankedArea.Compute(errors, isCurrent, [.. Enumerable.Range(0, errors.Length)]);
        double effect = Math.Abs((2 * area.Auc) - 1), chance = Math.Sqrt(area.ChanceVariance);
        var pValue = chance > 0 ? NormalDistribution.TwoSidedTail((area.Auc - 0.5) / chance) : 1;
        var reach = 2 * EffectIntervals.GetQuantile(pair.Options.ConfidenceLevel) * Math.Sqrt(Math.Max(area.Variance, 0.25 / errors.Length / errors.Length));
        var measurement = new DriftMeasurement(
            "mean error", statistic, pValue, effect, 2 * NormalDistribution.UpperQuantile(pair.Options.Significance / 2) * chance,
            new ConfidenceInterval(Math.Max(0, effect - reach), Math.Min(1, effect + reach), pair.Options.ConfidenceLevel));
        return pair.Decide(measurement);
    }

    private (double[] Fitted, double[] Held) Halve(RowComparison pair)
    {
        var rows = pair.Reference;
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        pair.Shuffle()(order);
        double[] Copy(ReadOnlySpan<int> places)
        {
            var values = new double[places.Length * rows.Width];
            for (var i = 0; i < places.Length; i++) rows.Values.AsSpan(places[i] * rows.Width, rows.Width).CopyTo(values.AsSpan(i * rows.Width));
            return values;
        }

        return (Copy(order.AsSpan(0, rows.Count / 2)), Copy(order.AsSpan(rows.Count / 2)));
    }
}
