using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Monitoring;

/// <summary>A condition on what a monitor knows. Immutable and safe for concurrent use.</summary>
public sealed class AlertRule
{
    private readonly Func<MonitorSnapshot, (AlertRuleState State, string Message)> _evaluate;

    /// <summary>Creates a rule of one's own.</summary>
    /// <param name="name">The name, unique among the rules of a model.</param>
    /// <param name="severity">How much its alerts matter.</param>
    /// <param name="evaluate">Tells whether it fires, and why; must not throw.</param>
    public AlertRule(string name, AlertSeverity severity, Func<MonitorSnapshot, (AlertRuleState State, string Message)> evaluate)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(evaluate);
        Name = name;
        Severity = severity;
        _evaluate = evaluate;
    }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets how much its alerts matter.</summary>
    public AlertSeverity Severity { get; }

    /// <summary>Makes a rule that fires when a metric is worse than when the version was validated.</summary>
    /// <param name="metric">The metric: <c>rmse</c>.</param>
    /// <param name="ratio">How many times worse, &gt; 1: an error above the reference times the ratio, a score below the reference divided by it.</param>
    /// <returns>The rule <c>{metric}-degraded</c>. It needs a reference value above 0.</returns>
    public static AlertRule PerformanceDegraded(string metric, double ratio = 1.2)
    {
        ArgumentException.ThrowIfNullOrEmpty(metric);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ratio, 1);
        return new AlertRule($"{metric}-degraded", AlertSeverity.Critical, snapshot =>
        {
            if (FindMetric(snapshot.Performance, metric) is not { Value: { } current } live) return (AlertRuleState.Unknown, NoValue(snapshot, metric));
            if (FindMetric(snapshot.ReferencePerformance, metric) is not { Value: > 0 and var reference })
                return (AlertRuleState.Unknown, $"There is no reference value of {metric} above 0; give one to SetReference.");
            var limit = live.Direction == MetricDirection.Minimize ? reference * ratio : reference / ratio;
            var isWorse = live.Direction == MetricDirection.Minimize ? current > limit : current < limit;
            return (isWorse ? AlertRuleState.Firing : AlertRuleState.Quiet, string.Create(
                CultureInfo.InvariantCulture, $"{metric} is {current:0.####} over {snapshot.LabelledRowCount} labelled predictions; the reference is {reference:0.####}, the limit {limit:0.####}"));
        });
    }

    /// <summary>Makes a rule that fires when a metric is worse than a fixed limit.</summary>
    /// <param name="metric">The metric: <c>rmse</c>.</param>
    /// <param name="limit">The limit, in the unit of the metric: the largest error or the smallest score that is fine.</param>
    /// <returns>The rule <c>{metric}-beyond-limit</c>.</returns>
    public static AlertRule PerformanceBeyond(string metric, double limit)
    {
        ArgumentException.ThrowIfNullOrEmpty(metric);
        return new AlertRule($"{metric}-beyond-limit", AlertSeverity.Critical, snapshot =>
        {
            if (FindMetric(snapshot.Performance, metric) is not { Value: { } current } live) return (AlertRuleState.Unknown, NoValue(snapshot, metric));
            var isWorse = live.Direction == MetricDirection.Minimize ? current > limit : current < limit;
            return (isWorse ? AlertRuleState.Firing : AlertRuleState.Quiet, string.Create(
                CultureInfo.InvariantCulture, $"{metric} is {current:0.####} over {snapshot.LabelledRowCount} labelled predictions; the limit is {limit:0.####}"));
        });
    }

    /// <summary>Makes a rule that fires when enough of the input columns drifted.</summary>
    /// <param name="minimumDriftedRatio">The share of the tested columns, above 0, at most 1.</param>
    /// <returns>The rule <c>input-drift</c>. It is <see cref="AlertRuleState.Unknown"/> as long as no column could be tested.</returns>
    public static AlertRule Drift(double minimumDriftedRatio)
    {
        if (!(minimumDriftedRatio is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(minimumDriftedRatio), minimumDriftedRatio, "The share is above 0 and at most 1.");
        return new AlertRule("input-drift", AlertSeverity.Warning, snapshot =>
        {
            if (snapshot.Drift is not { } drift) return (AlertRuleState.Unknown, "There is no reference to compare the inputs with.");
            if (!drift.HasTested) return (AlertRuleState.Unknown, drift.ToString());
            return (drift.DriftedRatio >= minimumDriftedRatio ? AlertRuleState.Firing : AlertRuleState.Quiet, drift.ToString());
        });
    }

    /// <summary>Makes a rule that fires when the predictions drifted.</summary>
    /// <returns>The rule <c>prediction-drift</c>.</returns>
    public static AlertRule PredictionDrift() => new("prediction-drift", AlertSeverity.Warning, snapshot => snapshot.PredictionDrift switch
    {
        { Verdict: DriftVerdict.Drift } result => (AlertRuleState.Firing, $"The predictions drifted: {result.Reason}"),
        { Verdict: DriftVerdict.NoDrift } result => (AlertRuleState.Quiet, result.Reason),
        { } result => (AlertRuleState.Unknown, result.Reason),
        null => (AlertRuleState.Unknown, "The reference has no predictions to compare with."),
    });

    /// <summary>Applies the rule.</summary>
    /// <param name="snapshot">What the monitor knows.</param>
    /// <returns>What the rule says.</returns>
    public AlertRuleResult Evaluate(MonitorSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var (state, message) = _evaluate(snapshot);
        return new AlertRuleResult(Name, state, message, Severity);
    }

    private static Evaluation.EvaluationMetric? FindMetric(Evaluation.EvaluationResult? result, string name)
        => result?.Metrics.FirstOrDefault(metric => metric.Name == name);

    private static string NoValue(MonitorSnapshot snapshot, string metric) => snapshot.PerformanceProblem ?? string.Create(
        CultureInfo.InvariantCulture,
        $"There is no value of {metric}: {snapshot.LabelledRowCount} labelled predictions of version {snapshot.ModelVersion ?? "unknown"}, {snapshot.OtherVersionRowCount} predictions of other versions");
}
