using System.Text;
using System.Text.Json;
using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Core.Tests.Evaluation;

public sealed class EvaluationReportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateAsync_TwoClasses_HoldsEverything()
    {
        var report = await CreateAsync(3000);
        Assert.Equal(3000, report.RowCount);
        Assert.All(report.Metrics.Where(metric => metric.Value is not null), metric => Assert.NotNull(metric.Interval));
        Assert.InRange(report.Roc!.Points.Count, 3, 200);
        Assert.InRange(report.PrecisionRecall!.Points.Count, 3, 200);
        Assert.InRange(report.Lift!.Points.Count, 3, 200);
        Assert.NotEmpty(report.Calibration!.Bins);
        Assert.Equal(3000, report.Confusion!.Weights.Sum(row => row.Sum()));
        Assert.Equal(["no", "yes"], report.Classes.Select(result => result.Name));
        Assert.Equal("plan = legacy", report.Slices[0].Name);
        Assert.True(report.WorstSlice!.IsFinding);
        Assert.Equal("sex", report.Fairness.Single(fairness => fairness.Column == "sex").Column);
        Assert.Equal(["f", "m"], report.Fairness.Single(fairness => fairness.Column == "sex").Groups.Select(group => group.Group));
        Assert.True(report.Threshold!.Judged.ExpectedCost <= report.Threshold.Default.ExpectedCost);
        Assert.Equal("x", report.Importance[0].Feature);
        var text = report.ToString();
        Assert.Contains("roc_auc", text, StringComparison.Ordinal);
        Assert.Contains("worst slice", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FromJson_WhatToJsonWrote_IsTheSame()
    {
        var report = await CreateAsync(500);
        var json = report.ToJson();
        var back = EvaluationReport.FromJson(json);
        Assert.Equal(json, back.ToJson());
        Assert.Equal(report.ToString(), back.ToString());
        Assert.Equal(report.ToHtml(), back.ToHtml());
        Assert.Equal(json, (await CreateAsync(500)).ToJson());
    }

    [Fact]
    public async Task FromJson_OmittedPartsAndOtherVersions_AreDefaultsOrRefused()
    {
        var small = EvaluationReport.FromJson("""{"schemaVersion":1,"model":"m","dataset":"d","task":"Regression","rowCount":0,"metrics":[]}"""u8);
        Assert.Empty(small.Slices);
        Assert.Empty(small.Importance);
        Assert.NotEmpty(small.ToHtml());
        var later = Encoding.UTF8.GetString((await CreateAsync(100)).ToJson()).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 9", StringComparison.Ordinal);
        Assert.Contains("version 9", Assert.Throws<JsonException>(() => EvaluationReport.FromJson(Encoding.UTF8.GetBytes(later))).Message, StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => EvaluationReport.FromJson("null"u8));
        Assert.Throws<JsonException>(() => EvaluationReport.FromJson("[]"u8));
    }

    [Fact]
    public async Task ToHtml_Report_IsOneSmallPageWithoutRowsThatEscapes()
    {
        var html = (await CreateAsync(3000, new EvaluationOptions { ModelName = "<b>&" })).ToHtml();
        Assert.True(html.Length < 1_000_000);
        Assert.Contains("<title>Evaluation: &lt;b&gt;&amp;</title>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        foreach (var heading in new[] { "Figures", "Curves", "Classes", "Slices", "Worst slice found", "Fairness by sex", "Threshold", "Importance" })
            Assert.Contains($"<h2>{heading}</h2>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_ManyDistinctScores_StaysSmall()
    {
        var report = await EvaluationReport.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(20_000), new EvaluationOptions { Slices = [["age", "plan"]], MaximumSliceValues = 300, Bootstrap = null, Importance = null }, Token);
        Assert.True(report.ToHtml().Length < 1_000_000);
        Assert.True(report.ToJson().Length < 1_000_000);
        // The corners of a thinned curve stay, and its area hardly changes.
        Assert.Equal((0, 0), (report.Roc!.Points[0].FalsePositiveRate, report.Roc.Points[0].TruePositiveRate));
        Assert.Equal((1, 1), (report.Roc.Points[^1].FalsePositiveRate, report.Roc.Points[^1].TruePositiveRate));
        Assert.Equal(report.Metrics.Single(metric => metric.Name == "roc_auc").Value!.Value, report.Roc.Area.Value, 1e-3);
    }

    [Fact]
    public async Task CreateAsync_BadRows_AreCountedAndLeftOut()
    {
        var rows = JudgedModel.Rows(400, hasWeights: true);
        var batch = rows.Batches[0];
        var labels = Enumerable.Range(0, 400).Select(i => i < 10 ? null : i < 15 ? "maybe" : ((TextColumn)batch["left"]).GetString(i)).ToArray();
        var x = ((Column<double>)batch["x"]).Values.ToArray();
        for (var i = 20; i < 26; i++) x[i] = double.NaN;
        var bad = new InMemoryDataset("bad", rows.Schema, new DataBatch(rows.Schema, rows.Schema.Select(column => column.Name == "left" ? TextColumn.FromStrings(labels) : column.Name == "x" ? new Column<double>(x) : batch[column.Name])));
        var report = await EvaluationReport.CreateAsync(JudgedModel.Create(), bad, null, Token);
        Assert.Equal((10, 5, 6, 200), (report.MissingLabelCount, report.UnknownLabelCount, report.MissingPredictionCount, report.UnweightedCount));
        Assert.True(report.RowCount is < 200 and > 180);
        Assert.Contains("rows left out", report.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(report.ToHtml());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(50, false)]
    public async Task CreateAsync_NothingToJudge_SaysWhyEachFigureIsUndefined(int count, bool hasLabels)
    {
        var report = await EvaluationReport.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(count, hasLabels: hasLabels), new EvaluationOptions { Slices = [["age"], ["plan"]], Costs = new ThresholdCosts(1, 1) }, Token);
        Assert.Equal(hasLabels ? count : 0, report.RowCount);
        Assert.All(report.Metrics.Where(metric => metric.Value is null), metric => Assert.NotNull(metric.UndefinedReason));
        Assert.Null(report.WorstSlice);
        Assert.DoesNotContain("NaN", report.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(report.ToHtml());
        Assert.Equal(report.ToJson(), EvaluationReport.FromJson(report.ToJson()).ToJson());
    }

    [Fact]
    public async Task CreateAsync_OneClass_IsDefinedWhereItCanBe()
    {
        var report = await EvaluationReport.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(300).Where<string>("left", left => left == "yes"), new EvaluationOptions { Costs = new ThresholdCosts(1, 5) }, Token);
        Assert.Null(report.Metrics.Single(metric => metric.Name == "roc_auc").Value);
        Assert.NotNull(report.Metrics.Single(metric => metric.Name == "accuracy").Value);
        Assert.Contains(report.Fairness[0].Metrics, metric => metric.UndefinedReason is not null);
        Assert.NotEmpty(report.ToHtml());
    }

    [Fact]
    public async Task CreateAsync_NumbersAndThreeClasses_HaveTheirOwnParts()
    {
        var random = new Random(5);
        double[] a = [.. Enumerable.Range(0, 800).Select(_ => random.NextDouble() * 10)];
        var noise = a.Select(_ => (random.NextDouble() * 2) - 1).ToArray();
        var numbers = Dataset(a, new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), new Column<double>([.. a.Zip(noise, (x, e) => (2 * x) + e)]));
        var regression = await EvaluationReport.CreateAsync(
            new DelegatePredictor(new ModelSignature([TensorSpec.Of<double>("a", 1, "a")], [TensorSpec.Of<double>("y")]), (inputs, outputs) =>
            {
                for (var row = 0; row < inputs.Rows; row++) outputs.Get<double>(0).Span[row] = 2 * inputs.Get<double>(0).Span[row];
            }),
            numbers, new EvaluationOptions { Slices = [["a"]] }, Token);
        Assert.Equal(ModelTask.Regression, regression.Task);
        Assert.NotEmpty(regression.Residuals!.Bins);
        Assert.Null(regression.Roc);
        Assert.Contains("<h2>Residuals</h2>", regression.ToHtml(), StringComparison.Ordinal);
        Assert.Equal(regression.ToJson(), EvaluationReport.FromJson(regression.ToJson()).ToJson());

        var classes = Dataset(a, new ColumnSchema("y", ElementType.String, ColumnRole.Label), TextColumn.FromStrings([.. a.Select((x, i) => i % 10 == 0 ? "c" : x < 4 ? "a" : x < 8 ? "b" : "c")]));
        var three = new DelegatePredictor(new ModelSignature([TensorSpec.Of<double>("a", 1, "a")], [TensorSpec.Of<double>("p", 3) with { Classes = ["a", "b", "c"] }]), (inputs, outputs) =>
        {
            for (var row = 0; row < inputs.Rows; row++)
            {
                var at = inputs.Get<double>(0).Span[row] is var x && x < 4 ? 0 : x < 8 ? 1 : 2;
                for (var i = 0; i < 3; i++) outputs.Get<double>(0).Span[(3 * row) + i] = i == at ? 0.8 : 0.1;
            }
        });
        var report = await EvaluationReport.CreateAsync(three, classes, null, Token);
        Assert.Equal(3, report.Confusion!.Classes.Count);
        Assert.Equal(3, report.Classes.Count);
        Assert.Null(report.Roc);
        Assert.Empty(report.Fairness);
        var binary = await EvaluationReport.CreateAsync(three, classes, new EvaluationOptions { PositiveClass = "c" }, Token);
        Assert.Equal(ModelTask.BinaryClassification, binary.Task);
        Assert.NotNull(binary.Roc);
    }

    [Fact]
    public async Task CreateAsync_NoLabelColumnOrCancelled_Throws()
    {
        var rows = JudgedModel.Rows(50);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => EvaluationReport.CreateAsync(JudgedModel.Create(), rows.WithRole("left", ColumnRole.Ignored), null, Token));
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EvaluationReport.CreateAsync(JudgedModel.Create(), rows, null, source.Token));
    }

    private static Task<EvaluationReport> CreateAsync(int rows, EvaluationOptions? options = null)
    {
        options ??= new EvaluationOptions();
        options.Slices = [["plan"], ["age"]];
        options.Costs = new ThresholdCosts(FalsePositive: 1, FalseNegative: 8);
        return EvaluationReport.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(rows), options, Token);
    }

    private static InMemoryDataset Dataset(double[] a, ColumnSchema label, Column labels)
    {
        var schema = new DataSchema(new ColumnSchema("a", ElementType.Float64), label);
        return new InMemoryDataset("rows", schema, new DataBatch(schema, new Column<double>(a), labels));
    }
}
