using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class ProfileMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_RealData_GivesTheFiguresOfTheProfile()
    {
        var dataset = (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"), cancellationToken: Token)).WithRole("Status", ColumnRole.Label);
        var profile = await DatasetProfile.CreateAsync(dataset, new DatasetProfileOptions { LabelInformation = true }, Token);
        var metrics = ProfileMetrics.Of(profile).ToDictionary(StringComparer.Ordinal);
        Assert.Equal(4454, metrics["row_count"]);
        Assert.Equal(14, metrics["column_count"]);
        Assert.Equal(profile["Income"].CompletenessRatio, metrics["Income.completeness"]);
        Assert.Equal(profile["Age"].Moments!.Mean, metrics["Age.mean"]);
        Assert.Equal(profile["Age"].Quantiles!.GetQuantile(0.5), metrics["Age.quantile_0.5"]);
        Assert.Equal(profile["Age"].DistinctValues.Estimate / 4454, metrics["Age.distinctness"]);
        Assert.Equal(profile.LabelInformation!["Age"], metrics["Age.label_information"]);
        var (good, bad) = (profile["Status"].Values!.GetCount("good") / 4454.0, profile["Status"].Values!.GetCount("bad") / 4454.0);
        Assert.Equal(-(good * Math.Log(good)) - (bad * Math.Log(bad)), metrics["Status.entropy"]!.Value, 1e-12);
        Assert.Equal(0, metrics["Status.uniqueness"]);
        Assert.Equal((3.0, 4.0), (metrics["Status.minimum_length"], metrics["Status.maximum_length"]));
        Assert.All(metrics.Keys.Except(["row_count", "column_count"]), name => Assert.Contains(ProfileMetrics.GetColumn(name), dataset.Schema.Select(column => column.Name)));
        Assert.All(metrics.Values, value => Assert.True(value is null || double.IsFinite(value.Value)));
    }

    [Fact]
    public void Of_SmallTexts_UniquenessIsAsDefined()
    {
        var schema = new DataSchema(new ColumnSchema("t", ElementType.String), new ColumnSchema("v", ElementType.Float32) { Width = 2 });
        var profile = new DatasetProfile(schema);
        profile.Add(new DataBatch(schema, TextColumn.FromStrings(["a", "b", "b", "c", null]), new Column<float>([3, 4, 0, 0, 0, 0, 0, 0, float.NaN, 0], null, 2)));
        var metrics = ProfileMetrics.Of(profile).ToDictionary(StringComparer.Ordinal);
        Assert.Equal(2 / 5.0, metrics["t.uniqueness"]);
        Assert.Equal(2 / 3.0, metrics["t.unique_value_ratio"]);
        Assert.Equal(0.5 * Math.Log(2) + (0.5 * Math.Log(4)), metrics["t.entropy"]!.Value, 1e-12);
        Assert.Equal(4 / 5.0, metrics["v.completeness"]!.Value, 1e-12);
        Assert.Equal(5 / 4.0, metrics["v.mean_norm"]);
    }

    [Fact]
    public void Of_EmptyData_HasNoValuesRatherThanNaN()
    {
        var schema = new DataSchema(new ColumnSchema("n", ElementType.Float64), new ColumnSchema("t", ElementType.String), new ColumnSchema("v", ElementType.Float32) { Width = 2 });
        var metrics = ProfileMetrics.Of(new DatasetProfile(schema));
        Assert.Equal((0.0, 3.0), (metrics[0].Value, metrics[1].Value));
        Assert.All(metrics.Skip(2).Where(metric => !metric.Key.EndsWith("distinct_count", StringComparison.Ordinal) && !metric.Key.EndsWith("sum", StringComparison.Ordinal)), metric => Assert.Null(metric.Value));
        var history = new MetricHistory("h");
        history.Add(HistoryFiles.Start, new DatasetProfile(schema));
        Assert.Equal(metrics.Select(metric => metric.Key).Order(StringComparer.Ordinal), history.Metrics);
    }

    [Fact]
    public async Task Add_ProfilesOfWeeks_FindsTheBrokenWeek()
    {
        // Real ridership in chunks of four weeks; in the last one a third of the rows is gone and a column is halved.
        var all = await CsvDataset.OpenAsync(TestFiles.PathOf("samples", "data", "chicago.csv"), cancellationToken: Token);
        var batches = new List<DataBatch>();
        await foreach (var batch in all.ReadAsync(new ReadOptions { BatchRows = 28 }, Token)) batches.Add(batch);
        var history = new MetricHistory("ridership", new MetricHistoryOptions { Metrics = ["row_count", "Austin.*"] });
        foreach (var (i, batch) in batches.Take(40).Index())
        {
            var profile = new DatasetProfile(all.Schema);
            profile.Add(batch);
            history.Add(HistoryFiles.Start.AddDays(28 * i), profile);
        }

        var rules = new MetricRules().Add("row_count", new RelativeChangeRule { MaximumDecrease = 0.2 }).Add("Austin.mean", new OnlineZScoreRule { Threshold = 6 });
        Assert.All(history.Metrics, metric => Assert.True(metric == "row_count" || metric.StartsWith("Austin.", StringComparison.Ordinal)));
        Assert.Empty(rules.Check(history).Anomalies);
        var broken = new DatasetProfile(new DataSchema(new ColumnSchema("Austin", ElementType.Float64)));
        broken.Add(new DataBatch(new DataSchema(new ColumnSchema("Austin", ElementType.Float64)), new Column<double>([.. ColumnNumbers.ToDoubles(batches[40]["Austin"]).Take(19).Select(riders => riders / 2)])));
        history.Add(HistoryFiles.Start.AddDays(28 * 40), broken);
        Assert.Equal(["row_count", "Austin.mean"], rules.CheckLatest(history).Anomalies.Select(anomaly => anomaly.Metric));
    }

    [Theory]
    [InlineData("row_count", null)]
    [InlineData("auc", null)]
    [InlineData("age.mean", "age")]
    [InlineData("a.b.maximum", "a.b")]
    [InlineData("age.quantile_0.5", "age")]
    [InlineData("age.quantile_x", null)]
    [InlineData(".mean", null)]
    [InlineData("age.brightness", null)]
    public void GetColumn_Name_IsWhatStandsBeforeTheFigure(string metric, string? column) => Assert.Equal(column, ProfileMetrics.GetColumn(metric));
}
