namespace Mlops.Evaluation;

/// <summary>How far clusters agree with known classes, counted as a table of both. Mergeable; not safe for concurrent use while rows are added.</summary>
/// <remarks>
/// <para>A weight counts as so many copies of its row; rows of weight 0 are left out. What counts pairs of rows, or compares with chance, is undefined for weights that are no whole
/// numbers. Logarithms are natural.</para>
/// <para>Memory: about 100 bytes for each pair of class and cluster that occurs. Figures do not depend on the order of rows or partials where weights are whole numbers; else on the rounding of sums.</para>
/// </remarks>
public sealed class ClusterAgreement
{
    private const string NoRow = "no row has a weight";
    private const string NoPairs = "a weight is no whole number";
    private const double LargestExpected = 10_000_000;

    private readonly SortedDictionary<(int Class, int Cluster), double> _cells = [];

    /// <summary>Gets the sum of the weights.</summary>
    public double Total => _cells.Values.Sum();

    /// <summary>Counts rows.</summary>
    /// <param name="classes">The true class of each row, any numbers, shape (n).</param>
    /// <param name="clusters">The cluster of each row, any numbers, shape (n).</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0; empty where every row counts alike.</param>
    /// <returns>The table.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a weight is negative or not finite.</exception>
    public static ClusterAgreement Of(ReadOnlySpan<int> classes, ReadOnlySpan<int> clusters, ReadOnlySpan<double> weights = default)
    {
        MetricInput.CheckLengths(clusters.Length, classes.Length, weights.Length, "clusters");
        MetricInput.CheckWeights(weights);
        var table = new ClusterAgreement();
        for (var row = 0; row < classes.Length; row++) table.Count(classes[row], clusters[row], weights.IsEmpty ? 1 : weights[row]);
        return table;
    }

    /// <summary>Counts a row.</summary>
    /// <param name="trueClass">Its true class, any number.</param>
    /// <param name="cluster">Its cluster, any number.</param>
    /// <param name="weight">The weight, finite, ≥ 0.</param>
    /// <exception cref="ArgumentException">The weight is negative or not finite.</exception>
    public void Add(int trueClass, int cluster, double weight = 1)
    {
        MetricInput.CheckWeights([weight]);
        Count(trueClass, cluster, weight);
    }

