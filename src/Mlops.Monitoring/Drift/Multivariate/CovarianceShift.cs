using System.Numerics.Tensors;

namespace Mlops.Monitoring;

/// <summary>Covariance shift: whether columns spread differently, or depend on each other differently, in two samples of rows, wherever their centres lie.</summary>
/// <remarks>
/// <para>Statistic ‖Sₓ − S_y‖²_F, the sum of the squared differences of the covariances (unbiased, so possibly below 0), of columns divided by their standard deviation within
/// the samples, unless <see cref="Scaling"/> says otherwise. The effect is its root divided by ‖S‖_F of both samples together: 0.4 where all columns spread by a factor e^0.2.</para>
/// <para>Each sample is centred by itself; the p-value is by permutation of what remains, (1 + permutations with at least as large a statistic)/(1 + permutations), so it is never 0.
/// The interval of the effect takes the noise from the permutations and holds the true effect at least as often as it says. Rows with a value that is not finite count as missing.</para>
/// <para>Computed from the squared scalar products of rows, so no covariance matrix is made: time O((n+m)²·(width + permutations)), memory 4·(n+m)² bytes, for at most <see cref="MaximumRows"/>
/// rows of each sample: of more, a sample is drawn. The order of rows makes no difference. Thread-safe: stateless; the same rows and seed give the same result.</para>
/// <para>Source: J. Li, S. X. Chen, "Two sample tests for high-dimensional covariance matrices", Annals of Statistics 40(2), 2012.</para>
/// </remarks>
public sealed class CovarianceShift : IRowDriftTest
{
    /// <inheritdoc/>
    public string Name => "covariance-shift";

    /// <inheritdoc/>
    /// <value>0.4: the spread of the columns grows by a fifth (e^0.2).</value>
    public double DefaultMinimumEffect => 0.4;

    /// <summary>Gets how columns are made comparable.</summary>
    /// <value>The default value is <see cref="RowScaling.Standardized"/>.</value>
    public RowScaling Scaling { get; init; } = RowScaling.Standardized;

    /// <summary>Gets the number of permutations; the p-value cannot be below 1/(permutations + 1). Where that is not enough for the significance, 2/significance of them are made, at most 20,000; where these are not either and none has as large a statistic, the p-value is a bound of the tail.</summary>
    /// <value>The default value is 500.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 19.</exception>
    public int Permutations { get; init => field = PermutationTest.RequirePermutations(value); } = 500;

    /// <summary>Gets the largest number of rows of each sample; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 2,000: 64 MB for the products.</value>
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
        if (pair.LeastCount < 4) return pair.NotComputable("A covariance needs at least four rows of each sample.");
        var rows = pair.Pool(Scaling);
        Centre(rows);
        var kernel = PairMatrix.Products(rows, cancellationToken);
        TensorPrimitives.Multiply(kernel.Values, kernel.Values, kernel.Values);
        var discrepancy = KernelDiscrepancy.Compute(kernel, rows.ReferenceCount, PermutationTest.GetCount(Permutations, pair.Options), pair.Shuffle(), cancellationToken);
        double total = kernel.GetRowSums().Sum(), own = kernel.GetDiagonal().Sum(), pairs = kernel.Count * (kernel.Count - 1.0);
        var size = Math.Sqrt(total > own ? (total - own) / pairs : total / ((double)kernel.Count * kernel.Count));
        if (size == 0) return pair.NotComputable("No column varies in either sample.");
        var effect = Math.Sqrt(Math.Max(0, discrepancy.Unbiased[0])) / size;
        var measurement = new DriftMeasurement(
            "‖Sₓ − S_y‖²", discrepancy.Unbiased[0] * Math.Pow(rows.Unit, 4), discrepancy.GetPValue(pair.Options.Significance), effect,
            Math.Sqrt(Math.Max(0, discrepancy.GetCritical(pair.Options.Significance))) / size,
            PermutationTest.GetInterval(discrepancy.GetLengths(), size, effect, pair.Options.ConfidenceLevel));
        return pair.Decide(measurement);
    }

    /// <summary>Takes the mean of each sample from its rows, stretches them by as much as that shrinks them, and divides columns by what their spread is then.</summary>
    private void Centre(PooledRows rows)
    {
        var (width, n) = (rows.Width, rows.ReferenceCount);
        for (var k = 0; k < width; k++)
        {
            double squares = 0;
            foreach (var (start, end) in new[] { (0, n), (n, rows.Count) })
            {
                double sum = 0;
                for (var row = start; row < end; row++) sum += rows.Values[(row * width) + k];
                double mean = sum / (end - start), stretch = Math.Sqrt((end - start) / (end - start - 1.0));
                for (var row = start; row < end; row++)
                {
                    ref var value = ref rows.Values[(row * width) + k];
                    value = (value - mean) * stretch;
                    // What is left of a constant column is rounding.
                    if (Math.Abs(value) < 1e-12 * Math.Abs(mean)) value = 0;
                    squares += value * value;
                }
            }

            if (Scaling == RowScaling.None || squares == 0) continue;
            var deviation = Math.Sqrt(squares / rows.Count);
            for (var row = 0; row < rows.Count; row++) rows.Values[(row * width) + k] /= deviation;
        }
    }
}
