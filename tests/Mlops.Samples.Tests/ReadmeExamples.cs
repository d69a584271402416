using System.IO.Compression;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.Artifacts;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Explanation;
using Mlops.Models;
using Mlops.Monitoring;
using Mlops.Onnx;
using Mlops.Pipelines;
using Mlops.Profiles;
using Mlops.Reports;
using Mlops.Serving;
using Mlops.State;
using Mlops.Testing;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;
using Mlops.Training;
using Mlops.Triggers;
using Mlops.Validation;

namespace Mlops.Samples.Tests;

/// <summary>The examples of README.md, word for word, each in a directory of its own.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class ReadmeExamples(WorkingDirectory here) : IClassFixture<WorkingDirectory>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Core_Example_Runs()
    {
        here.Enter();
        await File.WriteAllTextAsync("yesterday.csv", "age,city\n30,Bonn\n40,Ulm\n", Token);
        await File.WriteAllTextAsync("tomorrow.csv", "age,city\n300,Bonn\n41,Ulm\n", Token);
        // readme: Core
        var yesterday = await CsvDataset.OpenAsync("yesterday.csv");
        ValidationSchema schema = SchemaInference.Infer(await DatasetProfile.CreateAsync(yesterday))
            .Column("age").Required().Between(0, 120)
            .Column("city").In("Bonn", "Köln", "Ulm").AsWarning();
        await File.WriteAllBytesAsync("schema.json", schema.ToJson()); // for people to review and edit

        var tomorrow = await CsvDataset.OpenAsync("tomorrow.csv");
        var report = await new DataValidator(schema).ValidateAsync(tomorrow);
        Console.WriteLine(report); // each violated constraint, with the share of rows and the first of them
        await File.WriteAllTextAsync("report.html", report.ToHtml());
        // end
        Assert.Equal(ValidationVerdict.Fail, report.Verdict);
        Assert.Contains("from 0 to 120", await File.ReadAllTextAsync("report.html", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checks_Example_Runs()
    {
        here.Enter();
        var random = new Random(1);
        await File.WriteAllLinesAsync("customers.csv", ["id,mail,minutes,plan,left", .. Enumerable.Range(0, 500).Select(i => FormattableString.Invariant($"{i},c{i}@example.org,{random.NextDouble() * 1000:0.000000},{"abc"[random.Next(3)]},{(i % 3 == 0 ? "yes" : "no")}"))], Token);
        // readme: Checks
        var data = (await CsvDataset.OpenAsync("customers.csv"))
            .WithRole("id", ColumnRole.Key).WithRole("left", ColumnRole.Label)
            .MaskPii(new PiiDetector(), new PiiRedaction());
        var split = await DatasetSplitter.StratifiedAsync(data, new SplitOptions { TestRatio = 0.2, Seed = 1 });

        var report = await ValidationSuite.TrainTest().RunAsync(split.Train, split.Test);
        Console.WriteLine(report); // keys and rows on both sides, new categories, features that give the label away, drift
        await File.WriteAllTextAsync("checks.xml", report.ToJUnitXml()); // for the build server
        Environment.ExitCode = report.ExitCode;
        // end
        Assert.True(report.ExitCode == 0 && Environment.ExitCode == 0, report.ToString());
        Assert.Equal("[email]", ((TextColumn)(await split.Test.ToMemoryAsync(Token)).Batches[0]["mail"]).GetString(0));
    }

    [Fact]
    public async Task Data_Example_Runs()
    {
        here.Enter();
        await WriteRidesAsync();
        // readme: Data
        var rides = await CsvDataset.OpenAllAsync("rides/**/*.csv.gz", new CsvOptions { BadRowHandling = BadRowHandling.Quarantine, Parallelism = 2 });
        var weather = await DbDataset.OpenAsync("weather", _ => new(new SqliteConnection("Data Source=weather.db")), "SELECT at, station, rain FROM weather ORDER BY at");

        var data = rides
            .JoinAsOf(weather, on: "at", new AsOfJoinOptions { By = ["station"], Tolerance = TimeSpan.FromHours(1) }) // never a measurement from the future
            .Derive("wet", "rain", (double rain) => rain > 0.5)
            .WithRole("riders", ColumnRole.Label);

        var profile = new DatasetProfile(data.Schema, new DatasetProfileOptions { Correlations = true, LabelInformation = true });
        using var fingerprint = new DatasetFingerprint(data.Schema);
        await data.ScanAsync([profile.Add, fingerprint.Add]); // batch by batch: the data may be larger than memory

        Console.WriteLine($"{profile.RowCount} rows, {profile["station"].DistinctValues.Estimate:0} stations, median {profile["riders"].Quantiles!.GetQuantile(0.5)}");
        Console.WriteLine($"rain and riders: {profile.Correlations!["rain", "riders"]:0.00}; version {fingerprint.Finish()}");
        foreach (var batch in (await rides.BadRows.ToMemoryAsync()).Batches) // source, line, column, reason and the row itself
            Console.WriteLine(((TextColumn)batch["reason"]).GetString(0));
        // end
        Assert.Equal((40, 2.0), (profile.RowCount, Math.Round(profile["station"].DistinctValues.Estimate)));
        Assert.True(profile.Correlations["rain", "riders"] < -0.9);
        Assert.Equal(1, (await rides.BadRows.ToMemoryAsync(Token)).RowCount);
    }

    [Fact]
    public async Task Training_Example_Runs()
    {
        here.Enter();
        CopyRidership();
        // readme: Training
        var data = (await CsvDataset.OpenAsync("ridership.csv"))
            .WithRole("ridership", ColumnRole.Label)
            .WithRole("date", ColumnRole.Time);
        var split = DatasetSplitter.ByTime(data, testStart: new DateOnly(2006, 1, 1));

        IModel model = await new RidgeTrainer().TrainAsync(new TrainingContext(split.Train));

        await using var predictor = model.CreatePredictor();
        var judged = await EvaluationData.CreateAsync(predictor, split.Test);
        Console.WriteLine(EvaluationResult.Of(judged.Outcomes)); // rmse …, mae …, r2 …
        // end
        Assert.InRange(EvaluationResult.Of(judged.Outcomes)["rmse"].Value!.Value, 1, 6);
    }

    [Fact]
    public async Task Classification_Example_Runs()
    {
        here.Enter();
        File.Copy(Path.Combine(WorkingDirectory.Repository, "tests", "TestData", "churn.csv"), "churn.csv", overwrite: true);
        // readme: Classification
        var data = (await CsvDataset.OpenAsync("churn.csv")).WithRole("churn", ColumnRole.Label); // "yes" or "no"
        var (train, test) = (data.Take(3333), data.Skip(3333));

        var trainer = new LogisticTrainer(new LogisticOptions { PositiveClass = "yes" }); // without it, the last class in ascending order
        IModel model = await trainer.TrainAsync(new TrainingContext(train));
        Console.WriteLine(model.Signature.Outputs[1].Classes[^1]); // yes: the outputs are the class, and the probability of each

        await using var predictor = model.CreatePredictor();
        var judged = await EvaluationData.CreateAsync(predictor, test); // the last of two classes is the positive one; labels may be text
        Console.WriteLine(EvaluationResult.Of(judged.Outcomes)); // accuracy …, roc_auc …, log_loss …
        // end
        var result = EvaluationResult.Of(judged.Outcomes);
        Assert.Equal(("yes", 5000 - 3333), (judged.Outcomes.Classes[^1], result.RowCount));
        Assert.InRange(result["roc_auc"].Value!.Value, 0.75, 0.9);
    }

    [Fact]
    public async Task Evaluation_Example_Runs()
    {
        here.Enter();
        File.Copy(Path.Combine(WorkingDirectory.Repository, "tests", "TestData", "churn.csv"), "churn.csv");
        // readme: Evaluation
        var data = (await CsvDataset.OpenAsync("churn.csv")).WithRole("churn", ColumnRole.Label);
        var (train, test) = (data.Take(3333), data.Skip(3333));
        IModel model = await new LogisticTrainer(new LogisticOptions { PositiveClass = "yes" }).TrainAsync(new TrainingContext(train));
        await using var predictor = model.CreatePredictor();

        EvaluationReport report = await EvaluationReport.CreateAsync(predictor, test, new EvaluationOptions
        {
            Slices = [["international_plan"], ["total_day_minutes"]], // rows are judged apart by these, and by every sensitive column
            Costs = new ThresholdCosts(FalsePositive: 1, FalseNegative: 5),
        });
        Console.WriteLine(report); // figures with confidence intervals, the worst slice, a threshold, what is important
        await File.WriteAllTextAsync("evaluation.html", report.ToHtml());

        IExplainer explainer = await PermutationExplainer.CreateAsync(predictor, background: train); // of any model; linear ones have an exact LinearExplainer
        var why = await explainer.ExplainAsync(await test.Take(1).ReadAsync().FirstAsync());
        Console.WriteLine($"{why.BaseValue:0.00} + {why.GetAttributions(0)[0]:0.00} by {why.Features[0]} + … = {why.Predictions[0]:0.00}");
        // end
        Assert.Equal(5000 - 3333, report.RowCount);
        Assert.True(report.Threshold!.Judged.ExpectedCost < report.Threshold.Default.ExpectedCost);
        Assert.Contains(report.Slices, slice => slice.Column == "total_day_minutes");
        Assert.Equal("number_customer_service_calls ≥ 4", report.WorstSlice!.Name); // those who call often leave, which no line through their number says
        Assert.True(report.WorstSlice.IsFinding);
        Assert.Equal(why.Predictions[0], why.BaseValue + why.GetAttributions(0).ToArray().Sum(), 1e-9);
        Assert.True(new FileInfo("evaluation.html").Length is > 10_000 and < 1_000_000);
    }

    [Fact]
    public async Task Gates_Example_Runs()
    {
        here.Enter();
        File.Copy(Path.Combine(WorkingDirectory.Repository, "tests", "TestData", "churn.csv"), "churn.csv", overwrite: true);
        var data = (await CsvDataset.OpenAsync("churn.csv")).WithRole("churn", ColumnRole.Label);
        var (train, test) = (data.Take(3333), data.Skip(3333));
        var trainer = new LogisticTrainer(new LogisticOptions { PositiveClass = "yes" });
        await using var champion = (await trainer.TrainAsync(new TrainingContext(train.Take(200)), Token)).CreatePredictor();
        var model = await trainer.TrainAsync(new TrainingContext(train), Token);
        // readme: Gates
        await using var predictor = model.CreatePredictor();
        await ModelDirectory.SaveAsync("candidate", model, new ModelSaveOptions { GoldenRows = await GoldenRows.CaptureAsync(predictor, test) });
        var context = new ModelValidationContext(await EvaluationData.CreateAsync(predictor, test))
        {
            Champion = await EvaluationData.CreateAsync(champion, test), // on the same rows
            ChampionSignature = champion.Signature,
            Training = await EvaluationData.CreateAsync(predictor, train),
            Predictor = predictor,
            Rows = test, // to be predicted again by what was saved
            Package = new CandidatePackage("candidate", [new GraphModelFlavor()]),
        };
        var report = await ModelValidation.ValidateAsync(context, [.. ModelGates.Quality("roc_auc"), new SignatureValidator(), new PackageValidator()]);

        Console.WriteLine(report); // better beyond chance, not overfit, calibrated; what was saved loads, and is what was judged
        await File.WriteAllTextAsync("gates.html", report.ToHtml());
        report.EnsurePassed(); // only now let the alias of the champion move
        // end
        Assert.Equal(["baseline"], report.Checks.Where(check => check.IsSkipped).Select(check => check.Validator));
    }

    [Fact]
    public async Task Onnx_Example_Runs()
    {
        here.Enter();
        var model = await TrainAsync();
        // readme: Onnx
        using var onnx = OnnxModel.Load(OnnxExporter.Export((IGraphModel)model));
        await ModelDirectory.SaveAsync("model", onnx);

        var directory = await ModelDirectory.OpenAsync("model"); // verifies the digest of every file
        IModel loaded = await new OnnxFlavor().LoadAsync(directory);
        await using var predictor = loaded.CreatePredictor();
        // end
        Assert.Equal(model.Signature.Inputs.Count, predictor.Signature.Inputs.Count);
    }

    [Fact]
    public async Task Tracking_Example_Runs()
    {
        here.Enter();
        // readme: Tracking
        await using var tracking = new InMemoryTracking();
        var finished = await tracking.Tracker.RunAsync("ridership", async run =>
        {
            run.LogParam("alpha", 1.0);
            for (var epoch = 0; epoch < 10; epoch++) run.LogMetric("rmse", 3.0 / (epoch + 1), epoch);
            await run.LogArtifactAsync("notes.txt", new MemoryStream("hello"u8.ToArray()));
        });
        Console.WriteLine($"{finished.Status}: rmse {finished.Metrics["rmse"].Value}");
        // end
        Assert.Equal((RunStatus.Finished, 0.3), (finished.Status, Math.Round(finished.Metrics["rmse"].Value, 3)));
    }

    [Fact]
    public async Task Sqlite_Example_Runs()
    {
        here.Enter();
        await SaveModelAsync();
        // readme: Sqlite
        await using var tracking = await SqliteTracking.OpenAsync("mlops.db");
        var digest = (await ModelDirectory.OpenAsync("model")).Digest;
        await tracking.Artifacts.UploadDirectoryAsync("model", "models/ridership-1");
        var version = await tracking.Registry.RegisterVersionAsync("ridership", new NewModelVersion("models/ridership-1", digest));
        await tracking.Registry.SetAliasAsync("ridership", "champion", version.Version);
        // end
        Assert.Equal(1, (await tracking.Registry.ResolveAsync(ModelUri.Parse("models:/ridership@champion"), Token)).Version);
    }

    [Fact]
    public async Task Serving_Example_Runs()
    {
        here.Enter();
        await SaveModelAsync();
        await using var tracking = await SqliteTracking.OpenAsync("mlops.db", cancellationToken: Token);
        await tracking.Artifacts.UploadDirectoryAsync("model", "models/ridership-1", Token);
        var registered = await tracking.Registry.RegisterVersionAsync("ridership", new NewModelVersion("models/ridership-1", (await ModelDirectory.OpenAsync("model", Token)).Digest), Token);
        await tracking.Registry.SetAliasAsync("ridership", "champion", registered.Version, cancellationToken: Token);
        // readme: Serving
        var loader = new ModelLoader(tracking.Artifacts, [new OnnxFlavor()]);
        await using var host = new ModelHost(tracking.Registry, loader);
        await host.AddAsync("ridership", ModelUri.Parse("models:/ridership@champion"));

        var predictor = host.Get("ridership");
        using var inputs = predictor.Signature.RentInputs(rows: 1);
        using var outputs = predictor.Signature.RentOutputs(rows: 1);
        inputs.Get<double>(0).Span.Fill(1);
        inputs.Get<long>(1).Span.Fill(13_149); // 2006-01-01, in days since 1970
        await predictor.PredictAsync(inputs, outputs, new PredictionContext());
        Console.WriteLine(outputs.Get<float>(0).Span[0]);
        // end
        Assert.True(float.IsFinite(outputs.Get<float>(0).Span[0]));
    }

    [Fact]
    public async Task DependencyInjection_Example_Runs()
    {
        here.Enter();
        await SaveModelAsync();
        await using (var tracking = await SqliteTracking.OpenAsync("mlops.db", cancellationToken: Token))
        {
            await tracking.Artifacts.UploadDirectoryAsync("model", "models/ridership-1", Token);
            var registered = await tracking.Registry.RegisterVersionAsync("ridership", new NewModelVersion("models/ridership-1", (await ModelDirectory.OpenAsync("model", Token)).Digest), Token);
            await tracking.Registry.SetAliasAsync("ridership", "champion", registered.Version, cancellationToken: Token);
        }

        var builder = Host.CreateEmptyApplicationBuilder(null);
        var retraining = new DelegatePipeline("retrain", (_, _) => Task.CompletedTask);
        // readme: DependencyInjection
        builder.Services.AddMlops()
            .AddTracking(tracking => tracking.UseSqlite("mlops.db"))
            .AddTraining() // loads model graphs
            .AddOnnx()     // loads ONNX models
            .AddServing(serving => serving.AddModel("ridership", "models:/ridership@champion"))
            .AddMonitoring(monitoring => monitoring
                .AddModel("ridership", options => options.Rules.Add(AlertRule.Drift(minimumDriftedRatio: 0.3)))
                .OnAlert("ridership", provider => new PipelineTrigger(retraining, provider.GetRequiredService<IStateStore>())));

        using var app = builder.Build();
        await app.StartAsync(); // loads the model, follows its alias, evaluates it every hour

        var predictor = app.Services.GetRequiredKeyedService<IPredictor>("ridership");
        var monitor = app.Services.GetRequiredKeyedService<ModelMonitor>("ridership");
        // end
        using var inputs = predictor.Signature.RentInputs(rows: 1);
        using var outputs = predictor.Signature.RentOutputs(rows: 1);
        inputs.Get<double>(0).Span.Fill(1);
        inputs.Get<long>(1).Span.Fill(13_149);
        var context = new PredictionContext();
        await predictor.PredictAsync(inputs, outputs, context, Token);
        Assert.Equal("1", context.ModelVersion);
        Assert.Equal(1, monitor.Evaluate(TimeProvider.System.GetUtcNow().AddSeconds(1)).WindowRowCount);
        await app.StopAsync(Token);
    }

    [Fact]
    public async Task Monitoring_Example_Runs()
    {
        here.Enter();
        CopyRidership();
        var ridership = (await CsvDataset.OpenAsync("ridership.csv", cancellationToken: Token)).WithRole("date", ColumnRole.Time);
        var halves = DatasetSplitter.ByTime(ridership, new DateOnly(2009, 1, 1));
        var (trainingProfile, currentProfile) = (await DatasetProfile.CreateAsync(halves.Train, Token), await DatasetProfile.CreateAsync(halves.Test, Token));
        // readme: Monitoring
        var drift = DriftReport.Create(trainingProfile, currentProfile);
        foreach (var finding in drift.Findings.Where(finding => finding.Verdict == DriftVerdict.Drift))
            Console.WriteLine($"{finding.Column}: {finding.Result.Test}, effect {finding.Result.Effect}");

        await using var file = File.Create("drift.html");
        await new HtmlReport("Drift this month").AddDrift(drift).WriteAsync(file);
        // end
        Assert.True(drift.HasDrift);
        Assert.True(file.Length > 0);
    }

    [Fact]
    public async Task Testing_Example_Runs()
    {
        here.Enter();
        // readme: Testing
        var clock = new ManualTimeProvider();
        var state = new InMemoryStateStore(clock);
        await using var lease = await state.TryAcquireLeaseAsync("nightly", TimeSpan.FromMinutes(1));

        clock.Advance(TimeSpan.FromMinutes(2));
        await using var next = await state.TryAcquireLeaseAsync("nightly", TimeSpan.FromMinutes(1)); // the first one's time is over
        // end
        Assert.NotNull(lease);
        Assert.NotNull(next);
    }

    private static async Task WriteRidesAsync()
    {
        foreach (var month in new[] { 1, 2 })
        {
            Directory.CreateDirectory($"rides/{month}");
            await using var file = new StreamWriter(new GZipStream(File.Create($"rides/{month}/rides.csv.gz"), CompressionLevel.Fastest));
            await file.WriteLineAsync("at,station,riders");
            for (var hour = 0; hour < 20; hour++) await file.WriteLineAsync($"2024-0{month}-01T{hour:00}:30:00Z,{(hour % 2 == 0 ? "Clark" : "Lake")},{100 - hour}");
            if (month == 2) await file.WriteLineAsync("2024-02-02T00:00:00Z,Clark,many");
        }

        SQLitePCL.Batteries_V2.Init();
        await using var connection = new SqliteConnection("Data Source=weather.db");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE weather (at TEXT, station TEXT, rain REAL)";
        await command.ExecuteNonQueryAsync(Token);
        for (var hour = 0; hour < 20; hour++)
        {
            command.CommandText = $"INSERT INTO weather SELECT '2024-0' || month || '-01T{hour:00}:00:00Z', station, {hour} * 0.1 FROM (SELECT 1 AS month UNION SELECT 2), (SELECT 'Clark' AS station UNION SELECT 'Lake')";
            await command.ExecuteNonQueryAsync(Token);
        }
    }

    private static void CopyRidership()
        => File.Copy(Path.Combine(WorkingDirectory.Repository, "samples", "data", "chicago.csv"), "ridership.csv");

    private static async Task<IModel> TrainAsync()
    {
        CopyRidership();
        var data = (await CsvDataset.OpenAsync("ridership.csv", cancellationToken: Token)).WithRole("ridership", ColumnRole.Label).WithRole("date", ColumnRole.Time);
        return await new RidgeTrainer().TrainAsync(new TrainingContext(data), Token);
    }

    private static async Task SaveModelAsync()
    {
        using var onnx = OnnxModel.Load(OnnxExporter.Export((IGraphModel)await TrainAsync()));
        await ModelDirectory.SaveAsync("model", onnx, cancellationToken: Token);
    }
}
