using System.Numerics.Tensors;
using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Mean shift: whether the centres of two samples of rows, such as embeddings, lie apart.</summary>
/// <remarks>
/// <para>Statistic ‖x̄ − ȳ‖, the Euclidean distance of the means, in the unit of the scaled columns. The effect is the root mean square over the columns of the difference
/// of the means in standard deviations (within the samples), less what chance adds to it: for one column, Cohen's d. Columns that are constant within both samples and differ
/// count with their standard deviation over both, and no column counts with more than ten, so that one that hardly varies does not drown the others.</para>
/// <para>On rows, the p-value is by permutation, (1 + permutations with at least as large a statistic)/(1 + permutations), so it is never 0, and holds however the columns depend on each other.
/// The interval of the effect takes the noise from the permutations and holds the true effect at least as often as it says.</para>
/// <para>On profiles, which keep means and variances but no dependence, the p-value is the least of Welch's tests of the columns times their number (Bonferroni), the statistic the largest |t|.</para>
/// <para>Time O((n+m)·width·permutations), memory 8·(n+m)·width bytes, for at most <see cref="MaximumRows"/> rows of each sample: of more, a sample is drawn. The order of rows makes no difference.
/// Thread-safe: stateless; the same rows and seed give the same result.</para>
/// <para>Source: H. Hotelling (1931) for the question; Z. Bai, H. Saranadasa, "Effect of high dimension", Statistica Sinica 6, 1996, for the distance without the inverse of a covariance
/// that few rows do not determine.</para>
/// </remarks>
public sealed class MeanShift : IRowDriftTest, IVectorProfileDriftTest
{
    /// <summary>The square of the largest difference of the means, in standard deviations, that a column counts with.</summary>
    private const double LargestSquare = 100;

    /// <inheritdoc/>
    public string Name => "mean-shift";

    /// <inheritdoc/>
    /// <value>0.2: all columns move by a fifth of their standard deviation.</value>
    public double DefaultMinimumEffect => 0.2;

    /// <summary>Gets the number of permutations; the p-value cannot be below 1/(permutations + 1). Where that is not enough for the significance, 2/significance of them are made, at most 20,000; where these are not either and none has as large a statistic, the p-value is a bound of the tail.</summary>
    /// <value>The default value is 500.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 19.</exception>
    public int Permutations { get; init => field = PermutationTest.RequirePermutations(value); } = 500;

    /// <summary>Gets how columns are made comparable.</summary>
    /// <value>The default value is <see cref="RowScaling.Standardized"/>.</value>
    public RowScaling Scaling { get; init; } = RowScaling.Standardized;

    /// <summary>Gets the largest number of rows of each sample; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 5,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumRows { get; init => field = PermutationTest.RequireRows(value); } = 5000;

    /// <summary>Gets the seed of the permutations and of the drawing of rows.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(RowSet reference, RowSet current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
        => RowComparison.Compare(this, reference, current, options, MaximumRows, Seed, pair => Compare(pair, cancellationToken));

    /// <inheritdoc/>
    public DriftResult Test(VectorProfile reference, VectorProfile current, DriftTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options = (options ?? DriftTestOptions.Default).Validate();
        if (reference.Width != current.Width)
            throw new ArgumentException($"The vectors of '{reference.Name}' have {reference.Width} elements, those of '{current.Name}' {current.Width}; give both the same.", nameof(current));
        long n = reference.RowCount - reference.MissingCount, m = current.RowCount - current.MissingCount;
        if (DriftDecision.FindShortage(this, n, m, options) is { } shortage) return shortage;
        if (Math.Min(n, m) < 2) return DriftDecision.NotComputable(this, n, m, "One row has no variance to measure a shift by.");
        double largest = 0, pValue = 1, length = 0, noise = 0;
        var columns = 0;
        for (var k = 0; k < reference.Width; k++)
        {
            // Divided first, so that squares do not overflow.
            var scale = Math.Max(Math.Sqrt(reference.GetVariance(k)), Math.Sqrt(current.GetVariance(k)));
            var difference = reference.Means[k] - current.Means[k];
            if (!double.IsFinite(scale) || !double.IsFinite(difference))
                return DriftDecision.NotComputable(this, n, m, $"Element {k} of '{reference.Name}' has no finite mean and variance.");
            if (scale == 0) scale = Math.Abs(difference) / 2;
            if (scale == 0) continue;
            double first = reference.GetVariance(k) / scale / scale * n / (n - 1), second = current.GetVariance(k) / scale / scale * m / (m - 1);
            var error = Math.Max((first / n) + (second / m), 1e-300);
            var t = Math.Abs(difference / scale) / Math.Sqrt(error);
            var freedom = error * error / Math.Max((first * first / n / n / (n - 1)) + (second * second / m / m / (m - 1)), 1e-300);
            largest = Math.Max(largest, t);
            pValue = Math.Min(pValue, StudentDistribution.TwoSidedTail(t, Math.Clamp(freedom, Math.Min(n, m) - 1, n + m - 2)));
            var within = ((first * (n - 1)) + (second * (m - 1))) / (n + m - 2);
            if (within == 0) within = 1;
            columns++;
            length += Math.Min(LargestSquare, difference / scale * (difference / scale) / within);
            noise += error / within;
        }

        if (columns == 0) return DriftDecision.Decide(this, new DriftMeasurement("t", 0, 1, 0, null, null), n, m, options);
        var effect = Math.Sqrt(Math.Max(0, (length - noise) / columns));
        return DriftDecision.Decide(this, new DriftMeasurement("t", Math.Min(largest, 1e150), Math.Min(1, pValue * columns), effect, null, null), n, m, options);
    }

