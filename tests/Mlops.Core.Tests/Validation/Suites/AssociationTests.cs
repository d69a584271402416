using System.Text.Json;
using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Suites;

public sealed class AssociationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Measures_RealData_AgreeWithNumPyAndSciPy()
    {
        using var golden = await ReadGoldenAsync();
        var rows = await ReadAsync("credit.csv");
        foreach (var item in golden.RootElement.GetProperty("spearman").EnumerateArray())
            Assert.Equal(item.GetProperty("value").GetDouble(), Association.OfRanks(Association.Rank(Numbers(item, "a")), Association.Rank(Numbers(item, "b")))!.Value, 1e-12);
        foreach (var item in golden.RootElement.GetProperty("ratio").EnumerateArray())
        {
            var (categories, count) = Categories(item, "a");
            Assert.Equal(item.GetProperty("value").GetDouble(), Association.OfCategoriesAndNumbers(categories, count, Numbers(item, "b"))!.Value, 1e-12);
        }

        foreach (var item in golden.RootElement.GetProperty("uncertainty").EnumerateArray())
        {
            var ((a, countA), (b, countB)) = (Categories(item, "a"), Categories(item, "b"));
            Assert.Equal(item.GetProperty("value").GetDouble(), Association.OfCategories(a, countA, b, countB)!.Value, 1e-12);
        }

        double[] Numbers(JsonElement item, string name) => ColumnNumbers.ToDoubles(rows[item.GetProperty(name).GetString()!]);
        (int[] Values, int Count) Categories(JsonElement item, string name)
        {
            var texts = (TextColumn)rows[item.GetProperty(name).GetString()!];
            var names = Enumerable.Range(0, texts.Length).Select(texts.GetString).OfType<string>().Distinct().ToList();
            return ([.. Enumerable.Range(0, texts.Length).Select(row => texts.GetString(row) is { } text ? names.IndexOf(text) : -1)], names.Count);
        }
    }

    [Fact]
    public void Measures_ConstantOrEmpty_AreUndefined()
    {
        Assert.Null(Association.OfRanks([1, 1], [1, 2]));
        Assert.Null(Association.OfRanks([], []));
        Assert.Null(Association.OfRanks([double.NaN, 1], [1, 2]));
        Assert.Null(Association.OfCategoriesAndNumbers([0, 1], 2, [3, 3]));
        Assert.Null(Association.OfCategoriesAndNumbers([0, 0], 1, [3, 4]));
        Assert.Null(Association.OfCategories([0, 0], 1, [0, 0], 1));
        Assert.Equal(0, Association.OfCategories([0, 0, 1, 1], 2, [0, 1, 0, 1], 2)!.Value, 1e-12);
        Assert.Equal(1, Association.OfCategories([0, 0, 1, 1], 2, [1, 1, 0, 0], 2)!.Value, 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task LocalOutlierProbability_RealData_AgreesWithNumPy(int which)
    {
        using var golden = await ReadGoldenAsync();
        var item = golden.RootElement.GetProperty("loop")[which];
        var rows = (await ReadAsync(item.GetProperty("file").GetString()!)).Rows(0, item.GetProperty("rows").GetInt32());
        var expected = item.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()).ToArray();

        var probabilities = LocalOutlierProbability.Measure(
            [.. Enumerable.Range(0, rows.Schema.Count).Select(i => rows[i])], rows.RowCount, item.GetProperty("neighbours").GetInt32(), item.GetProperty("extent").GetDouble(), Token);

        Assert.Contains(expected, value => value > 0.7);
        for (var row = 0; row < expected.Length; row++) Assert.Equal(expected[row], probabilities[row], 1e-6);
    }

    [Fact]
    public void LocalOutlierProbability_EqualRows_AreNoOutliers()
    {
        var column = new Column<double>(new double[50]);
        Assert.All(LocalOutlierProbability.Measure([column], 50, 5, 3, Token), probability => Assert.Equal(0, probability));
    }

    private static async Task<JsonDocument> ReadGoldenAsync() => JsonDocument.Parse(await File.ReadAllBytesAsync(TestFiles.PathOf("tests", "TestData", "suites", "checks_golden.json"), Token));

    private static async Task<DataBatch> ReadAsync(string file)
    {
        var dataset = await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", file), cancellationToken: Token);
        var batches = new List<DataBatch>();
        await foreach (var batch in dataset.ReadAsync(null, Token)) batches.Add(batch);
        return DataBatch.Concat(dataset.Schema, batches);
    }
}
