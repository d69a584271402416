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

    private static Column ToSinglePrecision(Column column) => column is Column<double> or Column<long> ? new Column<float>([.. ColumnNumbers.ToDoubles(column).Select(value => (float)value)]) : column;
}
