using System.Globalization;
using System.Text;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Monitoring;
using Mlops.Onnx;
using Mlops.Profiles;
using Mlops.Reports;
using Mlops.Testing;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;
using Mlops.Training;
using Mlops.Triggers;
using Mlops.Validation;

namespace Mlops.Samples.Tests;

/// <summary>Runs alone: the culture of all threads is another one meanwhile.</summary>
[CollectionDefinition(nameof(DecimalCommaTests), DisableParallelization = true)]
public sealed class DecimalCommaCollection;

/// <summary>
/// Where numbers are written 1.234,5 and −1, everything that is stored, shown or exchanged is the same as elsewhere. The culture is made by hand, because
/// the tests run without the data of real ones.
/// </summary>
[Collection(nameof(DecimalCommaTests))]
public sealed class DecimalCommaTests : IDisposable
{
    private const string Csv = "id,amount,when,at,kind,label\n-1,-1234.5,2024-03-01,2024-03-01T10:20:30.25Z,a,0.5\n2,1e-3,2024-03-02,2024-03-02T00:00:00Z,b,-7.25\n3,,2024-03-03,,a,1234.75\n-40,17.5,2024-03-04,2024-03-04T12:00:00Z,,3.5\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("mlops-culture-").FullName;
    private readonly (CultureInfo Current, CultureInfo? Default) _before = (CultureInfo.CurrentCulture, CultureInfo.DefaultThreadCurrentCulture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SetCulture(_before.Current, _before.Default);
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>The other tests say something only where the culture is really another one.</summary>
    [Fact]
    public async Task Culture_OfEveryThread_HasADecimalComma()
    {
        SetCulture(CreateComma(), CreateComma());
        Assert.Equal("−1234,5", FormattableString.CurrentCulture($"{-1234.5}"));
        Assert.Equal("−1234,5", await Task.Run(() => FormattableString.CurrentCulture($"{-1234.5}"), Token));
        var text = "";
        var thread = new Thread(() => text = FormattableString.CurrentCulture($"{-1234.5}"));
        using (ExecutionContext.SuppressFlow()) thread.Start();
        thread.Join();
        Assert.Equal("−1234,5", text);
    }

    [Fact]
    public Task Csv_NumbersAndTimes_AreReadTheSame() => AssertSameAsync(async () =>
    {
        var text = new StringBuilder();
        var data = await OpenAsync();
        foreach (var column in data.Schema) text.Append(CultureInfo.InvariantCulture, $"{column.Name} {column.Type}\n");
        await foreach (var batch in data.ReadAsync(cancellationToken: Token))
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                foreach (var column in data.Schema) text.Append(CultureInfo.InvariantCulture, $"{batch[column.Name].GetValue(row)};");
            }
        }

        Assert.Contains("-1234.5;", text.ToString(), StringComparison.Ordinal);
        return text + (await DatasetFingerprint.ComputeAsync(data, cancellationToken: Token)).Digest;
    });

    [Fact]
    public Task Csv_ValueThatIsNone_IsRefusedInTheSameWords() => AssertSameAsync(async () =>
    {
        var path = Path.Combine(_directory, "comma.csv");
        await File.WriteAllTextAsync(path, "x\n1.5\n-2.5\n", Token);
        var schema = (await CsvDataset.OpenAsync(path, cancellationToken: Token)).Schema;
        Assert.Equal(ElementType.Float64, schema["x"].Type);
        await File.WriteAllTextAsync(path, "x\n1.5\n\"−2,5\"\n", Token);
        var broken = new CsvDataset(path, schema);
        return (await Assert.ThrowsAsync<DataFormatException>(async () => await broken.ToMemoryAsync(Token))).Message;
    });

    [Fact]
    public Task Schema_RoundTrip_IsTheSame() => AssertSameAsync(async () =>
    {
        var data = await OpenAsync();
        var schema = SchemaInference.Infer(await DatasetProfile.CreateAsync(data, Token)).Column("amount").Between(-0.5, 1234.75).Schema;
        var json = schema.ToJson();
        var read = ValidationSchema.FromJson(json);
        Assert.Equal(json, read.ToJson());
        var report = await new DataValidator(read).ValidateAsync(data, Token);
        Assert.NotEmpty(report.Findings);
        return $"{Encoding.UTF8.GetString(json)}\n{string.Join('\n', read.Constraints)}\n{report}\n{string.Join('\n', report.Findings)}\n{Encoding.UTF8.GetString(report.ToJson())}";
    });

    [Fact]
    public Task Profile_RoundTrip_IsTheSame() => AssertSameAsync(async () =>
    {
        var json = (await DatasetProfile.CreateAsync(await OpenAsync(), Token)).ToJson();
        var read = DatasetProfile.FromJson(json);
        Assert.Equal(json, read.ToJson());
        return $"{Encoding.UTF8.GetString(json)}\n{read}\n{string.Join('\n', read.Columns)}";
    });

    [Fact]
    public Task Drift_ReportsAndTheirTexts_AreTheSame() => AssertSameAsync(() =>
    {
        var drift = CreateDrift();
        var read = DriftReport.FromJson(drift.ToJson());
        Assert.Equal(drift.ToJson(), read.ToJson());
        Assert.NotEmpty(drift.Findings);
        var monitor = new MonitorSnapshot("m", new DateTimeOffset(2024, 3, 1, 10, 20, 30, TimeSpan.FromHours(1))) { Drift = drift, LabelledRowCount = 3 };
        return Task.FromResult($"{drift}\n{string.Join('\n', drift.Findings)}\n{string.Join('\n', drift.Findings.Select(finding => finding.Result))}\n{Encoding.UTF8.GetString(drift.ToJson())}\n{monitor}");
    });

    [Fact]
    public Task Html_Report_IsTheSame() => AssertSameAsync(async () =>
    {
        var days = Enumerable.Range(0, 40).Select(i => new DateOnly(2024, 1, 25).AddDays(i)).ToArray();
        var report = new HtmlReport("Figures")
            .AddDrift(CreateDrift())
            .AddChart(new LineChart("Line").AddSeries("series", days.Select((day, i) => new ChartPoint(day, (i - 20) * 1234.567))).AddThreshold("limit", -0.125).AddEvent(new ChartPoint(days[7], 0).At, "event"))
            .AddChart(new BarChart("Bars").SetThreshold("limit", 1234.5).AddBar("small", 0.0625).AddBar("large", 98765.4321));
        using var stream = new MemoryStream();
        await report.WriteAsync(stream, Token);
        return Encoding.UTF8.GetString(stream.ToArray());
    });

    [Fact]
    public Task Models_SavedAndLoaded_AreTheSame() => AssertSameAsync(async () =>
    {
        var (data, clock) = ((await OpenAsync()).WithRole("label", ColumnRole.Label).WithRole("when", ColumnRole.Time), new ManualTimeProvider());
        var model = (IGraphModel)await new RidgeTrainer(new RidgeOptions { Alpha = 0.5 }).TrainAsync(new TrainingContext(data), Token);
        Assert.Equal(model.Graph.ToJson(), ModelGraph.FromJson(model.Graph.ToJson()).ToJson());
        await using var predictor = model.CreatePredictor();
        var judged = (await LabelledPredictions.CreateAsync(predictor, data, cancellationToken: Token)).Evaluate(new RegressionEvaluator());
        var options = new ModelSaveOptions { TimeProvider = clock, Profile = await DatasetProfile.CreateAsync(data, Token), ValidationReport = new ModelValidationReport(judged, [new ModelCheck("none", ValidationVerdict.Pass, $"{judged}")]) };
        var (graph, onnx) = (NewPath(), NewPath());
        await ModelDirectory.SaveAsync(graph, model, options, Token);
        using (var exported = OnnxModel.Load(OnnxExporter.Export(model))) await ModelDirectory.SaveAsync(onnx, exported, options, Token);

        var loaded = (IGraphModel)await new GraphModelFlavor().LoadAsync(await ModelDirectory.OpenAsync(graph, Token), Token);
        Assert.Equal(model.Graph.ToJson(), loaded.Graph.ToJson());
        using var runtime = (OnnxModel)await new OnnxFlavor().LoadAsync(await ModelDirectory.OpenAsync(onnx, Token), Token);
        Assert.Equal(model.Signature, runtime.Signature);
        // Identifiers differ from one saving to the next, and with them the manifest.
        var files = new[] { graph, onnx }.SelectMany(path => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            .Where(file => Path.GetFileName(file) != ModelFiles.Manifest);
        var contents = files.Select(file => string.Join('\n', File.ReadLines(file, Encoding.Latin1).Where(line => !line.StartsWith("model_uuid", StringComparison.Ordinal))));
        return $"{string.Join("\n\n", contents)}\n{judged}\n{string.Join('\n', judged.Metrics)}\n{model.Signature}\n{string.Join('\n', model.Graph.Nodes.Select(node => node.Operator))}";
    });

    [Fact]
    public Task Flavor_SettingsOfEveryKind_AreTheSame() => AssertSameAsync(async () =>
    {
        var settings = new Dictionary<string, object?> { ["float"] = -1234.5f, ["double"] = 1e-7, ["decimal"] = -0.25m, ["half"] = (Half)1.5, ["whole"] = -5L, ["list"] = new object[] { -1, 2.5 } };
        var path = NewPath();
        await ModelDirectory.SaveAsync(path, new SettingsModel(settings), new ModelSaveOptions { TimeProvider = new ManualTimeProvider() }, Token);
        var flavor = (await ModelDirectory.OpenAsync(path, Token)).FindFlavor("settings")!;
        Assert.Equal((-1234.5, 1e-7, -0.25, 1.5, -5L), (flavor["float"], flavor["double"], flavor["decimal"], flavor["half"], flavor["whole"]));
        return string.Join('\n', (await File.ReadAllLinesAsync(Path.Combine(path, ModelFiles.MLmodel), Token)).Where(line => !line.StartsWith("model_uuid", StringComparison.Ordinal)));
    });

    [Fact]
    public Task Tracking_ParamsAndMetrics_AreTheSame() => AssertSameAsync(async () =>
    {
        var clock = new ManualTimeProvider();
        var text = new StringBuilder();
        var database = NewPath() + ".db";
        await using (var sqlite = await SqliteTracking.OpenAsync(database, timeProvider: clock, cancellationToken: Token)) await LogAsync(sqlite.Tracker);
        await using (var sqlite = await SqliteTracking.OpenAsync(database, timeProvider: clock, cancellationToken: Token)) await DescribeAsync(sqlite.Tracker);
        await using var memory = new InMemoryTracking(timeProvider: clock);
        await LogAsync(memory.Tracker);
        await DescribeAsync(memory.Tracker);
        return text.ToString();

        static Task LogAsync(ITracker tracker) => tracker.RunAsync("e", run =>
        {
            run.LogParam("alpha", -1234.5);
            run.LogParam("when", new DateOnly(2024, 3, 1));
            for (var step = -2; step < 3; step++) run.LogMetric("loss", step * 1234.5678, step);
            run.LogMetric("small", 1e-300);
            return Task.CompletedTask;
        }, new StartRunOptions { Name = "run" }, Token);

        async Task DescribeAsync(ITracker tracker)
        {
            await foreach (var run in tracker.SearchRunsAsync(new RunQuery("e"), Token))
            {
                Assert.Equal(("-1234.5", 2 * 1234.5678, 1e-300), (run.Params["alpha"], run.Metrics["loss"].Value, run.Metrics["small"].Value));
                foreach (var (name, value) in run.Params.OrderBy(pair => pair.Key, StringComparer.Ordinal)) text.Append(CultureInfo.InvariantCulture, $"{name}={value}\n");
                foreach (var metric in run.Metrics.Values.OrderBy(metric => metric.Name, StringComparer.Ordinal)) text.Append(metric).Append('\n');
                text.Append(run with { Id = "", ExperimentId = "" }).Append('\n');
            }
        }
    });

    [Fact]
    public Task Records_WithFractionsAndTimes_AreWrittenTheSame() => AssertSameAsync(() =>
    {
        var at = new DateTimeOffset(2024, 3, 1, 10, 20, 30, TimeSpan.FromHours(-2));
        object[] records =
        [
            new Metric("m", -1.5, -3, at), new Experiment("1", "e", LifecycleStage.Active, at), new RegisteredModel("m", at), new ModelVersion("m", 1, "s", "d", at),
            new TrainingProgress("fit", 0.25, -1.5), new TrainingProgress("fit", 0.25), new EvaluationMetric("rmse", -1234.5, MetricDirection.Minimize), new ChartPoint(at, -0.5),
            new RangeConstraint(-0.5, 1234.5) { MinimumRatio = 0.125 }, new CompletenessConstraint(0.125, 1234), new SetConstraint(["a"]) { MinimumRatio = 0.125 }, new QuantileConstraint(0.5, -0.5, 1234.5), new RowCountChangeConstraint(0.5, 2), new LinearRegressorOperator([1], -0.5f),
            new TriggerCause("c", "alert", "text", at), new MetricRow(1, 2, -3, -4, -0.5, false),
        ];
        return Task.FromResult(string.Join('\n', records));
    });

    private static CultureInfo CreateComma()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = culture.NumberFormat.PercentDecimalSeparator = culture.NumberFormat.CurrencyDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = culture.NumberFormat.PercentGroupSeparator = culture.NumberFormat.CurrencyGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = "−";
        culture.NumberFormat.PositiveInfinitySymbol = "unendlich";
        culture.NumberFormat.NaNSymbol = "keine Zahl";
        culture.DateTimeFormat.DateSeparator = ".";
        culture.DateTimeFormat.TimeSeparator = "h";
        culture.DateTimeFormat.ShortDatePattern = "dd/MM/yyyy";
        culture.DateTimeFormat.LongTimePattern = "HH:mm:ss";
        return culture;
    }

    /// <summary>Runs twice, in the invariant culture and in the one with a comma, and compares.</summary>
    private static async Task AssertSameAsync(Func<Task<string>> run)
    {
        SetCulture(CultureInfo.InvariantCulture, CultureInfo.InvariantCulture);
        var expected = await run();
        SetCulture(CreateComma(), CreateComma());
        var actual = await run();
        Assert.NotEqual("", expected);
        Assert.Equal(expected, actual);
    }

    private static void SetCulture(CultureInfo current, CultureInfo? ofThreads)
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = current;
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = ofThreads;
    }

    /// <summary>A number that moved, one that did not, and texts, some of them missing.</summary>
    private static DriftReport CreateDrift()
    {
        return DriftReport.Create(CreateProfile(0), CreateProfile(1.5));

        static DatasetProfile CreateProfile(double shift)
        {
            const int rows = 500;
            var random = new Random(3);
            var schema = new DataSchema([new("moved", ElementType.Float64), new("same", ElementType.Float64), new("word", ElementType.String)]);
            var profile = new DatasetProfile(schema);
            var (moved, same) = (Enumerable.Range(0, rows).Select(_ => random.NextDouble() + shift).ToArray(), Enumerable.Range(0, rows).Select(_ => -random.NextDouble()).ToArray());
            string?[] words = [.. Enumerable.Range(0, rows).Select(i => i % 10 < shift * 3 ? null : i % 2 == 0 ? "a" : "b")];
            profile.Add(new DataBatch(schema, [new Column<double>(moved), new Column<double>(same), TextColumn.FromStrings(words)]));
            return profile;
        }
    }

    private async Task<IDataset> OpenAsync()
    {
        var path = Path.Combine(_directory, "data.csv");
        await File.WriteAllTextAsync(path, Csv, Token);
        return await CsvDataset.OpenAsync(path, cancellationToken: Token);
    }

    private string NewPath() => Path.Combine(_directory, Guid.NewGuid().ToString("N"));

    private sealed class SettingsModel(Dictionary<string, object?> settings) : IModel
    {
        public ModelSignature Signature { get; } = new([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]);

        public IPredictor CreatePredictor() => throw new NotSupportedException();

        public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
        {
            target.AddFlavor("settings", settings);
            return Task.CompletedTask;
        }
    }
}
