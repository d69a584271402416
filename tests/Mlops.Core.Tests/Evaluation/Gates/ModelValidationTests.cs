using System.Text.Json;
using System.Xml.Linq;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class ModelValidationTests : IDisposable
{
    private readonly PackageData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task ValidateAsync_TwoOfOneName_AreRefused()
    {
        var context = new ModelValidationContext(new EvaluationData(GateData.Numbers(100, 1, 1)));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => ModelValidation.ValidateAsync(context, [new ThresholdValidator("rmse") { Maximum = 2 }, new ThresholdValidator("mae") { Maximum = 2 }], GateData.Token));
        Assert.Contains("'threshold'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_DefaultGates_LetAGoodCandidatePass()
    {
        await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2)) with { ChampionSignature = PackageData.Signature };
        var champion = await EvaluationData.CreateAsync(new FactorModel(1.5).CreatePredictor(), PackageData.Dataset, GateData.Token);
        var gates = ModelGates.Default("rmse").Where(gate => gate is not LatencyValidator).ToArray(); // The machine may be slow.
        var report = await ModelValidation.ValidateAsync(context with { Champion = champion }, gates, GateData.Token);
        Assert.Equal(ValidationVerdict.Pass, report.EnsurePassed().Verdict);
        Assert.Equal(["champion", "baseline", "overfit", "calibration", "signature", "package", "memory"], report.Checks.Select(check => check.Validator));
        Assert.Equal(["baseline", "overfit", "calibration"], report.Checks.Where(check => check.IsSkipped).Select(check => check.Validator));
        Assert.Contains(ModelGates.Default("rmse"), gate => gate is LatencyValidator);
    }

    [Fact]
    public async Task ValidateAsync_AValidatorThrows_FailsWithTheErrorAndAsksTheOthers()
    {
        var report = await AskAsync(new Throwing(new InvalidOperationException("no disk")), new ThresholdValidator("rmse") { Maximum = 5 });
        Assert.Equal(ValidationVerdict.Fail, report.Verdict);
        Assert.Equal(("System.InvalidOperationException", "could not be judged: no disk"), (report["throwing"].ErrorType, report["throwing"].Reason));
        Assert.Equal(ValidationVerdict.Pass, report["threshold"].Verdict);
        Assert.Throws<EntityNotFoundException>(() => report["champion"]);

        // A message of somebody else may quote a value of the data.
        var other = await AskAsync(new Throwing(new FormatException("'secret' is no number")));
        Assert.DoesNotContain("secret", other.ToString(), StringComparison.Ordinal);
        Assert.IsType<FormatException>(other["throwing"].Exception);
        // Somebody else's cancellation is a failure like others.
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new Throwing(new OperationCanceledException()))).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_Cancelled_IsNotWrapped()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ModelValidation.ValidateAsync(Context(), [new ThresholdValidator("rmse") { Maximum = 5 }], source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ModelValidation.ValidateAsync(Context(), [new Throwing(new OperationCanceledException(source.Token))], source.Token));
    }

    [Fact]
    public async Task ValidateAsync_NoValidator_IsRefused()
        => await Assert.ThrowsAsync<ArgumentException>(() => ModelValidation.ValidateAsync(Context(), [], GateData.Token));

    [Fact]
    public async Task Json_EveryKindOfFigure_ComesBack()
    {
        var report = await RichAsync();
        var json = report.ToJson();
        var read = ModelValidationReport.FromJson(json);
        Assert.Equal(json, read.ToJson());
        Assert.Equal(report.ToString(), read.ToString());
        Assert.Equal(report.ToHtml(), read.ToHtml());
        Assert.Equal(report["champion"].Figures, read["champion"].Figures);
        Assert.Equal(report.Verdict, read.Verdict);
        Assert.Contains("\"verdict\": \"Fail\"", System.Text.Encoding.UTF8.GetString(json), StringComparison.Ordinal);
    }

    /// <summary>Where nothing can be judged all metrics are undefined, and so are the figures.</summary>
    [Fact]
    public async Task Json_UndefinedMetrics_ComeBack()
    {
        var nothing = new EvaluationData(new ModelOutcomes([], [double.NaN, 1], [1, double.NaN]));
        var report = await ModelValidation.ValidateAsync(new ModelValidationContext(nothing) { Champion = nothing, Training = nothing }, ModelGates.Quality("rmse"), GateData.Token);
        Assert.Equal(ValidationVerdict.Fail, report.Verdict);
        Assert.All(report.Candidate.Metrics, metric => Assert.Null(metric.Value));
        var read = ModelValidationReport.FromJson(report.ToJson());
        Assert.Equal(report.Candidate.Metrics, read.Candidate.Metrics);
        Assert.Equal(report.ToString(), read.ToString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"candidate\":null,\"checks\":[]}")]
    [InlineData("{\"candidate\":{\"rowCount\":1,\"metrics\":[null]},\"checks\":[]}")]
    [InlineData("{\"candidate\":{\"rowCount\":1,\"metrics\":[]},\"checks\":[null]}")]
    [InlineData("{\"candidate\":{\"rowCount\":1,\"metrics\":[]},\"checks\":[{\"validator\":\"a\",\"verdict\":\"Pass\"}]}")]
    public void FromJson_NoReport_IsRefused(string json)
        => Assert.ThrowsAny<JsonException>(() => ModelValidationReport.FromJson(System.Text.Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void FromJson_ReportWithoutFigures_IsRead()
    {
        var report = ModelValidationReport.FromJson("{\"candidate\":{\"rowCount\":1,\"metrics\":[]},\"checks\":[{\"validator\":\"a\",\"verdict\":\"Warn\",\"reason\":\"b\"}]}"u8);
        Assert.Empty(report["a"].Figures);
        Assert.Equal(ValidationVerdict.Warn, report.Verdict);
    }

    [Fact]
    public async Task EnsurePassed_Failed_ThrowsWithTheReasonsButNoValue()
    {
        var report = await RichAsync();
        var error = Assert.Throws<ModelValidationException>(report.EnsurePassed);
        Assert.Same(report, error.Report);
        Assert.Contains("champion: mae", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("south", error.Message, StringComparison.Ordinal);
        Assert.Contains("region = south", report.ToString(), StringComparison.Ordinal);

        var warned = new ModelValidationReport(report.Candidate, [new ModelCheck("a", ValidationVerdict.Warn, "b")]);
        Assert.Same(warned, warned.EnsurePassed());
        Assert.Throws<ModelValidationException>(() => warned.CountWarningsAsFailures().EnsurePassed());
        Assert.Throws<ModelValidationException>(() => new ModelValidationReport(report.Candidate, []).EnsurePassed());
        Assert.Equal(ValidationVerdict.Fail, warned.Append(report).Verdict);
    }

    [Fact]
    public async Task Html_Report_ShowsEveryGateAndItsFigures()
    {
        var html = (await RichAsync()).ToHtml();
        Assert.Contains("Verdict: fail.", html, StringComparison.Ordinal);
        Assert.Contains("region = south", html, StringComparison.Ordinal);
        Assert.Contains("champion: fail", html, StringComparison.Ordinal);
        Assert.Contains("skipped", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JUnitXml_Report_HasATestForEachGate()
    {
        var report = await RichAsync();
        var suite = XDocument.Parse(report.ToJUnitXml()).Root!.Element("testsuite")!;
        Assert.Equal(report.Checks.Select(check => check.Validator), suite.Elements("testcase").Select(test => (string)test.Attribute("name")!));
        Assert.Equal(("5", "1", "1", "1"), ((string)suite.Attribute("tests")!, (string)suite.Attribute("failures")!, (string)suite.Attribute("errors")!, (string)suite.Attribute("skipped")!));
        Assert.Single(suite.Descendants("failure"));
        Assert.Single(suite.Descendants("error"));
        Assert.Single(suite.Descendants("skipped"));
    }

    [Fact]
    public async Task SavedReport_ComesBackFromTheDirectory()
    {
        var report = await RichAsync();
        var directory = await ModelDirectory.SaveAsync(_data.Path, new FactorModel(2), new ModelSaveOptions { ValidationReport = report }, GateData.Token);
        Assert.Equal(report.ToString(), (await directory.ReadValidationReportAsync(GateData.Token))!.ToString());
    }

    private static async Task<ModelValidationReport> RichAsync()
    {
        const int Rows = 200;
        var champion = GateData.Numbers(Rows, 1, 2);
        var candidate = GateData.Shift(GateData.Numbers(Rows, 0.3, 1), row => row % 4 == 0 ? 2 : 0);
        var context = new ModelValidationContext(new EvaluationData(candidate) { SliceColumns = [GateData.Column("region", Rows, row => row % 4 == 0 ? 1 : 0, "north", "south")] })
        {
            Champion = new EvaluationData(champion),
            Baselines = new Dictionary<string, EvaluationData> { ["mean"] = new(new ModelOutcomes([], [.. Enumerable.Repeat(3.0, Rows)], champion.Labels.ToArray())) },
        };
        return await ModelValidation.ValidateAsync(
            context,
            [
                new ChampionValidator("mae") { ProtectedColumns = ["region"] },
                new BaselineValidator("mae"),
                new ThresholdValidator("mae") { Maximum = 1, SliceColumns = ["region"], SliceMaximum = 3 },
                new OverfitValidator("mae") { IsOptional = true },
                new Throwing(new InvalidOperationException("no disk")),
            ],
            GateData.Token);
    }

    private static ModelValidationContext Context() => new(new EvaluationData(GateData.Numbers(50, 1, 1)));

    private static Task<ModelValidationReport> AskAsync(params IModelValidator[] validators) => ModelValidation.ValidateAsync(Context(), validators, GateData.Token);

    private sealed class Throwing(Exception error) : IModelValidator
    {
        public string Name => "throwing";

        public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default) => throw error;
    }
}
