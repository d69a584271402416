using Mlops.Data;

namespace Mlops.Monitoring.Tests;

public sealed class TextDriftTests
{
    [Fact]
    public void TextDrift_LongerTextsOfTheSameWords_NamesLength()
        => AssertFoundBy("text-length", texts => [.. texts.Select(text => $"{text} {text}")]);

    [Fact]
    public void TextDrift_NewWords_NamesWhatKnowsWords()
    {
        // Half of the words are written as nobody wrote them before; lengths stay.
        var result = Test(texts => [.. texts.Select(text => string.Join(' ', text.Split(' ').Select((word, i) => i % 2 == 0 ? word.Replace('w', 'v') : word)))]);
        Assert.True(result.Verdict == DriftVerdict.Drift, result.ToString());
        Assert.Matches("^Found by (out-of-vocabulary|hashed-word-classifier)\\b", result.Reason);
    }

    /// <summary>The same words in other shares: no word is new and no text is longer, but the classifier sees it.</summary>
    [Fact]
    public void TextDrift_OtherUseOfTheSameWords_NamesClassifier()
    {
        var random = new SplitMix64(2);
        string?[] reference = [.. Enumerable.Range(0, 400).Select(_ => Sentence(ref random, 12, 3))], current = [.. Enumerable.Range(0, 400).Select(_ => Sentence(ref random, 12, 1.5))];
        var result = new TextDrift().Test(reference, current, null, TestContext.Current.CancellationToken);
        Assert.StartsWith("Found by hashed-word-classifier.", result.Reason, StringComparison.Ordinal);
        Assert.Equal(DriftVerdict.NoDrift, new TextLength().Test(reference, current, null, TestContext.Current.CancellationToken).Verdict);
    }

    /// <summary>Texts without any word are told from texts with words, on whichever side they are; without a change, they raise no alarms.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    [InlineData("?! … --")]
    public void HashedWordClassifier_TextsWithoutWords_AreFound(string empty)
    {
        var random = new SplitMix64(5);
        string?[] texts = [.. Enumerable.Range(0, 200).Select(_ => Sentence(ref random, 6, 3))], empties = [.. Enumerable.Repeat(empty, 200)];
        string?[] half = [.. texts.Select((text, i) => i % 2 == 0 ? text : empty)];
        var test = new HashedWordClassifier();
        foreach (var (reference, current) in new[] { (texts, empties), (empties, texts), (texts, half), (half, texts) })
        {
            var result = test.Test(reference, current, null, TestContext.Current.CancellationToken);
            Assert.True(result.Verdict == DriftVerdict.Drift, result.ToString());
        }

        Assert.Equal(DriftVerdict.NoDrift, test.Test(half, [.. half.Reverse()], null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(DriftVerdict.NoDrift, test.Test(empties, empties, null, TestContext.Current.CancellationToken).Verdict);
    }

    [Fact]
    public void OutOfVocabulary_KnownShare_IsTheStatisticAndLiesInTheInterval()
    {
        var held = 0;
        for (var trial = 0; trial < 100; trial++)
        {
            var random = new SplitMix64((ulong)trial);
            // Ten words that all texts share, so that the vocabulary is whole; then one word of five is new.
            string Known(ref SplitMix64 source) => $"known{source.Next(10)}";
            string?[] reference = [.. Enumerable.Range(0, 100).Select(_ => string.Join(' ', Known(ref random), Known(ref random), Known(ref random)))];
            var (all, unknown) = (0, 0);
            string?[] current = [.. Enumerable.Range(0, 80).Select(_ => string.Join(' ', Enumerable.Range(0, 10).Select(_ =>
            {
                all++;
                var isNew = random.Next(5) == 0;
                unknown += isNew ? 1 : 0;
                return isNew ? "new" : Known(ref random);
            })))];
            var result = new OutOfVocabulary { Permutations = 99 }.Test(reference, current, null, TestContext.Current.CancellationToken);
            Assert.Equal((double)unknown / all, result.Statistic!.Value, 1e-12);
            Assert.Equal(DriftVerdict.Drift, result.Verdict);
            held += result.EffectInterval is { } interval && interval.Lower <= 0.2 && interval.Upper >= 0.2 ? 1 : 0;
        }

        Assert.True(held >= 89, $"{held} of 100");
    }

    /// <summary>Against its own vocabulary, a reference has no new word, and any other sample of the same kind has: the naive comparison takes that for drift.</summary>
    [Fact]
    public void OutOfVocabulary_RareWords_AreNoDrift()
    {
        var (alarms, random) = (0, new SplitMix64(5));
        for (var trial = 0; trial < 200; trial++)
        {
            string?[] reference = [.. Enumerable.Range(0, 60).Select(_ => Sentence(ref random, 8, 1))], current = [.. Enumerable.Range(0, 60).Select(_ => Sentence(ref random, 8, 1))];
            var result = new OutOfVocabulary { Permutations = 99 }.Test(reference, current, new DriftTestOptions { MinimumEffect = 0 }, TestContext.Current.CancellationToken);
            Assert.True(result.Statistic > 0.2);
            alarms += result.Verdict == DriftVerdict.Drift ? 1 : 0;
        }

        Assert.True(alarms <= 19, $"{alarms} of 200");
    }

    [Fact]
    public void TextLength_CharactersOfTwoUnits_CountOnce()
    {
        string?[] reference = [.. Enumerable.Repeat("ab", 50)], current = [.. Enumerable.Repeat("😀😀", 50)];
        Assert.Equal(0, new TextLength().Test(reference, current, null, TestContext.Current.CancellationToken).Statistic);
    }

    private static void AssertFoundBy(string name, Func<string[], string[]> change)
    {
        var result = Test(change);
        Assert.Equal(DriftVerdict.Drift, result.Verdict);
        Assert.StartsWith($"Found by {name}.", result.Reason, StringComparison.Ordinal);
    }

    private static DriftResult Test(Func<string[], string[]> change)
    {
        var random = new SplitMix64(1);
        string[] Make(ref SplitMix64 source)
        {
            var texts = new string[300];
            for (var i = 0; i < texts.Length; i++) texts[i] = Sentence(ref source, 5 + (int)source.Next(10), 3);
            return texts;
        }

        return new TextDrift().Test(Make(ref random), change(Make(ref random)), null, TestContext.Current.CancellationToken);
    }

    /// <summary>Words of 400, the more uneven in frequency the larger the power.</summary>
    private static string Sentence(ref SplitMix64 random, int words, double power)
    {
        var chosen = new string[words];
        for (var i = 0; i < words; i++) chosen[i] = $"w{(int)(400 * Math.Pow(random.Next(1000) / 1000.0, power)):D3}";
        return string.Join(' ', chosen);
    }
}
