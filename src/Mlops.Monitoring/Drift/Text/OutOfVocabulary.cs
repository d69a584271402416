using System.Numerics.Tensors;
using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Out-of-vocabulary share: whether texts have words that the reference does not have.</summary>
/// <remarks>
/// <para>Statistic: the share of the current words, 0..1, that occur in no text of the reference. A word is a run of letters and digits, in lower case.</para>
/// <para>All words of the reference are in its own vocabulary, so its share is 0 and cannot be compared with. The verdict comes from the vocabulary of one half of the reference, drawn by the seed: each text has
/// a share of words that are not in it, and those of the other half and of the current texts have one distribution without drift. The effect is the difference of their means, 0 where the
/// current one is lower. The p-value is by permutation of texts, one-sided, (1 + permutations with at least as large a difference)/(1 + permutations), so it is never 0; the interval is Welch's.</para>
/// <para>Time O(words + (n+m)·permutations), memory 8 bytes a word and 256 a text, for at most <see cref="MaximumTexts"/> texts of each sample: of more, a sample is drawn. The order of texts makes no difference.
/// Thread-safe: stateless; the same texts and seed give the same result.</para>
/// </remarks>
public sealed class OutOfVocabulary : ITextDriftTest
{
    /// <summary>By how much equal differences of shares may differ.</summary>
    private const double Tolerance = 1e-12;

    /// <inheritdoc/>
    public string Name => "out-of-vocabulary";

    /// <inheritdoc/>
    /// <value>0.05: one word of twenty is new.</value>
    public double DefaultMinimumEffect => 0.05;

    /// <summary>Gets the number of permutations; the p-value cannot be below 1/(permutations + 1). Where that is not enough for the significance, 2/significance of them are made, at most 20,000; where these are not either and none has as large a statistic, the p-value is a bound of the tail.</summary>
    /// <value>The default value is 500.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 19.</exception>
    public int Permutations { get; init => field = PermutationTest.RequirePermutations(value); } = 500;

    /// <summary>Gets the largest number of texts of each sample; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 10,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumTexts { get; init => field = PermutationTest.RequireRows(value); } = 10_000;

    /// <summary>Gets the seed of the permutations, of the drawing of texts and of the halves.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(IReadOnlyList<string?> reference, IReadOnlyList<string?> current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = (options ?? DriftTestOptions.Default).Validate();
        var (x, y) = TextSample.Take(reference, current, MaximumTexts, Seed);
        var seed = TextSample.GetSeed(Seed, x, y);
        if (DriftDecision.FindShortage(this, x.Total, y.Total, options) is { } shortage) return shortage;
        if (x.Count < 4 || y.Count < 2)
            return new DriftResult(Name, DriftVerdict.NotEnoughData, $"{x.Count} reference and {y.Count} current texts; 4 and 2 are needed.", x.Total, y.Total);
        ulong[][] first = x.GetWords(cancellationToken), second = y.GetWords(cancellationToken);
        LabelBlocks.ShuffleItems(first, SplitMix64.At(seed, 2));
        var (learned, held) = (first[..(first.Length / 2)], first[(first.Length / 2)..]);
        var vocabulary = new HashSet<ulong>(learned.SelectMany(words => words));
        double[] referenceShares = GetShares(held, vocabulary), currentShares = GetShares(second, vocabulary);
        if (referenceShares.Length < 2 || currentShares.Length < 2)
            return DriftDecision.NotComputable(this, x.Total, y.Total, "Fewer than two texts of a sample have words.");

        var differences = Permute(referenceShares, currentShares, seed, options, cancellationToken);
        var effect = Math.Max(0, differences[0]);
        var error = Math.Sqrt(GetVarianceOfMean(referenceShares) + GetVarianceOfMean(currentShares));
        var reach = EffectIntervals.GetQuantile(options.ConfidenceLevel) * error;
        vocabulary.UnionWith(held.SelectMany(words => words));
        long unknown = second.Sum(words => words.LongCount(word => !vocabulary.Contains(word))), all = second.Sum(words => (long)words.Length);
        var measurement = new DriftMeasurement(
            "new words", (double)unknown / all, PermutationTest.GetPValue(differences, Tolerance, options.Significance, GetBound(effect, referenceShares.Length, currentShares.Length)), effect,
            Math.Max(0, PermutationTest.GetCritical(differences, Tolerance, options.Significance)),
            new ConfidenceInterval(Math.Max(0, differences[0] - reach), Math.Max(0, Math.Min(1, differences[0] + reach)), options.ConfidenceLevel));
        return TextSample.Describe(DriftDecision.Decide(this, measurement, x.Count, y.Count, options), x, y);
    }

    /// <summary>Gets the share of unknown words of each text that has words.</summary>
    private static double[] GetShares(ulong[][] texts, HashSet<ulong> vocabulary)
        => [.. texts.Where(words => words.Length > 0).Select(words => words.Count(word => !vocabulary.Contains(word)) / (double)words.Length)];

    private double[] Permute(double[] reference, double[] current, ulong seed, DriftTestOptions options, CancellationToken cancellationToken)
    {
        double[] shares = [.. reference, .. current];
        var labels = new LabelBlocks(reference.Length, current.Length, PermutationTest.GetCount(Permutations, options), LabelBlocks.Shuffle(SplitMix64.At(seed, 3)));
        double[] sums = new double[labels.Total];
        while (labels.MoveNext(cancellationToken)) labels.Sum(shares, sums);
        var total = TensorPrimitives.Sum<double>(shares);
        return Array.ConvertAll(sums, sum => ((total - sum) / current.Length) - (sum / reference.Length));
    }

    /// <summary>Bounds the probability of so large a difference of the means, which are of numbers of 0..1 that are dealt to two samples (W. Hoeffding, "Probability inequalities for sums of bounded random variables", 1963).</summary>
    private static double GetBound(double difference, double n, double m) => Math.Exp(-2 * difference * difference * n * m * Math.Max(n, m) / (n + m) / (n + m));

    private static double GetVarianceOfMean(double[] values)
    {
        var mean = TensorPrimitives.Average<double>(values);
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1.0) / values.Length;
    }
}
