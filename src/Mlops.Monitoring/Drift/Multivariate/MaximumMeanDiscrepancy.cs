using System.Numerics.Tensors;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Maximum mean discrepancy: the distance between two samples of rows under a Gaussian kernel, which finds any difference between their distributions.</summary>
/// <remarks>
/// <para>Statistic MMD² = Σᵢ≠ⱼ k(xᵢ,xⱼ)/(n(n−1)) + Σᵢ≠ⱼ k(yᵢ,yⱼ)/(m(m−1)) − 2·Σ k(xᵢ,yⱼ)/(nm), unbiased and thus possibly below 0, with k = exp(−d²/2σ²);
/// unless given, σ² is half the median of the squared distances of all pairs of rows (of both samples), or 0.5 where that is 0. The effect is MMD, the root of the
/// statistic where it is above 0: 0 to √2. Rows with a value that is not finite count as missing.</para>
/// <para>The p-value is by permutation, (1 + permutations with at least as large a statistic)/(1 + permutations), so it is never 0; of <see cref="MmdEstimator.Linear"/> by the signs of its terms, which rows that change places turn round, and by the normal law of more than 1,024 terms.
/// The interval of the effect is that of the estimate with a noise as long as the permutations show, which holds the true one at least as often as it says.</para>
/// <para>Time O((n+m)²·(width + permutations)), memory 4·(n+m)² bytes, for at most <see cref="MaximumRows"/> rows of each sample: of more, a sample is drawn. The linear estimator
/// takes time O((n+m)·width) and all rows. The order of rows makes no difference. Thread-safe: stateless; the same rows and seed give the same result.</para>
/// <para>Source: A. Gretton, K. Borgwardt, M. Rasch, B. Schölkopf, A. Smola, "A kernel two-sample test", Journal of Machine Learning Research 13, 2012.</para>
/// </remarks>
/// <example><code>var result = new MaximumMeanDiscrepancy { Scaling = RowScaling.None }.Test(new RowSet(training, 384), new RowSet(live, 384));</code></example>
public sealed class MaximumMeanDiscrepancy : IRowDriftTest
{
    private const string Symbol = "MMD²";

    /// <summary>By how much sums of four values of the kernel, each at most 1, may differ by rounding.</summary>
    private const double Rounding = 1e-14;

    /// <inheritdoc/>
    public string Name => "maximum-mean-discrepancy";

    /// <inheritdoc/>
    /// <value>0.08: one normal column that moves by a fifth of its standard deviation.</value>
    public double DefaultMinimumEffect => 0.08;

    /// <summary>Gets how the discrepancy is estimated.</summary>
    /// <value>The default value is <see cref="MmdEstimator.Quadratic"/>.</value>
    public MmdEstimator Estimator { get; init; } = MmdEstimator.Quadratic;

    /// <summary>Gets how columns are made comparable.</summary>
    /// <value>The default value is <see cref="RowScaling.Standardized"/>.</value>
    public RowScaling Scaling { get; init; } = RowScaling.Standardized;

