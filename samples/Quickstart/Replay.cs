using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Monitoring;
using Mlops.Serving;
using Mlops.Tracking;

namespace Quickstart;

/// <summary>Lives through the years: each day predict, the next day learn what was true, each week look at the monitor.</summary>
internal sealed class Replay(RidershipData data, ModelHost host, ModelMonitor monitor, MonitoringLoop loop, ReplayClock clock, Retraining retraining)
{
    private const int DaysBetweenEvaluations = 7;

    public async Task<ReplayResult> RunAsync(ITracker tracker, IModel frozen, int lastYear)
    {
        var (start, end) = (data.IndexOf(new DateOnly(2006, 1, 1)), data.IndexOf(new DateOnly(lastYear + 1, 1, 1)));
        var result = new ReplayResult(data, start, end, await PredictFrozenAsync(frozen, start, end), data.LastWeek(start, end)) { Promotions = retraining.Promotions };
        await tracker.RunAsync(TrainingPipeline.ModelName, run => LiveAsync(run, result), new StartRunOptions { Name = "replay" });
        return result with { Candidates = retraining.Candidates };
    }

    private async Task LiveAsync(Run run, ReplayResult result)
    {
        var model = host.GetTyped<StationDay, RidershipPrediction>(TrainingPipeline.ModelName);
        var context = new PredictionContext();
        Guid yesterday = default;
        for (var i = 0; i < result.Days; i++)
        {
            var (day, at) = (data.Days[result.Start + i], result.Start + i);
            clock.Today = day.Date;
            if (i > 0)
            {
                monitor.RecordLabel(yesterday, data.Riders[at - 1], clock.GetUtcNow());
                run.LogMetric("absolute_error", Math.Abs(result.Live[i - 1] - data.Riders[at - 1]), i - 1, ReplayClock.At(data.Days[at - 1].Date));
            }

            if (i % DaysBetweenEvaluations == 0) await EvaluateAsync(result);
            context.Reset();
            context.EventTime = clock.GetUtcNow();
            result.Live[i] = (await model.PredictAsync(day, context)).Riders;
            yesterday = context.Id;
            if (i + 1 == result.Days || data.Days[at + 1].Date.Year != day.Date.Year)
                Show.Line($"{day.Date.Year}: {result.DescribeYear(day.Date.Year)}");
        }
    }

    private async Task EvaluateAsync(ReplayResult result)
    {
        var snapshot = (await loop.EvaluateAsync(clock.GetUtcNow()))[0];
        if (snapshot.Drift is { TestedColumnCount: > 0 } drift) result.DriftedRatio.Add((clock.Today, drift.DriftedRatio));
    }

    private async Task<double[]> PredictFrozenAsync(IModel frozen, int start, int end)
    {
        await using var predictor = frozen.CreatePredictor();
        var last = end < data.Days.Length ? data.Days[end].Date : data.Days[^1].Date.AddDays(1);
        return (await LabelledPredictions.CreateAsync(predictor, data.Period(data.Days[start].Date, last))).Predictions;
    }
}
