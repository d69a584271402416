namespace Mlops.Monitoring;

/// <summary>The squared distance between the mean embeddings of two samples under a kernel, of the rows as they were (first) and of each permutation.</summary>
/// <remarks>
/// The kernel is computed once; each permutation needs s'Ks and s'K1 for the indicator s of the reference. Source: A. Gretton et al., "A kernel two-sample test", JMLR 13, 2012.
/// </remarks>
/// <param name="Unbiased">The estimate without the pairs of a row with itself; may be below 0.</param>
/// <param name="Biased">The estimate with them, at least 0 but for rounding.</param>
/// <param name="Tolerance">How much equal figures may differ by rounding.</param>
/// <param name="Tail">What bounds the estimate with the pairs of a row with itself, beyond the permutations.</param>
internal sealed record KernelDiscrepancy(double[] Unbiased, double[] Biased, double Tolerance, PermutationTail Tail)
{
    private int Permutations => Biased.Length - 1;

    public static KernelDiscrepancy Compute(PairMatrix kernel, int referenceCount, int permutations, Action<int[]> shuffle, CancellationToken cancellationToken)
    {
        double n = referenceCount, m = kernel.Count - referenceCount;
        var labels = new LabelBlocks(referenceCount, kernel.Count - referenceCount, permutations, shuffle);
        double[] rows = kernel.GetRowSums(), diagonal = kernel.GetDiagonal();
        double[] within = new double[labels.Total], all = new double[labels.Total], own = new double[labels.Total];
        while (labels.MoveNext(cancellationToken))
        {
            labels.SumPairs(kernel, within);
            labels.Sum(rows, all);
            labels.Sum(diagonal, own);
        }

        double total = rows.Sum(), trace = diagonal.Sum(), largest = 0;
        foreach (var value in kernel.Values) largest = Math.Max(largest, Math.Abs(value));
        double[] unbiased = new double[labels.Total], biased = new double[labels.Total];
        for (var i = 0; i < biased.Length; i++)
        {
            var (cross, other) = (all[i] - within[i], total - (2 * all[i]) + within[i]);
            biased[i] = (within[i] / (n * n)) + (other / (m * m)) - (2 * cross / (n * m));
            unbiased[i] = ((within[i] - own[i]) / (n * (n - 1))) + ((other - (trace - own[i])) / (m * (m - 1))) - (2 * cross / (n * m));
        }

        double count = kernel.Count, ownSquares = 0;
        for (var row = 0; row < kernel.Count; row++)
        {
            var square = diagonal[row] - (2 * rows[row] / count) + (total / count / count);
            ownSquares += square * square;
        }

        return new KernelDiscrepancy(unbiased, biased, 1e-12 * largest, new PermutationTail(biased, ownSquares, n, m));
    }

    /// <summary>Gets the p-value of the estimate without the pairs of a row with itself.</summary>
    public double GetPValue(double significance) => PermutationTest.GetPValue(Unbiased, Tolerance, significance, Tail.UpperTail(Biased[0]));

    /// <summary>Gets the p-value of the estimate with them.</summary>
    public double GetBiasedPValue(double significance) => PermutationTest.GetPValue(Biased, Tolerance, significance, Tail.UpperTail(Biased[0]));

    /// <summary>Gets the estimate without the pairs of a row with itself that is significant.</summary>
    public double GetCritical(double significance)
        => PermutationTest.CanReach(Permutations, significance) ? PermutationTest.GetCritical(Unbiased, Tolerance, significance) : Tail.UpperQuantile(significance) - Tail.Mean;

    /// <summary>Gets the estimate with them that is significant.</summary>
    public double GetBiasedCritical(double significance)
        => PermutationTest.CanReach(Permutations, significance) ? PermutationTest.GetCritical(Biased, Tolerance, significance) : Tail.UpperQuantile(significance);

    /// <summary>Gets the lengths: the roots of the biased estimates.</summary>
    public double[] GetLengths() => Array.ConvertAll(Biased, value => Math.Sqrt(Math.Max(0, value)));
}
