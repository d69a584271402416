using MathNet.Numerics.LinearAlgebra;

namespace Mlops.Monitoring;

/// <summary>Least-squares density difference: the squared difference of the densities of two samples of rows, integrated.</summary>
/// <remarks>
/// <para>Statistic L = 2h'θ − θ'Hθ ≥ 0 with θ = (H + λI)⁻¹h, Hᵢⱼ = (πσ²)^(width/2)·exp(−|cᵢ−cⱼ|²/4σ²) over the centres c, and hᵢ the difference of the means of exp(−|x−cᵢ|²/2σ²)
/// over the two samples; σ by the median of the distances. Unit: one over the volume of the scaled columns. The effect is the root of the share of L, less its mean over
/// the permutations, in what L is for the two densities each by itself: 0 for equal ones, about 1 for those that do not meet.</para>
/// <para>Unless given, λ is the largest of 4⁻ⁱ·(πσ²)^(width/2), i = 0..9, for which 1 − θ'Hθ/h'θ is below 0.2, chosen for the rows as they are and for each permutation by itself.
/// The p-value is by permutation, (1 + permutations with at least as large a statistic)/(1 + permutations), so it is never 0. There is no interval: the penalty shrinks the
/// estimate by an unknown share. Rows with a value that is not finite count as missing.</para>
/// <para>Time O(C³ + (n+m)·C·(width + permutations)) for C centres, memory 8·(n+m)·C bytes plus 24·C², for at most <see cref="MaximumRows"/> rows of each sample: of more, a sample is drawn. The order of
/// rows makes no difference. Thread-safe: stateless; the same rows and seed give the same result.</para>
/// <para>Source: M. Sugiyama et al., "Density-difference estimation", Neural Computation 25(10), 2013; L. Bu, C. Alippi, D. Zhao, "A pdf-free change detection test based on density
/// difference estimation", IEEE TNNLS 29(2), 2018, for the choice of λ.</para>
/// </remarks>
public sealed class LeastSquaresDensityDifference : IRowDriftTest
{
    private const double LargestLoss = 0.2;

    /// <inheritdoc/>
    public string Name => "least-squares-density-difference";

    /// <inheritdoc/>
    /// <value>0.1: one normal column that moves by a fifth of its standard deviation.</value>
    public double DefaultMinimumEffect => 0.1;

    /// <summary>Gets how columns are made comparable.</summary>
    /// <value>The default value is <see cref="RowScaling.Standardized"/>.</value>
    public RowScaling Scaling { get; init; } = RowScaling.Standardized;

