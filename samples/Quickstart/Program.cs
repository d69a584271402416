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
Show.Step(3, "Track the run, export to ONNX, register, promote");
var (first, frozen) = await pipeline.TrainFirstAsync();
if (!first.IsPromoted) return Show.Failure($"The first model was not promoted: {first.Reason}");

Show.Step(4, "Serve models:/ridership@champion, and replay the years day by day");
Show.Step(5, "Watch it; alerts retrain it, and the better model takes over");
var clock = new ReplayClock(data.Days[data.IndexOf(new DateOnly(2006, 1, 1))].Date);
var monitor = new ModelMonitor(TrainingPipeline.ModelName, MonitorSettings.Create(), clock);
await using var host = new ModelHost(tracking.Registry, loader, observers: [new ReplayObserver(monitor)]);
using var follow = host.OnSwapped(monitor.OnSwapped); // the champion's training data and judgement are what the live data are compared with
await host.AddAsync(TrainingPipeline.ModelName, ModelUri.OfAlias(TrainingPipeline.ModelName, "champion"));

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
var report = Path.Combine(options.Artifacts, "report.html");
await ReportWriter.WriteAsync(report, data, result);
return Summary.Print(result, report, options.IsFullRange);
