using System.Numerics.Tensors;

namespace Mlops.Monitoring;

/// <summary>Covariance shift: whether columns spread differently, or depend on each other differently, in two samples of rows, wherever their centres lie.</summary>
/// <remarks>
/// <para>Statistic ‖Sₓ − S_y‖²_F, the sum of the squared differences of the covariances (unbiased, so possibly below 0), of columns divided by their standard deviation within
/// the samples, unless <see cref="Scaling"/> says otherwise. The effect is its root divided by ‖S‖_F of both samples together: 0.4 where all columns spread by a factor e^0.2.</para>
/// <para>The rows of each sample are dealt at random to blocks of equal size, and each block is centred by itself, so that no centre of a sample has to be estimated: with few rows for many columns, the error of that
/// would be taken for a change. Without a change of the distribution other than of its centre, blocks of both samples are exchangeable, so the p-value by permutation of blocks, (1 + permutations with at least as
/// large a statistic)/(1 + permutations), holds for any number of rows and columns and any distribution; it is never 0. There are at least ten blocks of each sample, √rows of many, of at least two rows; rows that fill no block are
/// left out. Where blocks are too few for the significance, there is not enough data. The interval of the effect takes the noise from the permutations and holds the true effect at least as often as it says.
/// Rows with a value that is not finite count as missing.</para>
/// <para>Computed from the squared scalar products of rows, so no covariance matrix is made: time O((n+m)²·width + blocks²·permutations), memory 4·(n+m)² bytes, for at most <see cref="MaximumRows"/>
/// rows of each sample: of more, a sample is drawn. The order of rows makes no difference. Thread-safe: stateless; the same rows and seed give the same result.</para>
/// <para>Source: J. Li, S. X. Chen, "Two sample tests for high-dimensional covariance matrices", Annals of Statistics 40(2), 2012, for the statistic.</para>
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
        var significance = pair.Options.Significance;
        if (pair.LeastCount < 4 || !CanReach(pair.Reference.Count / 2, pair.Current.Count / 2, significance))
        {
            var needed = 4;
            while (!CanReach(needed / 2, needed / 2, significance)) needed += 2;
            return pair.NotEnough($"{needed} of each are needed to tell covariances apart at a significance of {DriftFigures.Format(significance)}");
        }

        var size = GetBlockSize(pair.LeastCount, significance);
        var rows = pair.Pool(Scaling).CentreBlocks(size, LabelBlocks.Shuffle(pair.GetSeed(3)));
        if (Scaling == RowScaling.Standardized) Standardize(rows);
        var products = PairMatrix.Products(rows, cancellationToken);
        TensorPrimitives.Multiply(products.Values, products.Values, products.Values);
        var kernel = products.SumBlocks(size);
        // The covariance of a block is the sum over its rows by so many degrees of freedom.
        TensorPrimitives.Divide(kernel.Values, (size - 1.0) * (size - 1.0), kernel.Values);
        var discrepancy = KernelDiscrepancy.Compute(kernel, rows.ReferenceCount / size, PermutationTest.GetCount(Permutations, pair.Options), pair.Shuffle(), cancellationToken);
        double total = kernel.GetRowSums().Sum(), own = kernel.GetDiagonal().Sum(), pairs = kernel.Count * (kernel.Count - 1.0);
        var length = Math.Sqrt(total > own ? (total - own) / pairs : total / ((double)kernel.Count * kernel.Count));
        if (length == 0) return pair.NotComputable("No column varies in either sample.");
        var effect = Math.Sqrt(Math.Max(0, discrepancy.Unbiased[0])) / length;
        var measurement = new DriftMeasurement(
            "‖Sₓ − S_y‖²", discrepancy.Unbiased[0] * Math.Pow(rows.Unit, 4), discrepancy.GetPValue(significance), effect,
            Math.Sqrt(Math.Max(0, discrepancy.GetCritical(significance))) / length,
            PermutationTest.GetInterval(discrepancy.GetLengths(), length, effect, pair.Options.ConfidenceLevel));
        return pair.Decide(measurement);
    }

    /// <summary>Tells whether the ways to deal blocks to the samples are so many that a p-value can be below the significance; swapped samples of the same size are the same.</summary>
    private static bool CanReach(int referenceBlocks, int currentBlocks, double significance)
    {
        var ways = referenceBlocks == currentBlocks ? 0.5 : 1;
        for (var i = 1; i <= Math.Min(referenceBlocks, currentBlocks) && ways * significance < 1; i++) ways *= (double)(referenceBlocks + currentBlocks - i + 1) / i;
        return ways * significance >= 1;
    }

    /// <summary>Gets the number of rows of a block: the more rows, the fewer degrees of freedom go to centres; the more blocks, the better permutations tell the noise.</summary>
    private static int GetBlockSize(int count, double significance)
    {
        const int FewestBlocks = 10;
        var blocks = Math.Max(Math.Max(FewestBlocks, Math.Sqrt(count)), -2 * Math.Log(significance));
        return Math.Max(2, (int)(count / blocks));
    }

    /// <summary>Divides columns by their spread within the blocks.</summary>
    private static void Standardize(PooledRows rows)
    {
        var width = rows.Width;
        var squares = new double[width];
        for (var i = 0; i < rows.Values.Length; i++) squares[i % width] += rows.Values[i] * rows.Values[i];
        double[] factors = Array.ConvertAll(squares, square => square == 0 ? 1 : 1 / Math.Sqrt(square / rows.Count));
        for (var start = 0; start < rows.Values.Length; start += width)
        {
            var row = rows.Values.AsSpan(start, width);
            TensorPrimitives.Multiply(row, factors, row);
        }
    }
}