    /// <summary>Gets λ, the penalty.</summary>
    /// <value>The default value is <see langword="null"/>: chosen by the data.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or not finite.</exception>
    public double? Penalty
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The penalty is above 0 and finite.");
    }

    /// <summary>Gets the largest number of centres; of more rows, so many are drawn with the seed.</summary>
    /// <value>The default value is 200.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumCentres { get; init => field = PermutationTest.RequireRows(value); } = 200;

    /// <summary>Gets the number of permutations; the p-value cannot be below 1/(permutations + 1). Where that is not enough for the significance, 2/significance of them are made, at most 20,000. No bound of the tail
    /// takes their place: at a significance below 1/20,001, as a test among more than a thousand has it, drift cannot be found unless this is set higher.</summary>
    /// <value>The default value is 200.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 19.</exception>
    public int Permutations { get; init => field = PermutationTest.RequirePermutations(value); } = 200;

    /// <summary>Gets the largest number of rows of each sample; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 2,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumRows { get; init => field = PermutationTest.RequireRows(value); } = 2000;

    /// <summary>Gets the seed of the permutations and of the drawing of rows.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(RowSet reference, RowSet current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
        => RowComparison.Compare(this, reference, current, options, MaximumRows, Seed, pair => Compare(pair, cancellationToken));

    /// <summary>Gets the squared distances of all rows from the centres, shape (rows × centres).</summary>
    internal static double[] GetSquaredDistances(PooledRows rows, int[] centres, out double bandwidth, CancellationToken cancellationToken)
    {
        var pairs = PairMatrix.SquaredDistances(rows, cancellationToken);
        bandwidth = MaximumMeanDiscrepancy.GetBandwidth(pairs);
        var result = new double[rows.Count * centres.Length];
        for (var row = 0; row < rows.Count; row++)
        {
            for (var c = 0; c < centres.Length; c++)
                result[(row * centres.Length) + c] = pairs.Values[PairMatrix.Start(Math.Max(row, centres[c])) + Math.Min(row, centres[c])];
        }

        return result;
    }

    /// <summary>The densities as sums of bells around centres, in the coordinates in which H is diagonal.</summary>
    internal sealed class Model
    {
        private readonly int _centres;
        private readonly double[] _bells;
        private readonly double[] _eigenvalues;
        private readonly double? _penalty;
        private readonly double _unit;

        /// <param name="squares">The squared distances of rows from centres, shape (rows × centres).</param>
        /// <param name="centres">The rows that are centres.</param>
        /// <param name="width">The number of columns.</param>
        /// <param name="bandwidth">σ.</param>
        /// <param name="unit">What a length of 1 is in the unit of the data.</param>
        /// <param name="penalty">λ, or <see langword="null"/> to choose it.</param>
        public Model(double[] squares, int[] centres, int width, double bandwidth, double unit, double? penalty)
        {
            (_centres, _penalty, _unit) = (centres.Length, penalty, Math.Pow(unit, width));
            Volume = Math.Pow(Math.PI * bandwidth * bandwidth, width / 2.0);
            var overlap = Matrix<double>.Build.Dense(_centres, _centres, (i, j) => Math.Exp(-squares[(centres[i] * _centres) + j] / (4 * bandwidth * bandwidth)));
            var decomposition = overlap.Evd(Symmetricity.Symmetric);
            // H is positive semi-definite; rounding may not make it less.
            _eigenvalues = [.. decomposition.EigenValues.Select(value => Math.Max(0, value.Real))];
            var bells = Matrix<double>.Build.Dense(squares.Length / _centres, _centres, (i, j) => Math.Exp(-squares[(i * _centres) + j] / (2 * bandwidth * bandwidth)));
            _bells = bells.Multiply(decomposition.EigenVectors).ToRowMajorArray();
        }

        /// <summary>Gets (πσ²)^(width/2), the diagonal of H; H here is divided by it.</summary>
        public double Volume { get; }

        /// <summary>Computes L for the rows as they were, and for each permutation.</summary>
        /// <param name="referenceCount">The number of rows of the reference.</param>
        /// <param name="permutations">The number of permutations.</param>
        /// <param name="shuffle">What shuffles rows.</param>
        /// <param name="observed">The parts of L for the rows as they were.</param>
        /// <param name="separate">The sum of L of each density by itself.</param>
        /// <param name="cancellationToken">Cancels the computation.</param>
        public double[] Measure(int referenceCount, int permutations, Action<int[]> shuffle, out (double Total, double Linear, double Square) observed, out double separate, CancellationToken cancellationToken)
        {
            var rows = _bells.Length / _centres;
            double n = referenceCount, m = rows - referenceCount;
            var labels = new LabelBlocks(referenceCount, rows - referenceCount, permutations, shuffle);
            var totals = new double[_centres];
            for (var i = 0; i < _bells.Length; i++) totals[i % _centres] += _bells[i];
            double[] sums = new double[_centres * LabelBlocks.Width], difference = new double[_centres], statistics = new double[labels.Total];
            (observed, separate) = (default, 0);
            while (labels.MoveNext(cancellationToken))
            {
                labels.SumRows(_bells, _centres, sums);
                for (var i = 0; i < labels.Count; i++)
                {
                    for (var c = 0; c < _centres; c++)
                    {
                        var sum = sums[(c * LabelBlocks.Width) + i];
                        difference[c] = (sum / n) - ((totals[c] - sum) / m);
                    }

                    var parts = Integrate(difference);
                    statistics[labels.First + i] = parts.Total;
                    if (labels.First + i > 0) continue;
                    observed = parts;
                    for (var c = 0; c < _centres; c++) difference[c] = sums[c * LabelBlocks.Width] / n;
                    separate = Integrate(difference).Total;
                    for (var c = 0; c < _centres; c++) difference[c] = (totals[c] - sums[c * LabelBlocks.Width]) / m;
                    separate += Integrate(difference).Total;
                }
            }

            return statistics;
        }

        /// <summary>Computes 2h'θ − θ'Hθ, h'θ and θ'Hθ.</summary>
        /// <param name="difference">h, in the coordinates in which H is diagonal.</param>
        private (double Total, double Linear, double Square) Integrate(ReadOnlySpan<double> difference)
        {
            for (var step = 0; ; step++)
            {
                // λ as a share of the volume.
                var penalty = _penalty / Volume / _unit ?? Math.ScaleB(1, -2 * step);
                var (linear, square) = (0.0, 0.0);
                for (var c = 0; c < difference.Length; c++)
                {
                    var weight = difference[c] / (_eigenvalues[c] + penalty);
                    linear += difference[c] * weight;
                    square += _eigenvalues[c] * weight * weight;
                }

                if (_penalty is not null || step == 9 || 1 - (square / linear) < LargestLoss || linear == 0)
                    return (((2 * linear) - square) / Volume / _unit, linear / Volume / _unit, square / Volume / _unit);
            }
        }
    }

    private DriftResult Compare(RowComparison pair, CancellationToken cancellationToken)
    {
        if (pair.LeastCount < 2) return pair.NotComputable("There are no pairs of rows to compare.");
        var rows = pair.Pool(Scaling);
        var centres = PresentRows.Sample([.. Enumerable.Range(0, rows.Count)], MaximumCentres, pair.GetSeed(3));
        var squares = GetSquaredDistances(rows, centres, out var bandwidth, cancellationToken);
        var model = new Model(squares, centres, rows.Width, bandwidth, rows.Unit, Penalty);
        var statistics = model.Measure(rows.ReferenceCount, PermutationTest.GetCount(Permutations, pair.Options), pair.Shuffle(), out _, out var separate, cancellationToken);
        if (!double.IsFinite(statistics[0]) || !double.IsFinite(model.Volume) || model.Volume == 0)
            return pair.NotComputable($"With {rows.Width} columns of this scale, densities are beyond the range of numbers; the maximum mean discrepancy can compare them.");
        var chance = statistics.AsSpan(1).ToArray().Average();
        double ToEffect(double statistic) => separate > 0 ? Math.Sqrt(Math.Max(0, statistic - chance) / separate) : 0;
        var measurement = new DriftMeasurement(
            "L", statistics[0], PermutationTest.GetPValue(statistics, 1e-12 * separate), ToEffect(statistics[0]),
            ToEffect(PermutationTest.GetCritical(statistics, 1e-12 * separate, pair.Options.Significance)), null);
        return pair.Decide(measurement);
    }
}
