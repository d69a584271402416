using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Domain classifier on hashed words: whether a model can tell current texts from reference texts by which words they use, judged by texts that it did not learn from.</summary>
/// <remarks>
/// <para>Statistic AUC, the area under the ROC curve, 0..1, of a multinomial naive Bayes classifier on words hashed to 65,536 places, the mean over 5 folds each judged by a classifier of the
/// others. The effect is 2·AUC − 1, or 0 below that. p-value and interval are those of <see cref="DomainClassifierDrift"/>: from classifiers of earlier folds only, so that the p-value holds its level.</para>
/// <para>A word is a run of letters and digits, in lower case; that a text has none counts as a word does. Word order and length do not count. Time O(folds · words), memory 8 bytes a word, for at most <see cref="MaximumTexts"/> texts of
/// each sample: of more, a sample is drawn. The order of texts makes no difference. Thread-safe: stateless; the same texts and seed give the same result.</para>
/// <para>Source: A. McCallum, K. Nigam, "A comparison of event models for naive Bayes text classification", AAAI 1998; K. Weinberger et al., "Feature hashing", ICML 2009.</para>
/// </remarks>
public sealed class HashedWordClassifier : ITextDriftTest
{
    private const int Words = 1 << 16;

    // Behind the words there is a place for texts without any, for having none tells too.
    private const int NoWord = Words;
    private const int Places = Words + 1;

    /// <inheritdoc/>
    public string Name => "hashed-word-classifier";

    /// <inheritdoc/>
    /// <value>0.11, as of <see cref="DomainClassifierDrift"/>.</value>
    public double DefaultMinimumEffect => 0.11;

    /// <summary>Gets the largest number of texts of each sample; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 10,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumTexts { get; init => field = PermutationTest.RequireRows(value); } = 10_000;

    /// <summary>Gets the seed by which texts are drawn and dealt to folds.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(IReadOnlyList<string?> reference, IReadOnlyList<string?> current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = (options ?? DriftTestOptions.Default).Validate();
        var (x, y) = TextSample.Take(reference, current, MaximumTexts, Seed);
        var seed = TextSample.GetSeed(Seed, x, y);
        if (DriftDecision.FindShortage(this, x.Total, y.Total, options) is { } shortage) return shortage;
        if (Math.Min(x.Count, y.Count) < 2 * DomainClassifier.Folds)
            return new DriftResult(Name, DriftVerdict.NotEnoughData, $"{x.Count} reference and {y.Count} current texts; {2 * DomainClassifier.Folds} of each are needed to learn from and to judge by.", x.Total, y.Total);
        int[][] texts = [.. x.GetWords(cancellationToken).Concat(y.GetWords(cancellationToken)).Select(words => words.Length == 0 ? [NoWord] : Array.ConvertAll(words, word => (int)(word % Words)))];
        var isCurrent = new bool[texts.Length];
        isCurrent.AsSpan(x.Count).Fill(true);
        var fit = CrossFit.Measure(isCurrent, rows => Learn(texts, isCurrent, rows, cancellationToken), SplitMix64.At(seed, 2), options.ConfidenceLevel);
        return TextSample.Describe(DriftDecision.Decide(this, new DriftMeasurement("AUC", fit.Auc, fit.PValue, fit.Effect, null, fit.EffectInterval), x.Count, y.Count, options), x, y);
    }

    /// <summary>Learns how often words occur on either side of some texts, and scores all texts by log odds; a word that was not met counts for neither side.</summary>
    private static double[] Learn(int[][] texts, bool[] isCurrent, int[] rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        double[] reference = new double[Places], current = new double[Places];
        foreach (var row in rows)
        {
            var counts = isCurrent[row] ? current : reference;
            foreach (var word in texts[row]) counts[word]++;
        }

        double referenceTotal = reference.Sum(), currentTotal = current.Sum(), different = Enumerable.Range(0, Places).Count(word => reference[word] + current[word] > 0);
        var odds = new double[Places];
        for (var word = 0; word < Places; word++)
        {
            if (reference[word] + current[word] > 0)
                odds[word] = Math.Log((current[word] + 1) / (currentTotal + different)) - Math.Log((reference[word] + 1) / (referenceTotal + different));
        }

        return Array.ConvertAll(texts, words => words.Sum(word => odds[word]));
    }
}
