using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Mlops.Artifacts;
using Mlops.Data;
using Mlops.Models;
using Mlops.Onnx;
using Mlops.Serving;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;
using Mlops.Training;

namespace Mlops.AotTest;

internal static class HostChecks
{
    private const string Name = "ridership";

    public static async Task ServeAndSwapAsync()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-aot-").FullName;
        try
        {
            var data = (await CsvDataset.OpenAsync(Path.Combine(AppContext.BaseDirectory, "data", "chicago.csv"))).WithRole("ridership", ColumnRole.Label).WithRole("date", ColumnRole.Time);
            await using var tracking = await SqliteTracking.OpenAsync(Path.Combine(folder, "mlops.db"));
            await RegisterAsync(tracking, data.Take(1000), Path.Combine(folder, "1"));
            var loader = new ModelLoader(tracking.Artifacts, [new OnnxFlavor()], new ModelLoaderOptions { CacheDirectory = Path.Combine(folder, "cache") });
            await using var host = new ModelHost(tracking.Registry, loader);
            await host.AddAsync(Name, ModelUri.Parse("models:/ridership@champion"), new HostedModelOptions().UseBatching());
            var rows = (await data.Take(16).ToMemoryAsync()).Batches[0];
            var context = new PredictionContext();
            await host.Get(Name).PredictAsync(rows, context);
            Check.That(context.ModelVersion == "1");

            await RegisterAsync(tracking, data, Path.Combine(folder, "2"));
            await host.ReloadAsync(Name);
            var answers = (Column<float>)(await host.Get(Name).PredictAsync(rows, context))["prediction"];
            Check.That(context.ModelVersion == "2" && context.Model!.Digest.Length == 64);
            Check.That(answers.Length == 16 && !answers.Values.ContainsAnyExceptInRange(-10f, 40f));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static async Task BatchAndObserveAsync()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-aot-").FullName;
        try
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services.AddMlops().AddServing(serving => serving
                .AddModel<Pair, Answer>("pairs", ModelSource.FromPredictor(_ => Task.FromResult(CreateSlow())), model => model.UseBatching(batching => batching.MaxBatchRows = 16))
                .UsePayloadLog(log =>
                {
                    log.Directory = folder;
                    log.Redaction.Columns["first"] = SensitiveColumnPolicy.Omit;
                }));
            builder.Services.AddHealthChecks().AddCheck<ServingHealthCheck>("serving");
            using var app = builder.Build();
            long calls = 0;
            using var listener = Listen("mlops.prediction.duration", () => Interlocked.Increment(ref calls));
            await app.StartAsync();
            var pairs = app.Services.GetRequiredKeyedService<IPredictor<Pair, Answer>>("pairs");
            var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => pairs.PredictAsync(new Pair(i, i), new PredictionContext { Deadline = DateTimeOffset.UtcNow.AddMinutes(1) }).AsTask())));
            Check.That(answers.Select(answer => answer.Value).SequenceEqual(Enumerable.Range(0, 64).Select(i => 2f * i)));
            Check.That(Interlocked.Read(ref calls) >= 64, $"{calls} calls were measured");
            Check.That((await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status == HealthStatus.Healthy);
            await app.StopAsync();
            await ((IAsyncDisposable)app).DisposeAsync();
            var lines = Directory.GetFiles(folder).SelectMany(File.ReadLines).ToList();
            Check.That(lines.Count == 64 && lines.TrueForAll(line => line.Contains("\"Second\"", StringComparison.Ordinal) && !line.Contains("\"First\"", StringComparison.Ordinal)), lines.FirstOrDefault());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RegisterAsync(SqliteTracking tracking, IDataset data, string folder)
    {
        var trained = await new RidgeTrainer().TrainAsync(new TrainingContext(data));
        using var model = OnnxModel.Load(OnnxExporter.Export((IGraphModel)trained));
        await using var predictor = model.CreatePredictor();
        var options = new ModelSaveOptions { Profile = await Profiles.DatasetProfile.CreateAsync(data), GoldenRows = await GoldenRows.CaptureAsync(predictor, data.Take(8)) };
        var directory = await ModelDirectory.SaveAsync(folder, model, options);
        var address = $"models/{Path.GetFileName(folder)}";
        await tracking.Artifacts.UploadDirectoryAsync(folder, address);
        var version = await tracking.Registry.RegisterVersionAsync(Name, new NewModelVersion(address, directory.Digest));
        await tracking.Registry.SetAliasAsync(Name, "champion", version.Version);
    }

    private static IPredictor CreateSlow()
        => Predictor.Create<Pair, Answer>(async (pair, token) =>
        {
            await Task.Delay(1, token);
            return new Answer(pair.First!.Value + pair.Second);
        });

    private static MeterListener Listen(string instrument, Action onMeasured)
    {
        var listener = new MeterListener { InstrumentPublished = (found, listener) => { if (found.Name == instrument) listener.EnableMeasurementEvents(found); } };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => onMeasured());
        listener.Start();
        return listener;
    }
}
