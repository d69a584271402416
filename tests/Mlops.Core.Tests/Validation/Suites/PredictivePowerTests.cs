using System.Text.Json;
using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Suites;

public sealed class PredictivePowerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("credit.csv", "tests/TestData/credit.csv")]
    [InlineData("churn.csv", "tests/TestData/churn.csv")]
    [InlineData("chicago.csv", "samples/data/chicago.csv")]
    public async Task Measure_RealData_AgreesWithScikitLearn(string name, string path)
    {
        var dataset = await CsvDataset.OpenAsync(TestFiles.PathOf(path.Split('/')), new CsvOptions { NullTexts = ["NA"] }, Token);
        var batches = new List<DataBatch>();
        await foreach (var batch in dataset.ReadAsync(null, Token)) batches.Add(batch);
        var rows = DataBatch.Concat(dataset.Schema, batches);
        using var golden = JsonDocument.Parse(await File.ReadAllBytesAsync(TestFiles.PathOf("tests", "TestData", "suites", "predictive_power_golden.json"), Token));
        var compared = 0;
        foreach (var item in golden.RootElement.GetProperty("scores").EnumerateArray().Where(item => item.GetProperty("file").GetString() == name))
        {
            var (feature, label) = (item.GetProperty("feature").GetString()!, item.GetProperty("label").GetString()!);
            var kind = item.GetProperty("kind").GetString() == "class" ? LabelKind.Class : LabelKind.Number;
            var expected = item.GetProperty("score").GetDouble();
            // Its trees round features to single precision, which moves a value that lies between two others to the other side.
            var score = PredictivePower.Measure(ToSinglePrecision(rows[feature]), rows[label], kind);
            Assert.True(score is { } given && Math.Abs(given - expected) <= 1e-9, FormattableString.Invariant($"{label} by {feature}: {score} instead of {expected}"));
            Assert.InRange(PredictivePower.Measure(rows, feature, label, kind) ?? double.NaN, expected - 0.02, expected + 0.02);
            compared++;
        }

        Assert.True(compared > 40, $"{compared} scores were compared.");
    }

    [Fact]
    public void Measure_NothingToMeasure_IsNullOrZero()
    {
        Column numbers = new Column<double>([.. Enumerable.Range(0, 20).Select(i => (double)i)]), constant = new Column<double>(new double[20]);
        var texts = TextColumn.FromStrings([.. Enumerable.Range(0, 20).Select(i => $"{i}")]);
        var classes = TextColumn.FromStrings([.. Enumerable.Range(0, 20).Select(i => i < 10 ? "a" : "b")]);
        Assert.Null(PredictivePower.Measure(numbers.Take([0, 1, 2, 3, 4, 5, 6]), numbers.Take([0, 1, 2, 3, 4, 5, 6]), LabelKind.Number));
        Assert.Null(PredictivePower.Measure(new Column<double>([.. Enumerable.Repeat(double.NaN, 20)]), numbers, LabelKind.Number));
        Assert.Null(PredictivePower.Measure(new Column<float>(new float[40], null, 2), numbers, LabelKind.Number));
        Assert.Null(PredictivePower.Measure(numbers, TextColumn.FromStrings(new string?[20]), LabelKind.Class));
        Assert.Equal(0, PredictivePower.Measure(numbers, constant, LabelKind.Number)); // Nothing to predict.
        Assert.Equal(0, PredictivePower.Measure(constant, numbers, LabelKind.Number)); // Nothing to predict it by.
        Assert.Equal(0, PredictivePower.Measure(texts, classes, LabelKind.Class)); // Every text occurs once.
        Assert.Equal(0, PredictivePower.Measure(numbers, texts, LabelKind.Class)); // Every class occurs once.
    }

    [Theory]
    [InlineData(LabelKind.Number)]
    [InlineData(LabelKind.Class)]
    public void Measure_PerfectFeature_IsOne(LabelKind kind)
    {
        var groups = Enumerable.Range(0, 400).Select(i => i * 7 % 5).ToArray();
        Column number = new Column<int>(groups), text = TextColumn.FromStrings([.. groups.Select(group => $"group {group}")]), moment = new Column<DateTime>([.. groups.Select(group => new DateTime(2001, 1, 1 + group, 0, 0, 0, DateTimeKind.Utc))]);
        var label = new Column<double>([.. groups.Select(group => group * 1.5)]);
        Assert.All([number, text, moment], feature => Assert.Equal(1, PredictivePower.Measure(feature, label, kind)!.Value, 1e-12));
    }

    [Fact]
    public void Measure_InfiniteValues_ArePassedOver()
    {
        double[] x = [.. Enumerable.Range(0, 40).Select(i => (double)(i % 4))], y = [.. x];
        (x[3], x[9], y[20]) = (double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity);
        Assert.Equal(1, PredictivePower.Measure(new Column<double>(x), new Column<double>(y), LabelKind.Number)!.Value, 1e-12);
    }

    private static Column ToSinglePrecision(Column column) => column is Column<double> or Column<long> ? new Column<float>([.. ColumnNumbers.ToDoubles(column).Select(value => (float)value)]) : column;
}
