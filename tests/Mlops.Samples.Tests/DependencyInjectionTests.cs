using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.Artifacts;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Monitoring;
using Mlops.Onnx;
using Mlops.Pipelines;
using Mlops.Profiles;
using Mlops.State;
using Mlops.Tracking;
using Mlops.Training;
using Mlops.Triggers;

namespace Mlops.Samples.Tests;

public sealed partial class DependencyInjectionTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlops-di-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Every package registered in one chain: a model that was registered is served, and its predictions are watched.</summary>
    [Fact]
    public async Task AddMlops_AllPackages_ServeAndWatchARegisteredModel()
    {
        var retrained = new TaskCompletionSource<TriggerCause>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pipeline = new DelegatePipeline("retrain", (cause, _) =>
        {
            retrained.TrySetResult(cause);
            return Task.CompletedTask;
        });
        var services = new ServiceCollection();
        services.AddMlops()
            .AddTracking(tracking => tracking.UseSqlite(Path.Combine(_directory, "mlops.db")))
            .AddTraining()
            .AddOnnx()
            .AddServing(serving => serving.AddModel<Point, Line>("line", "models:/line@champion"))
            .AddMonitoring(monitoring => monitoring
                .AddModel("line", options =>
                {
                    options.MinimumRows = 10;
                    options.EvaluationInterval = TimeSpan.FromMilliseconds(20);
                    options.Rules.Add(AlertRule.Drift(minimumDriftedRatio: 0.3));
                })
                .OnAlert("line", provider => new PipelineTrigger(pipeline, provider.GetRequiredService<IStateStore>())));
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        await RegisterAsync(provider);
        foreach (var service in provider.GetServices<IHostedService>()) await service.StartAsync(Token);

        var predictor = provider.GetRequiredKeyedService<IPredictor<Point, Line>>("line");
        var context = new PredictionContext();
        for (var i = 0; i < 20; i++)
        {
            context.Reset();
            Assert.Equal((2 * i) + 1, (await predictor.PredictAsync(new Point(i), context, Token)).Y, 1e-3);
        }

        Assert.Equal(("line", "1"), (context.ModelName, context.ModelVersion));
        var snapshot = provider.GetRequiredKeyedService<ModelMonitor>("line").Evaluate(TimeProvider.System.GetUtcNow().AddSeconds(1));
        Assert.Equal(20, snapshot.WindowRowCount);
        Assert.Equal("1", snapshot.ModelVersion);
        Assert.Equal(0.25, snapshot.ReferencePerformance!.GetValue("rmse")!.Value);
        // The inputs are 0 to 19, those of the training 0 to 49: the running application finds the drift by itself, and has the model retrained.
        Assert.Equal("x", Assert.Single(snapshot.Drift!.Findings, finding => finding.Verdict == DriftVerdict.Drift).Column);
        Assert.Equal("line", (await retrained.Task.WaitAsync(TimeSpan.FromMinutes(1), Token)).ModelName);
        foreach (var service in provider.GetServices<IHostedService>()) await service.StopAsync(Token);
    }

    private async Task RegisterAsync(ServiceProvider provider)
    {
        double[] x = [.. Enumerable.Range(0, 50).Select(i => (double)i)];
        var data = InMemoryDataset.FromColumns(
            "line",
            (new ColumnSchema("x", ElementType.Float64), new Column<double>(x)),
            (new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), new Column<double>([.. x.Select(value => (2 * value) + 1)])));
        var model = await new RidgeTrainer(new RidgeOptions { Alpha = 0 }).TrainAsync(new TrainingContext(data), Token);
        using var onnx = OnnxModel.Load(OnnxExporter.Export((IGraphModel)model));
        var saved = await ModelDirectory.SaveAsync(
            Path.Combine(_directory, "model"), onnx, new ModelSaveOptions { Profile = await DatasetProfile.CreateAsync(data, Token) }, Token);
        await provider.GetRequiredService<IArtifactStore>().UploadDirectoryAsync(saved.Path, "models/line", Token);
        var judged = new EvaluationResult(50, [new EvaluationMetric("rmse", 0.25, MetricDirection.Minimize), new EvaluationMetric("r2", null, MetricDirection.Maximize)]);
        var registry = provider.GetRequiredService<IModelRegistry>();
        var version = await registry.RegisterVersionAsync("line", new NewModelVersion("models/line", saved.Digest) { Tags = judged.ToTags() }, Token);
        await registry.SetAliasAsync("line", "champion", version.Version, cancellationToken: Token);
    }

    [TensorRow]
    private readonly partial record struct Point([TensorColumn("x", Tensor = "numeric")] double X);

    [TensorRow]
    private readonly partial record struct Line([TensorColumn("prediction")] float Y);
}
