using System.Numerics.Tensors;

namespace Mlops.Monitoring;

/// <summary>How likely the squared distance between the means of two samples, in any space of features, gets very large when rows are dealt to the samples at random: a bound, for what permutations are too few to tell.</summary>
/// <remarks>
/// <para>The squared distance is ξ′Aξ with the centred labels ξ of the rows and the scalar products A of their centred features. P(ξ′Aξ ≥ r·(tr + 2·‖A‖·√t + 2·‖A‖·t)) ≤ exp(−t), where trace and norm are those of
/// the law of the permutations, and r, at least 1, is by how much labels of which few are of one kind have a heavier tail than normal ones.</para>
/// <para>The norm comes from the variance of the permutations and, as that lacks the products of rows with themselves, from those. The bound is for labels drawn independently; drawn without replacement, as here, they vary less.</para>
/// <para>Sources: D. Hsu, S. Kakade, T. Zhang, "A tail inequality for quadratic forms of subgaussian random vectors", Electronic Communications in Probability 17 (2012); M. Kearns, L. Saul, "Large deviation
/// methods for approximate probabilistic inference" (1998) for r; W. Hoeffding (1963) for draws without replacement.</para>
/// </remarks>
internal sealed class PermutationTail
{
    private readonly double _norm;
    private readonly double _inflation;

    /// <param name="statistics">The squared distance as observed, then those of the permutations.</param>
    /// <param name="ownSquares">The sum of the squares of the diagonal of A: of the squared distances of rows from the mean of all.</param>
    /// <param name="n">The number of reference rows.</param>
    /// <param name="m">The number of current rows.</param>
    public PermutationTail(ReadOnlySpan<double> statistics, double ownSquares, double n, double m)
    {
        var permuted = statistics[1..];
        Mean = TensorPrimitives.Average(permuted);
        double variance = 0;
        foreach (var value in permuted) variance += (value - Mean) * (value - Mean) / permuted.Length;
        _norm = Math.Sqrt((variance / 2) + (ownSquares / (n * m) / (n * m)));
        var imbalance = Math.Abs(n - m) / (n + m);
        _inflation = imbalance < 1e-4 ? 1 : imbalance / (Math.Atanh(imbalance) * (1 - (imbalance * imbalance)));
    }

    /// <summary>Gets the mean of the permutations.</summary>
    public double Mean { get; }

    /// <summary>Bounds the probability of a squared distance at least as large.</summary>
    public double UpperTail(double value)
    {
        var excess = (value / _inflation) - Mean;
        if (!(excess > 0)) return 1;
        if (_norm == 0) return 0;
        var root = (Math.Sqrt(1 + (2 * excess / _norm)) - 1) / 2;
        return Math.Exp(-root * root);
    }

    /// <summary>Gets the squared distance at which the bound has the given value.</summary>
    public double UpperQuantile(double probability)
    {
        var exponent = -Math.Log(probability);
        return _inflation * (Mean + (2 * _norm * (Math.Sqrt(exponent) + exponent)));
    }
}
