namespace Mlops.Monitoring;

/// <summary>Wasserstein distance of order 1: how far values would have to move, on average, to turn one sample into the other.</summary>
/// <remarks>
/// <para>Statistic W = ∫ |F − G|, in the unit of the values; the effect is W divided by the population standard deviation of the reference (not computable
/// when that is 0). The p-value is by permutation, (1 + the number of permutations with a distance at least as large) / (1 + their number), so it is
/// never 0; the threshold is the effect that the given share of permutations reached. Thread-safe: stateless; the same data give the same result.</para>
/// <para>Time O((n+m) log(n+m) + permutations·(n+m)), memory O(n+m). Not computable with infinite values.</para>
/// <para>Source: L. V. Kantorovich (1942), L. N. Vaserstein (1969).</para>
/// </remarks>
public sealed class Wasserstein : ISampleDriftTest
{
    private readonly int _permutations;
    private readonly int _seed;

    /// <summary>Creates the test.</summary>
    /// <param name="permutations">The number of permutations, ≥ 19; the p-value cannot be below 1/(permutations + 1).</param>
    /// <param name="seed">The seed of the permutations.</param>
    public Wasserstein(int permutations = 199, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 19);
        _permutations = permutations;
        _seed = seed;
    }

    /// <inheritdoc/>
    public string Name => "wasserstein";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.2;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
    {
        options = (options ?? DriftTestOptions.Default).Validate();
        double[] x = SortedSample.From(reference), y = SortedSample.From(current);
        int n = x.Length, m = y.Length;
        if (DriftDecision.FindShortage(this, n, m, options) is { } shortage) return shortage;
        var deviation = GetDeviation(x);
        if (!(deviation > 0) || !double.IsFinite(y[0]) || !double.IsFinite(y[^1]))
            return DriftDecision.NotComputable(this, n, m, "The reference has one value only, or a value is infinite, so there is no scale to measure the distance by.");

        var values = new double[n + m];
        var isReference = new bool[n + m];
        Merge(x, y, values, isReference);
        var distance = GetDistance(values, isReference, n, m);
        var permuted = new double[_permutations];
        var random = new Random(_seed);
        for (var i = 0; i < _permutations; i++)
        {
            random.Shuffle(isReference);
            permuted[i] = GetDistance(values, isReference, n, m);
        }

        // Equal distances may differ in the last digits with the order of the sum.
        var atLeast = permuted.Count(value => value >= distance * (1 - 1e-12));
        Array.Sort(permuted);
        var critical = permuted[Math.Clamp((int)Math.Ceiling((1 - options.Significance) * (_permutations + 1)) - 1, 0, _permutations - 1)];
        return DriftDecision.Decide(this, new DriftMeasurement("W", distance, (1.0 + atLeast) / (1 + _permutations), distance / deviation, critical / deviation, null), n, m, options);
    }

    private static double GetDeviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }

    private static void Merge(double[] x, double[] y, double[] values, bool[] isReference)
    {
        int i = 0, j = 0;
        for (var k = 0; k < values.Length; k++)
        {
            isReference[k] = j == y.Length || (i < x.Length && x[i] <= y[j]);
            values[k] = isReference[k] ? x[i++] : y[j++];
        }
    }

    private static double GetDistance(double[] values, bool[] isReference, int n, int m)
    {
        int i = 0, j = 0;
        double distance = 0;
        for (var k = 0; k < values.Length - 1; k++)
        {
            if (isReference[k]) i++;
            else j++;
            distance += Math.Abs(((double)i / n) - ((double)j / m)) * (values[k + 1] - values[k]);
        }

        return distance;
    }
}