    /// <summary>Adds the counts of another one.</summary>
    /// <param name="other">The other one; it stays as it is.</param>
    public void Merge(ClusterAgreement other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (cell, weight) in other._cells.ToArray()) Count(cell.Class, cell.Cluster, weight);
    }

    /// <summary>Computes the share of the pairs of rows that both partitions keep together or both keep apart.</summary>
    /// <remarks>Source: W. M. Rand (1971).</remarks>
    /// <returns>The share, 0..1; 1 for one row.</returns>
    public MetricValue RandIndex() => OfPairs((all, together, classes, clusters) => all == 0 ? 1 : (all + (2 * together) - classes - clusters) / all);

    /// <summary>Computes Rand's index so that chance is 0 and the same partition is 1.</summary>
    /// <remarks>Source: L. Hubert, P. Arabie (1985).</remarks>
    /// <returns>The figure, at most 1.</returns>
    public MetricValue AdjustedRand() => OfPairs((all, together, classes, clusters) =>
    {
        if (together == classes && together == clusters) return 1;
        var expected = classes * clusters / all;
        return (together - expected) / (((classes + clusters) / 2) - expected);
    });

    /// <summary>Computes the geometric mean of the shares of pairs kept together, of each partition, that the other one keeps together.</summary>
    /// <remarks>Source: E. B. Fowlkes, C. L. Mallows (1983).</remarks>
    /// <returns>The figure, 0..1; 0 where no pair is kept together by both.</returns>
    public MetricValue FowlkesMallows() => OfPairs((_, together, classes, clusters) => together > 0 ? Math.Sqrt(together / classes) * Math.Sqrt(together / clusters) : 0);

    /// <summary>Computes how much the clusters tell about the classes, in nats.</summary>
    /// <returns>The figure, ≥ 0.</returns>
    public MetricValue MutualInformation() => OfEntropies((information, _, _) => information);

    /// <summary>Computes the mutual information as a share of a mean of the two entropies.</summary>
    /// <param name="mean">The mean.</param>
    /// <returns>The figure, 0..1; 1 of two partitions of one part each.</returns>
    public MetricValue NormalizedMutualInformation(EntropyMean mean = EntropyMean.Arithmetic) => OfEntropies((information, classes, clusters) =>
    {
        if (classes == 0 && clusters == 0) return 1;
        return information <= 0 ? 0 : information / Mean(mean, classes, clusters);
    });

    /// <summary>Computes the mutual information so that chance is 0 and the same partition is 1, by the exact expectation and the arithmetic mean of the entropies.</summary>
    /// <remarks>Source: N. X. Vinh, J. Epps, J. Bailey, JMLR 11, 2010.</remarks>
    /// <returns>The figure, at most 1; undefined where weights are no whole numbers, which chance needs.</returns>
    public MetricValue AdjustedMutualInformation()
    {
        var (classes, clusters) = (Sums(cell => cell.Class), Sums(cell => cell.Cluster));
        if (classes.Length == 0) return MetricValue.Undefined(NoRow);
        if (!IsOfWholeRows) return MetricValue.Undefined(NoPairs);
        if (Total > LargestExpected) return MetricValue.Undefined("the weights add up to more than 10,000,000 rows, for which what chance gives is not computed");
        // Of one part each, or of a part for each row, there is one such table only.
        if (classes.Length == clusters.Length && (classes.Length == 1 || classes.Length == Total)) return 1;
        var expected = ExpectedInformation.Compute(classes, clusters, Total);
        var information = Information();
        var bound = Mean(EntropyMean.Arithmetic, Entropy(classes), Entropy(clusters));
        var range = bound - expected;
        return (information - expected) / (range < 0 ? Math.Min(range, -double.Epsilon) : Math.Max(range, Probability.Epsilon));
    }

    /// <summary>Computes how far each cluster holds one class only.</summary>
    /// <remarks>Source: A. Rosenberg, J. Hirschberg, "V-Measure", EMNLP 2007.</remarks>
    /// <returns>The figure, 0..1; 1 of one class.</returns>
    public MetricValue Homogeneity() => OfEntropies((information, classes, _) => classes > 0 ? Math.Max(0, information / classes) : 1);

    /// <summary>Computes how far each class is within one cluster.</summary>
    /// <returns>The figure, 0..1; 1 of one cluster.</returns>
    public MetricValue Completeness() => OfEntropies((information, _, clusters) => clusters > 0 ? Math.Max(0, information / clusters) : 1);

    /// <summary>Computes the harmonic mean of homogeneity and completeness.</summary>
    /// <param name="beta">How many times as much completeness counts, above 0.</param>
    /// <returns>The figure, 0..1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">β is not above 0.</exception>
    public MetricValue VMeasure(double beta = 1)
    {
        if (!(beta > 0) || double.IsInfinity(beta)) throw new ArgumentOutOfRangeException(nameof(beta), beta, "β is above 0.");
        var (homogeneity, completeness) = (Homogeneity(), Completeness());
        if (!homogeneity.IsDefined) return homogeneity;
        var sum = (beta * homogeneity.Value) + completeness.Value;
        return sum > 0 ? (1 + beta) * homogeneity.Value * completeness.Value / sum : 0;
    }

    /// <summary>Computes the share of the weight that is of the most frequent class of its cluster.</summary>
    /// <returns>The share, above 0, at most 1.</returns>
    public MetricValue Purity()
        => _cells.Count > 0 ? _cells.GroupBy(cell => cell.Key.Cluster).Sum(cluster => cluster.Max(cell => cell.Value)) / Total : MetricValue.Undefined(NoRow);

    private static double Mean(EntropyMean mean, double first, double second) => mean switch
    {
        EntropyMean.Arithmetic => (first + second) / 2,
        EntropyMean.Geometric => Math.Sqrt(first * second),
        EntropyMean.Minimum => Math.Min(first, second),
        _ => Math.Max(first, second),
    };

    private void Count(int trueClass, int cluster, double weight)
    {
        if (weight > 0) _cells[(trueClass, cluster)] = _cells.GetValueOrDefault((trueClass, cluster)) + weight;
    }

    private bool IsOfWholeRows => _cells.Values.All(double.IsInteger);

    private double[] Sums(Func<(int Class, int Cluster), int> part) => [.. _cells.GroupBy(cell => part(cell.Key)).OrderBy(group => group.Key).Select(group => group.Sum(cell => cell.Value))];

    private MetricValue OfPairs(Func<double, double, double, double, MetricValue> figure)
    {
        if (_cells.Count == 0) return MetricValue.Undefined(NoRow);
        if (!IsOfWholeRows) return MetricValue.Undefined(NoPairs);
        var total = Total;
        return figure(Pairs(total), _cells.Values.Sum(Pairs), Sums(cell => cell.Class).Sum(Pairs), Sums(cell => cell.Cluster).Sum(Pairs));

        static double Pairs(double count) => count * (count - 1) / 2;
    }

    private MetricValue OfEntropies(Func<double, double, double, MetricValue> figure)
        => _cells.Count > 0 ? figure(Information(), Entropy(Sums(cell => cell.Class)), Entropy(Sums(cell => cell.Cluster))) : MetricValue.Undefined(NoRow);

    private double Entropy(double[] parts)
    {
        if (parts.Length == 1) return 0;
        var total = Total;
        return -parts.Sum(part => part / total * Math.Log(part / total));
    }

    private double Information()
    {
        var total = Total;
        var classes = _cells.GroupBy(cell => cell.Key.Class).ToDictionary(group => group.Key, group => group.Sum(cell => cell.Value));
        var clusters = _cells.GroupBy(cell => cell.Key.Cluster).ToDictionary(group => group.Key, group => group.Sum(cell => cell.Value));
        double sum = 0;
        foreach (var (cell, weight) in _cells) sum += weight / total * (Math.Log(weight / total) - Math.Log(classes[cell.Class] / total) - Math.Log(clusters[cell.Cluster] / total));
        return classes.Count == 1 || clusters.Count == 1 ? 0 : Math.Max(0, sum);
    }
}
