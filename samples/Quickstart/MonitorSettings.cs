using Mlops.Evaluation;
using Mlops.Monitoring;

namespace Quickstart;

/// <summary>How the model is watched.</summary>
internal static class MonitorSettings
{
    public static ModelMonitorOptions Create()
    {
        var options = new ModelMonitorOptions
        {
            // A whole year, so that summer against winter is not taken for drift.
            DriftWindow = TimeSpan.FromDays(365),
            MinimumRows = 350,
            PerformanceWindow = TimeSpan.FromDays(60),
            MinimumLabels = 28,
        };
        options.Rules.Add(AlertRule.PerformanceDegraded(RegressionEvaluator.Rmse, ratio: 1.1));
        options.Rules.Add(AlertRule.Drift(minimumDriftedRatio: 0.3));
        return options;
    }

    /// <summary>An alert that persists is repeated every four weeks, so that a candidate that was refused is followed by another.</summary>
    public static AlertOptions CreateAlerts() => new() { Cooldown = TimeSpan.FromDays(7), RepeatAfter = TimeSpan.FromDays(28) };
}
