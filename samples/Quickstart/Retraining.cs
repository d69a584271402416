using Mlops.Pipelines;
using Mlops.Serving;
using Mlops.Triggers;

namespace Quickstart;

/// <summary>What an alert sets off: train on the trailing years, judge on the latest labelled window, and swap when the candidate is better.</summary>
internal sealed class Retraining(TrainingPipeline pipeline, ModelHost host, RidershipData data, ReplayClock clock)
{
    private const int TrainingYears = 3;
    private const int JudgedDays = 60;
    private readonly List<Promotion> _promotions = [];

    public IReadOnlyList<Promotion> Promotions => _promotions;

    /// <summary>How many candidates were trained, promoted or not.</summary>
    public int Candidates { get; private set; }

    public DelegatePipeline ToPipeline(string name) => new(name, (cause, _) => RunAsync(cause));

    private async Task RunAsync(TriggerCause cause)
    {
        // The label of today is not known yet; the latest known is yesterday's.
        var today = clock.Today;
        var judgeStart = data.Days[Math.Max(0, data.IndexOf(today) - JudgedDays)].Date;
        var outcome = await pipeline.RetrainAsync(cause.Description, judgeStart.AddYears(-TrainingYears), judgeStart, today);
        Candidates++;
        if (!outcome.IsPromoted) return;
        _promotions.Add(new Promotion(today, outcome.Version, cause.Description, outcome.Reason));
        // The host follows the alias by itself; the replay, whose days take a millisecond, waits for it.
        await host.ReloadAsync(TrainingPipeline.ModelName);
    }
}

/// <summary>A model that took over.</summary>
internal sealed record Promotion(DateOnly Day, int Version, string Cause, string Judgement);