    /// <summary>Gets σ, the width of the kernel, in the unit of the scaled columns.</summary>
    /// <value>The default value is <see langword="null"/>: by the median of the distances.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or not finite.</exception>
    public double? Bandwidth
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The width of the kernel is above 0 and finite.");
    }

    /// <summary>Gets the number of permutations; the p-value cannot be below 1/(permutations + 1). Where that is not enough for the significance, 2/significance of them are made, at most 20,000; where these are not either and none has as large a statistic, the p-value is a bound of the tail.</summary>
    /// <value>The default value is 500.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 19.</exception>
    public int Permutations { get; init => field = PermutationTest.RequirePermutations(value); } = 500;

    /// <summary>Gets the largest number of rows of each sample from which all pairs are taken; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 2,000: 64 MB for the kernel.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumRows { get; init => field = PermutationTest.RequireRows(value); } = 2000;

    /// <summary>Gets the seed of the permutations and of the drawing of rows.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(RowSet reference, RowSet current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
        => RowComparison.Compare(this, reference, current, options, Estimator == MmdEstimator.Linear ? int.MaxValue : MaximumRows, Seed, pair => Compare(pair, cancellationToken));

    /// <summary>Gets the kernel width by the median, in the unit of the rows.</summary>
    internal static double GetBandwidth(PairMatrix squaredDistances)
    {
        var median = squaredDistances.GetMedianOfPairs();
        return Math.Sqrt(0.5 * (median > 0 ? median : 1));
    }

    internal static void MakeKernel(PairMatrix squaredDistances, double bandwidth)
    {
        TensorPrimitives.Multiply(squaredDistances.Values, -0.5 / (bandwidth * bandwidth), squaredDistances.Values);
        for (var row = 0; row < squaredDistances.Count; row++) TensorPrimitives.Exp(squaredDistances.Row(row), squaredDistances.Row(row));
    }

    internal static KernelDiscrepancy Compute(PooledRows rows, double? bandwidth, int permutations, Action<int[]> shuffle, CancellationToken cancellationToken)
    {
        var kernel = PairMatrix.SquaredDistances(rows, cancellationToken);
        MakeKernel(kernel, bandwidth ?? GetBandwidth(kernel));
        return KernelDiscrepancy.Compute(kernel, rows.ReferenceCount, permutations, shuffle, cancellationToken);
    }

    private DriftResult Compare(RowComparison pair, CancellationToken cancellationToken)
    {
        if (pair.LeastCount < (Estimator == MmdEstimator.Linear ? 4 : 2))
            return pair.NotComputable("There are no pairs of rows to compare.");
        var rows = pair.Pool(Scaling);
        return pair.Decide(Estimator == MmdEstimator.Linear ? MeasureLinear(rows, pair, cancellationToken) : Measure(rows, pair, cancellationToken));
    }

    private DriftMeasurement Measure(PooledRows rows, RowComparison pair, CancellationToken cancellationToken)
    {
        var discrepancy = Compute(rows, Bandwidth / rows.Unit, PermutationTest.GetCount(Permutations, pair.Options), pair.Shuffle(), cancellationToken);
        var effect = Math.Sqrt(Math.Max(0, discrepancy.Unbiased[0]));
        return new DriftMeasurement(
            Symbol, discrepancy.Unbiased[0], discrepancy.GetPValue(pair.Options.Significance), effect,
            Math.Sqrt(Math.Max(0, discrepancy.GetCritical(pair.Options.Significance))),
            PermutationTest.GetInterval(discrepancy.GetLengths(), 1, effect, pair.Options.ConfidenceLevel));
    }

    /// <summary>Mean of h = k(x₁,x₂) + k(y₁,y₂) − k(x₁,y₂) − k(x₂,y₁) over disjoint pairs.</summary>
    private DriftMeasurement MeasureLinear(PooledRows rows, RowComparison pair, CancellationToken cancellationToken)
    {
        var pairs = Math.Min(rows.ReferenceCount, rows.CurrentCount) / 2;
        // Rows are in order, so pairs are drawn.
        int[] x = [.. Enumerable.Range(0, rows.ReferenceCount)], y = [.. Enumerable.Range(rows.ReferenceCount, rows.CurrentCount)];
        var shuffle = pair.Shuffle();
        shuffle(x);
        shuffle(y);
        var width = Bandwidth / rows.Unit ?? GetBandwidth(x, y, rows, cancellationToken);
        var terms = new double[pairs];
        for (var i = 0; i < pairs; i++)
        {
            if (i % 4096 == 0) cancellationToken.ThrowIfCancellationRequested();
            var (x1, x2, y1, y2) = (x[2 * i], x[(2 * i) + 1], y[2 * i], y[(2 * i) + 1]);
            var term = Kernel(x1, x2) + Kernel(y1, y2) - Kernel(x1, y2) - Kernel(x2, y1);
            // The rounding of terms that cancel always has the same sign, and would be drift.
            terms[i] = Math.Abs(term) < Rounding ? 0 : term;
        }

        var mean = TensorPrimitives.Average<double>(terms);
        var variance = terms.Sum(term => (term - mean) * (term - mean)) / Math.Max(1, pairs - 1);
        var error = Math.Sqrt(variance / pairs);
        // Without drift, a row may change places with one of the other sample, which changes the sign of a term.
        var (pValue, critical) = SignFlips.Compare(terms, PermutationTest.GetCount(Permutations, pair.Options), pair.GetSeed(3), pair.Options.Significance);
        var reach = EffectIntervals.GetQuantile(pair.Options.ConfidenceLevel) * error;
        var effect = Math.Sqrt(Math.Max(0, mean));
        return new DriftMeasurement(
            Symbol, mean, pValue, effect, Math.Sqrt(Math.Max(0, critical / pairs)),
            new ConfidenceInterval(Math.Sqrt(Math.Max(0, mean - reach)), Math.Sqrt(Math.Max(0, mean + reach)), pair.Options.ConfidenceLevel));

        double Kernel(int first, int second)
        {
            double sum = 0;
            var a = rows.Values.AsSpan(first * rows.Width, rows.Width);
            var b = rows.Values.AsSpan(second * rows.Width, rows.Width);
            for (var k = 0; k < a.Length; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
            return Math.Exp(-sum / (2 * width * width));
        }
    }

    /// <summary>By the median of the distances of some rows: all pairs would not be linear.</summary>
    private static double GetBandwidth(int[] x, int[] y, PooledRows rows, CancellationToken cancellationToken)
    {
        const int Most = 500;
        double[] Copy(int[] places) => [.. places.Take(Most).SelectMany(row => rows.Values[(row * rows.Width)..((row + 1) * rows.Width)])];
        var some = PooledRows.Create(PresentRows.FromOrdered(Copy(x), rows.Width), PresentRows.FromOrdered(Copy(y), rows.Width), RowScaling.None);
        return GetBandwidth(PairMatrix.SquaredDistances(some, cancellationToken));
    }
}
