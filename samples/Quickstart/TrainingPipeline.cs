using Mlops.Artifacts;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Onnx;
using Mlops.Profiles;
using Mlops.Serving;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;
using Mlops.Training;
using Mlops.Validation;

namespace Quickstart;

/// <summary>Train → judge → track → export → save → judge what was saved → register → promote: for the first model and for every later one.</summary>
internal sealed class TrainingPipeline(SqliteTracking tracking, RidershipData data, ModelLoader loader, string artifacts)
{
    public const string ModelName = "ridership";
    private const string Champion = "champion";

    /// <summary>Trains on 2001–2005 and judges on 2006, against naive predictions.</summary>
    /// <param name="onJudged">Is called between the judging and what follows from it.</param>
    public async Task<(TrainingOutcome Outcome, IModel Model)> TrainFirstAsync(Action onJudged)
    {
        var (train, test) = (data.Period(new DateOnly(2001, 1, 1), new DateOnly(2006, 1, 1)), data.Period(new DateOnly(2006, 1, 1), new DateOnly(2007, 1, 1)));
        await using var mean = (await new MeanBaselineTrainer().TrainAsync(new TrainingContext(train))).CreatePredictor();
        var (from, to) = (data.IndexOf(new DateOnly(2006, 1, 1)), data.IndexOf(new DateOnly(2007, 1, 1)));
        var baselines = new Dictionary<string, EvaluationData>
        {
            ["mean"] = await EvaluationData.CreateAsync(mean, test),
            ["last week's value"] = new EvaluationData(new ModelOutcomes([], data.LastWeek(from, to), data.Riders[from..to])),
        };
        foreach (var (name, naive) in baselines) Show.Line($"{name,-18} {EvaluationResult.Of(naive.Outcomes)}");
        var (outcome, model) = await RunAsync("first", train, test, baselines, judgeChampion: false, judgement =>
        {
            Show.Line($"{"ridge regression",-18} {judgement}");
            onJudged();
        });
        Show.Line($"run {outcome.RunId}: version {outcome.Version} of '{ModelName}' → {Describe(outcome)}");
        return (outcome, model);
    }

    /// <summary>Trains on one period and judges on the next, against the champion.</summary>
    public async Task<TrainingOutcome> RetrainAsync(string reason, DateOnly trainStart, DateOnly judgeStart, DateOnly judgeEnd)
    {
        var (outcome, _) = await RunAsync(reason, data.Period(trainStart, judgeStart), data.Period(judgeStart, judgeEnd), [], judgeChampion: true);
        Show.Line($"version {outcome.Version}: {outcome.Judgement} → {Describe(outcome)}");
        return outcome;
    }

    private static string Describe(TrainingOutcome outcome) => $"{(outcome.IsPromoted ? "promoted" : "not promoted")} ({outcome.Reason})";

    private async Task<(TrainingOutcome Outcome, IModel Model)> RunAsync(
        string reason, IDataset train, IDataset judge, Dictionary<string, EvaluationData> baselines, bool judgeChampion, Action<EvaluationResult>? onJudged = null)
    {
        TrainingOutcome? outcome = null;
        IModel? trained = null;
        await tracking.Tracker.RunAsync(
            ModelName,
            async run =>
            {
                var trainer = new RidgeTrainer(new RidgeOptions { Alpha = 1 });
                foreach (var (name, value) in trainer.Params) run.LogParam(name, value);
                run.SetTag("reason", reason);
                var reference = await DatasetFingerprint.ComputeAsync(train, "chicago.csv");
                run.LogInput(reference, "training");
                run.LogInput(await DatasetFingerprint.ComputeAsync(judge, "chicago.csv"), "validation");

                trained = await trainer.TrainAsync(new TrainingContext(train));
                // What is judged, saved and served is the exported model, preprocessing included.
                using var model = OnnxModel.Load(OnnxExporter.Export((IGraphModel)trained));
                await using var predictor = model.CreatePredictor();
                var champion = judgeChampion ? await tracking.Registry.ResolveAsync(ModelUri.OfAlias(ModelName, Champion)) : null;
                var (judged, signature) = champion is null ? default : await JudgeAsync(champion, judge);
                var context = new ModelValidationContext(await EvaluationData.CreateAsync(predictor, judge))
                {
                    Baselines = baselines,
                    Champion = judged,
                    ChampionSignature = signature,
                    Predictor = predictor,
                    Rows = judge,
                };
                // Days in a row are not independent, as a test of the gain would take them to be: here any gain counts.
                IModelValidator gate = judgeChampion
                    ? new ChampionValidator(RegressionEvaluator.Rmse) { Significance = Significance.None }
                    : new BaselineValidator(RegressionEvaluator.Rmse) { Significance = Significance.None };
                var report = await ModelValidation.ValidateAsync(context, [gate]);
                foreach (var metric in report.Candidate.Metrics) run.LogMetric(metric.Name, metric.Value ?? double.NaN);
                onJudged?.Invoke(report.Candidate);

                var (version, package) = await RegisterAsync(run, model, context, train, report, reference);
                var isPromoted = report.Append(package).Verdict == ValidationVerdict.Pass;
                if (isPromoted)
                    await tracking.Registry.SetAliasAsync(ModelName, Champion, version.Version, judgeChampion ? AliasCondition.IfPointsTo(champion!.Version) : AliasCondition.Always);
                run.SetTag("promoted", isPromoted ? "true" : "false");
                outcome = new TrainingOutcome(run.Id, version.Version, isPromoted, package.Verdict == ValidationVerdict.Pass ? report.Summary : package.Summary, report.Candidate);
            },
            new StartRunOptions { Name = reason });
        return (outcome!, trained!);
    }

    private async Task<(ModelVersion Version, ModelValidationReport Package)> RegisterAsync(
        Run run, OnnxModel model, ModelValidationContext context, IDataset train, ModelValidationReport report, DatasetReference reference)
    {
        var local = Path.Combine(artifacts, "models", run.Id);
        var directory = await ModelDirectory.SaveAsync(local, model, new ModelSaveOptions
        {
            RunId = run.Id,
            Profile = await DatasetProfile.CreateAsync(train),
            ValidationReport = report,
            GoldenRows = await GoldenRows.CaptureAsync(context.Predictor!, context.Rows!),
        });
        // What was saved is loaded and run, as the host will do it, before it may serve.
        var package = await ModelValidation.ValidateAsync(
            context with { Package = new CandidatePackage(local, [new OnnxFlavor()]) { Digest = directory.Digest } }, [new SignatureValidator(), new PackageValidator()]);
        var source = $"runs/{run.Id}/model";
        await tracking.Artifacts.UploadDirectoryAsync(local, source);
        Directory.Delete(local, recursive: true);
        var version = await tracking.Registry.RegisterVersionAsync(ModelName, new NewModelVersion(source, directory.Digest)
        {
            Lineage = new Lineage(run.Id, reference.Digest, typeof(TrainingPipeline).Assembly.GetName().Version?.ToString()),
            Tags = report.Candidate.ToTags(), // what its live performance is compared with
        });
        return (version, package);
    }

    private async Task<(EvaluationData Judged, ModelSignature Signature)> JudgeAsync(ModelVersion version, IDataset judge)
    {
        await using var loaded = await loader.LoadAsync(version);
        await using var predictor = loaded.Model.CreatePredictor();
        return (await EvaluationData.CreateAsync(predictor, judge), predictor.Signature);
    }
}
