using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class NearDuplicatesCheckTests
{
    [Fact]
    public async Task RunAsync_PlantedNearDuplicates_AreAllFoundAndNoOthers()
    {
        string[] train = [.. Enumerable.Range(0, 400).Select(i => Text((ulong)i))], other = [.. Enumerable.Range(1000, 80).Select(i => Text((ulong)i))];
        // A capital, a comma and another greeting leave most of a text as it is.
        string[] copies = [.. Enumerable.Range(0, 20).Select(i => $"Hi, {train[i * 7].ToUpperInvariant().Replace(" ", ",  ", StringComparison.Ordinal)}!")];

        var result = await TrainTestTable.RunAsync(new NearDuplicatesCheck(), Texts(train), Texts([.. other, .. copies]));

        Assert.Equal((CheckStatus.Fail, 20.0, 0.2), (result.Status, result.Values["near_duplicate_rows"], result.Values["near_duplicate_ratio"]));
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new NearDuplicatesCheck { MaximumRatio = 0.2 }, Texts(train), Texts([.. other, .. copies]))).Status);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new NearDuplicatesCheck(), Texts(train), Texts(other))).Status);
        // Every pair counted one by one says the same.
        Assert.Equal(20, ((string[])[.. other, .. copies]).Count(text => train.Any(known => Jaccard(text, known) >= 0.8)));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public async Task RunAsync_OtherThresholds_FindWhatAllPairsGive(double threshold)
    {
        string[] train = [.. Enumerable.Range(0, 200).Select(i => Text((ulong)i))];
        // Texts of which more and more words are replaced.
        string[] test = [.. Enumerable.Range(0, 200).Select(i => string.Join(' ', train[i].Split(' ').Select((word, place) => place < i % 20 ? Text(9000 + (ulong)i).Split(' ')[place] : word)))];

        var result = await TrainTestTable.RunAsync(new NearDuplicatesCheck { MinimumSimilarity = threshold }, Texts(train), Texts(test));

        var expected = test.Count(text => train.Any(known => Jaccard(text, known) >= threshold));
        Assert.InRange(expected, 10, 190);
        Assert.InRange(result.Values["near_duplicate_rows"]!.Value, expected - 1, expected);
    }

    [Fact]
    public async Task RunAsync_NothingToCompare_IsNotApplicable()
    {
        var codes = Texts("a", "b", "c");
        Assert.Equal("No column has texts of at least 20 characters on average in the training set.", (await TrainTestTable.RunAsync(new NearDuplicatesCheck(), codes, codes)).Summary);
        Assert.Equal("No row of the training set has texts of at least 20 characters.", (await TrainTestTable.RunAsync(new NearDuplicatesCheck { Columns = ["text"] }, codes, codes)).Summary);
        Assert.Equal("No row of the test set has texts of at least 20 characters.", (await TrainTestTable.RunAsync(new NearDuplicatesCheck(), Texts(Text(1)), codes)).Summary);
        var empty = Texts(null, null);
        Assert.Equal(CheckStatus.NotApplicable, (await TrainTestTable.RunAsync(new NearDuplicatesCheck(), empty, Texts(Text(1)))).Status);
        var numbers = new TrainTestTable().Add("x", ElementType.Int64, 1L);
        Assert.Equal("The two datasets have no columns of texts in common.", (await TrainTestTable.RunAsync(new NearDuplicatesCheck(), numbers, numbers)).Summary);
    }

    [Fact]
    public async Task RunAsync_MoreTrainingRowsThanAreKept_SaysSo()
    {
        var train = Texts([.. Enumerable.Range(0, 300).Select(i => Text((ulong)i))]);
        var result = await TrainTestTable.RunAsync(new NearDuplicatesCheck { MaximumTrainRows = 100 }, train, train);

        Assert.InRange(result.Values["near_duplicate_rows"]!.Value, 100, 110);
        Assert.EndsWith("compared with a sample of 100 of 300 training rows.", result.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_SimilarSets_AreAmongTheCandidates()
    {
        var index = new MinHashIndex(0.8);
        ulong[] set = [.. Enumerable.Range(0, 100).Select(i => (ulong)i)];
        index.Add(set, 7);
        index.Add([.. Enumerable.Range(1000, 100).Select(i => (ulong)i)], 8);

        Assert.Equal([7], index.Find([.. set.Skip(10), 5000, 5001]));
        Assert.Empty(index.Find([9000, 9001, 9002]));
    }

    private static double Jaccard(string a, string b)
    {
        static HashSet<string> Cut(string text)
        {
            var plain = string.Join(' ', new string([.. text.ToLowerInvariant().Select(character => char.IsLetterOrDigit(character) ? character : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
            return [.. Enumerable.Range(0, Math.Max(0, plain.Length - 4)).Select(i => plain.Substring(i, 5))];
        }

        var (first, second) = (Cut(a), Cut(b));
        return (double)first.Intersect(second).Count() / first.Union(second).Count();
    }

    private static string Text(ulong number)
    {
        var random = new SplitMix64(number);
        string Word() => string.Concat(Enumerable.Range(0, 3 + (int)random.Next(6)).Select(_ => (char)('a' + random.Next(26))));
        return string.Join(' ', Enumerable.Range(0, 20).Select(_ => Word()));
    }

    private static TrainTestTable Texts(params string?[] values) => new TrainTestTable().Add("text", ElementType.String, values);
}
