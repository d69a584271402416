using Mlops.Monitoring;
using Mlops.Onnx;
using Mlops.Serving;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;
using Mlops.Triggers;
using Quickstart;

if (QuickstartOptions.Parse(args, out var exitCode) is not { } options) return exitCode;
Directory.CreateDirectory(options.Artifacts);
var data = await RidershipData.LoadAsync(Path.Combine(AppContext.BaseDirectory, "data", "chicago.csv"));

Show.Step(1, "Validate the data");
if (!await DataGate.CheckAsync(data, options.Artifacts)) return 1;

await using var tracking = await SqliteTracking.OpenAsync(
    Path.Combine(options.Artifacts, "mlops.db"), new SqliteTrackingOptions { ArtifactRoot = Path.Combine(options.Artifacts, "store") });
foreach (var run in await tracking.Tracker.RecoverAsync()) Show.Line($"Run {run} was interrupted; it is now marked as killed.");
var loader = new ModelLoader(tracking.Artifacts, [new OnnxFlavor()], new ModelLoaderOptions { CacheDirectory = Path.Combine(options.Artifacts, "cache") });
var pipeline = new TrainingPipeline(tracking, data, loader, options.Artifacts);

Show.Step(2, "Train on 2001–2005, judge on 2006, against the mean and last week's value");
var (first, frozen) = await pipeline.TrainFirstAsync(onJudged: () => Show.Step(3, "Track the run, export to ONNX, register, promote"));
if (!first.IsPromoted) return Show.Failure($"The first model was not promoted: {first.Reason}");

Show.Step(4, "Serve models:/ridership@champion");
var firstDay = data.IndexOf(new DateOnly(2006, 1, 1));
var clock = new ReplayClock(data.Days[firstDay].Date);
var monitor = new ModelMonitor(TrainingPipeline.ModelName, MonitorSettings.Create(), clock);
await using var host = new ModelHost(tracking.Registry, loader, observers: [new ReplayObserver(monitor)]);
using var follow = host.OnSwapped(monitor.OnSwapped); // the champion's training data and judgement are what the live data are compared with
await host.AddAsync(TrainingPipeline.ModelName, ModelUri.OfAlias(TrainingPipeline.ModelName, "champion"));
Show.Line($"{host.GetStatus(TrainingPipeline.ModelName)}");
var prediction = await host.GetTyped<StationDay, RidershipPrediction>(TrainingPipeline.ModelName).PredictAsync(data.Days[firstDay]);
Show.Line(FormattableString.Invariant($"{clock.Today:yyyy-MM-dd}, for example: {prediction.Riders:0.0} thousand riders predicted, {data.Riders[firstDay]:0.0} counted"));

Show.Step(5, "Replay the years day by day and watch the model; alerts retrain it, and the better one takes over");
var retraining = new Retraining(pipeline, host, data, clock);
// Every replay has its own days, so its trigger must not find those of an earlier one in the store.
var trigger = new PipelineTrigger(retraining.ToPipeline($"retrain ridership {first.RunId}"), tracking.State, new PipelineTriggerOptions { Cooldown = TimeSpan.FromDays(28) }, clock);
var alerts = new AlertEngine([new TriggerAlertSink(trigger)], MonitorSettings.CreateAlerts(), clock);
var loop = new MonitoringLoop([new MonitoredModel(monitor, alerts)], clock);

var replay = new Replay(data, host, monitor, loop, clock, retraining);
ReplayResult result;
await using (var load = LoadGenerator.Start(host, data))
{
    result = await replay.RunAsync(tracking.Tracker, frozen, options.LastYear);
    result = result with { LoadCalls = load.Calls, LoadFailures = load.Failures };
}

Show.Step(6, "What came of it");
await ReportWriter.WriteAsync(Path.Combine(options.Artifacts, "report.html"), data, result);
return Summary.Print(result, options);
