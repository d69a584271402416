namespace Mlops.Monitoring;

/// <summary>Text drift: whether texts have changed in length, in vocabulary or in the use of words; one verdict that says which.</summary>
/// <remarks>
/// <para>Runs <see cref="TextLength"/>, <see cref="OutOfVocabulary"/> and <see cref="HashedWordClassifier"/>, and corrects their p-values by Holm, so that the three together raise no more false alarms than one. Drift is what
/// one of them finds significant after that and larger than its own minimum effect; the reason names it.</para>
/// <para>Statistic: that of the test with the largest effect among the significant ones, or of the most significant one. The effect is that test's effect divided by its minimum effect: 1 is where it begins to matter.
/// The p-value is the corrected one. Time and memory are those of the three tests. Thread-safe: stateless; the same texts and seed give the same result.</para>
/// <para>Source: S. Holm, "A simple sequentially rejective multiple test procedure", 1979.</para>
/// </remarks>
/// <example><code>var result = new TextDrift().Test(trainingComments, liveComments); // result.Reason: "Found by out-of-vocabulary. …"</code></example>
public sealed class TextDrift : ITextDriftTest
{
    /// <inheritdoc/>
    public string Name => "text-drift";

    /// <inheritdoc/>
    /// <value>1: the minimum effect of the test that found it.</value>
    public double DefaultMinimumEffect => 1;

    /// <summary>Gets the largest number of texts of each sample that words are looked at in; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 10,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumTexts { get; init => field = PermutationTest.RequireRows(value); } = 10_000;

    /// <summary>Gets the seed of the tests.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(IReadOnlyList<string?> reference, IReadOnlyList<string?> current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = (options ?? DriftTestOptions.Default).Validate();
        var parts = CombinedDecision.ForParts(options, 3);
        ITextDriftTest[] tests = [new TextLength(), new OutOfVocabulary { MaximumTexts = MaximumTexts, Seed = Seed }, new HashedWordClassifier { MaximumTexts = MaximumTexts, Seed = Seed }];
        return CombinedDecision.Decide(this, [.. tests.Select(test => ((IDriftTest)test, test.Test(reference, current, parts, cancellationToken)))], options);
    }
}
