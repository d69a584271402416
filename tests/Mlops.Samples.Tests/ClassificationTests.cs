using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Monitoring;
using Mlops.Onnx;
using Mlops.Profiles;
using Mlops.Serving;
using Mlops.Tracking;
using Mlops.Training;

namespace Mlops.Samples.Tests;

/// <summary>Binary classification from the CSV file to the alert: whoever judges a model comes to the same figures.</summary>
public sealed class ClassificationTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _directory = Directory.CreateTempSubdirectory("mlops-classification-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("churn.csv", "churn", null, "yes")]
    [InlineData("churn.csv", "churn", "no", "no")]
    [InlineData("credit.csv", "Status", "bad", "bad")]
    public async Task Monitor_RowsAndLabelsOfTheTestData_JudgesAsOffline(string file, string label, string? positiveClass, string expected)
    {
        var data = await OpenAsync(file, label);
        var model = await TrainAsync(data, positiveClass);
        await using var predictor = model.CreatePredictor();
        var offline = await LabelledPredictions.CreateAsync(predictor, data, cancellationToken: Token);
        Assert.Equal(expected, offline.PositiveClass);
        var expectedFigures = offline.Evaluate(new ClassificationEvaluator());
        Assert.True(expectedFigures.GetValue("roc_auc") > 0.7, expectedFigures.ToString());

        var monitor = new ModelMonitor("churn");
        await PredictAsync(predictor, monitor, data, (id, row, column, at) => monitor.RecordLabel(id, ((TextColumn)column).GetString(row)!, at, row));
        Assert.Equal(expectedFigures.Metrics, monitor.Evaluate(s_now.AddDays(1)).Performance!.Metrics);
    }

    [Fact]
    public async Task Monitor_ExportedModelBehindAHost_JudgesAsOffline()
    {
        var data = await OpenAsync("churn.csv", "churn");
        using var onnx = OnnxModel.Load(OnnxExporter.Export((IGraphModel)await TrainAsync(data, null)));
        var saved = await ModelDirectory.SaveAsync(Path.Combine(_directory, "model"), onnx, new ModelSaveOptions { Profile = await DatasetProfile.CreateAsync(data, Token) }, Token);
        Assert.Equal(["no", "yes"], saved.Signature!.Outputs[1].Classes);
        Assert.Equal(["no", "yes"], (await ModelDirectory.OpenAsync(saved.Path, Token)).Signature!.Outputs[1].Classes);
        await using var predictor = onnx.CreatePredictor();
        var offline = (await LabelledPredictions.CreateAsync(predictor, data, cancellationToken: Token)).Evaluate(new ClassificationEvaluator());

        var monitor = new ModelMonitor("churn", new ModelMonitorOptions { Rules = { AlertRule.PerformanceDegraded("roc_auc", 1.05) } });
        await using var tracking = new InMemoryTracking();
        await Artifacts.ArtifactStoreExtensions.UploadDirectoryAsync(tracking.Artifacts, saved.Path, "models/churn", Token);
        var version = await tracking.Registry.RegisterVersionAsync("churn", new NewModelVersion("models/churn", saved.Digest) { Tags = offline.ToTags() }, Token);
        await tracking.Registry.SetAliasAsync("churn", "champion", version.Version, cancellationToken: Token);
        await using var host = new ModelHost(tracking.Registry, new ModelLoader(tracking.Artifacts, [new OnnxFlavor()]));
        host.OnSwapped(monitor.OnSwapped);
        await host.AddAsync("churn", ModelUri.Parse("models:/churn@champion"), Token);
        await PredictAsync(host.Get("churn"), monitor, data, (id, row, column, at) => monitor.RecordLabel(id, ((TextColumn)column).GetString(row) == "yes", at, row));

        var snapshot = monitor.Evaluate(s_now.AddDays(1));
        Assert.Equal(offline.Metrics, snapshot.Performance!.Metrics);
        Assert.Equal(AlertRuleState.Quiet, Assert.Single(snapshot.Rules).State);
    }

    /// <summary>Classes that are not in ascending order survive the export: class, probabilities and names.</summary>
    [Fact]
    public async Task Export_PositiveClassThatIsNotTheLast_KeepsTheOrder()
    {
        var data = (await OpenAsync("churn.csv", "churn")).Derive<string, bool>("left", "churn", churn => churn == "yes").WithRole("churn", ColumnRole.Ignored).WithRole("left", ColumnRole.Label);
        var model = await TrainAsync(data, "false");
        using var onnx = OnnxModel.Load(OnnxExporter.Export((IGraphModel)model));
        Assert.Equal(["1", "0"], onnx.Signature.Outputs[1].Classes);
        await using var managed = model.CreatePredictor();
        await using var exported = onnx.CreatePredictor();
        var (a, b) = (await LabelledPredictions.CreateAsync(managed, data, cancellationToken: Token), await LabelledPredictions.CreateAsync(exported, data, cancellationToken: Token));
        Assert.Equal(("0", "0"), (a.PositiveClass, b.PositiveClass));
        Assert.All(a.Predictions.Zip(b.Predictions), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        var hard = await LabelledPredictions.CreateAsync(exported, data, output: 0, cancellationToken: Token);
        Assert.All(hard.Predictions.Zip(b.Predictions), pair => Assert.True(Math.Abs(pair.Second - 0.5) < 1e-5 || pair.First == (pair.Second > 0.5 ? 0 : 1)));
    }

    [Theory]
    [InlineData(ElementType.Boolean)]
    [InlineData(ElementType.Int64)]
    public async Task LabelledPredictions_LabelThatIsNoText_TakesTheProbabilities(ElementType type)
    {
        var text = await OpenAsync("churn.csv", "churn");
        var judgedText = await JudgeAsync(text, null);
        var data = type == ElementType.Boolean
            ? text.Derive<string, bool>("left", "churn", churn => churn == "yes")
            : (IDataset)text.Derive<string, long>("left", "churn", churn => churn == "yes" ? 1 : 0);
        var judged = await JudgeAsync(data.WithRole("churn", ColumnRole.Ignored).WithRole("left", ColumnRole.Label), null);
        Assert.Equal("1", judged.PositiveClass);
        Assert.Equal(judgedText.Predictions, judged.Predictions);
        Assert.Equal(judgedText.Labels, judged.Labels);
    }

    private async Task<IDataset> OpenAsync(string file, string label)
        => (await CsvDataset.OpenAsync(Path.Combine(WorkingDirectory.Repository, "tests", "TestData", file), cancellationToken: Token)).WithRole(label, ColumnRole.Label);

    private static Task<IModel> TrainAsync(IDataset data, string? positiveClass)
        => new LogisticTrainer(new LogisticOptions { PositiveClass = positiveClass, Tolerance = 1e-5 }).TrainAsync(new TrainingContext(data), Token);

    private static async Task<LabelledPredictions> JudgeAsync(IDataset data, string? positiveClass)
    {
        await using var predictor = (await TrainAsync(data, positiveClass)).CreatePredictor();
        return await LabelledPredictions.CreateAsync(predictor, data, cancellationToken: Token);
    }

    /// <summary>Predicts every row as an application would, and tells the monitor of the predictions and then of the labels.</summary>
    private static async Task PredictAsync(IPredictor predictor, ModelMonitor monitor, IDataset data, Func<Guid, int, Column, DateTimeOffset, LabelOutcome> record)
    {
        var binding = TensorBinding.Create(predictor.Signature.Inputs, data.Schema);
        var label = data.Schema.Single(ColumnRole.Label).Name;
        await foreach (var batch in data.ReadAsync(null, Token))
        {
            using var inputs = predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            var context = new PredictionContext { EventTime = s_now };
            await predictor.PredictAsync(inputs, outputs, context, Token);
            monitor.OnPredicted(inputs, outputs, context, TimeSpan.Zero);
            for (var row = 0; row < batch.RowCount; row++) Assert.Equal(LabelOutcome.Joined, record(context.Id, row, batch[label], s_now.AddHours(1)));
        }
    }
}