    private DriftResult Compare(RowComparison pair, CancellationToken cancellationToken)
    {
        if (pair.LeastCount < 2) return pair.NotComputable("One row has no variance to measure a shift by.");
        var rows = pair.Pool(Scaling);
        var (width, n, m) = (rows.Width, (double)rows.ReferenceCount, (double)rows.CurrentCount);
        var totals = new double[width];
        for (var i = 0; i < rows.Values.Length; i++) totals[i % width] += rows.Values[i];
        var labels = new LabelBlocks(rows.ReferenceCount, rows.CurrentCount, PermutationTest.GetCount(Permutations, pair.Options), pair.Shuffle());
        double[] sums = new double[width * LabelBlocks.Width], squares = new double[labels.Total], referenceMeans = new double[width];
        while (labels.MoveNext(cancellationToken))
        {
            labels.SumRows(rows.Values, width, sums);
            for (var k = 0; k < width; k++)
            {
                for (var i = 0; i < labels.Count; i++)
                {
                    var sum = sums[(k * LabelBlocks.Width) + i];
                    var difference = (sum / n) - ((totals[k] - sum) / m);
                    squares[labels.First + i] += difference * difference;
                }

                if (labels.First == 0) referenceMeans[k] = sums[k * LabelBlocks.Width] / n;
            }
        }

        double[] currentMeans = [.. totals.Select((total, k) => (total - (referenceMeans[k] * n)) / m)];
        var (length, noise, columns) = MeasureEffect(rows, referenceMeans, currentMeans);
        var effect = columns == 0 ? 0 : Math.Sqrt(Math.Max(0, (length - noise) / columns));
        double mean = squares.AsSpan(1).ToArray().Average(), largest = squares.Max();
        // How much longer than usual the noise may be; its usual length in the effect's own scale is known.
        double Stretch(double share) => mean > 0 ? PermutationTest.GetUpperQuantile(squares, share) / mean : 1;
        var significance = pair.Options.Significance;
        var tail = new PermutationTail(squares, GetOwnSquares(rows, totals), n, m);
        double tolerance = 1e-12 * largest, critical = mean == 0 ? 1
            : (PermutationTest.CanReach(squares.Length - 1, significance) ? PermutationTest.GetCritical(squares, tolerance, significance) : tail.UpperQuantile(significance)) / mean;
        var reach = Math.Sqrt(noise * Stretch(1 - pair.Options.ConfidenceLevel));
        var root = Math.Sqrt(Math.Max(1, columns));
        var measurement = new DriftMeasurement(
            "‖x̄ − ȳ‖", Math.Sqrt(squares[0]) * rows.Unit, PermutationTest.GetPValue(squares, tolerance, significance, tail.UpperTail(squares[0])), effect,
            Math.Sqrt(Math.Max(0, noise * (critical - 1))) / root,
            new ConfidenceInterval(Math.Min(effect, Math.Max(0, Math.Sqrt(length) - reach) / root), Math.Max(effect, (Math.Sqrt(length) + reach) / root), pair.Options.ConfidenceLevel));
        return pair.Decide(measurement);
    }

    /// <summary>Sums the squares of the squared distances of rows from the mean of all.</summary>
    private static double GetOwnSquares(PooledRows rows, double[] totals)
    {
        var means = Array.ConvertAll(totals, total => total / rows.Count);
        double sum = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            var distance = TensorPrimitives.Distance<double>(rows.Values.AsSpan(row * rows.Width, rows.Width), means);
            sum += distance * distance * distance * distance;
        }

        return sum;
    }

    /// <summary>Measures the squared length of the shift in standard deviations, what chance adds to it, and the number of columns that vary.</summary>
    private static (double Length, double Noise, int Columns) MeasureEffect(PooledRows rows, double[] referenceMeans, double[] currentMeans)
    {
        var (width, n, m) = (rows.Width, rows.ReferenceCount, rows.CurrentCount);
        var within = new double[width];
        for (var i = 0; i < rows.Values.Length; i++)
        {
            var k = i % width;
            var residual = rows.Values[i] - (i / width < n ? referenceMeans[k] : currentMeans[k]);
            within[k] += residual * residual;
        }

        var (length, noise, columns) = (0.0, 0.0, 0);
        for (var k = 0; k < width; k++)
        {
            var difference = referenceMeans[k] - currentMeans[k];
            var between = difference * difference * n * m / (n + m);
            if (within[k] + between == 0) continue;
            columns++;
            var isVarying = within[k] > 1e-20 * between;
            length += Math.Min(LargestSquare, difference * difference / (isVarying ? within[k] / (n + m - 2) : (within[k] + between) / (n + m)));
            if (isVarying) noise += (1.0 / n) + (1.0 / m);
        }

        return (length, noise, columns);
    }
}
