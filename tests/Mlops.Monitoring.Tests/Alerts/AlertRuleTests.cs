using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Tracking;

namespace Mlops.Monitoring.Tests;

public sealed class AlertRuleTests
{
    private static readonly MonitorSnapshot s_empty = new("ridership", DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData(1.19, AlertRuleState.Quiet)]
    [InlineData(1.21, AlertRuleState.Firing)]
    public void PerformanceDegraded_Error_ComparesWithTheReference(double live, AlertRuleState expected)
        => Assert.Equal(expected, AlertRule.PerformanceDegraded("rmse", 1.2).Evaluate(Snapshot("rmse", live, 1, MetricDirection.Minimize)).State);

    [Theory]
    [InlineData(0.81, AlertRuleState.Quiet)]
    [InlineData(0.79, AlertRuleState.Firing)]
    public void PerformanceDegraded_Score_ComparesWithTheReference(double live, AlertRuleState expected)
        => Assert.Equal(expected, AlertRule.PerformanceDegraded("auc", 1.25).Evaluate(Snapshot("auc", live, 1, MetricDirection.Maximize)).State);

    [Fact]
    public void PerformanceDegraded_NoValues_IsUnknown()
    {
        var rule = AlertRule.PerformanceDegraded("rmse");
        Assert.Equal(AlertRuleState.Unknown, rule.Evaluate(s_empty).State);
        Assert.Equal(AlertRuleState.Unknown, rule.Evaluate(Snapshot("rmse", 1, 0, MetricDirection.Minimize)).State);
        Assert.Equal(AlertRuleState.Unknown, rule.Evaluate(Snapshot("mae", 1, 1, MetricDirection.Minimize)).State);
        Assert.Equal(AlertRuleState.Unknown, rule.Evaluate(Snapshot("rmse", 1, 1, MetricDirection.Minimize) with { ReferencePerformance = null }).State);
    }

    [Theory]
    [InlineData(2.5, AlertRuleState.Quiet)]
    [InlineData(2.7, AlertRuleState.Firing)]
    public void PerformanceBeyond_Error_ComparesWithTheLimit(double live, AlertRuleState expected)
        => Assert.Equal(expected, AlertRule.PerformanceBeyond("rmse", 2.6).Evaluate(Snapshot("rmse", live, 1, MetricDirection.Minimize)).State);

    [Fact]
    public void Drift_ShareOfColumns_DecidesIt()
    {
        var snapshot = s_empty with { Drift = new DriftReport(100, 100, [Finding("a", DriftVerdict.Drift), Finding("b", DriftVerdict.NoDrift), Finding("c", DriftVerdict.NotComputable)]) };
        Assert.Equal(AlertRuleState.Firing, AlertRule.Drift(0.5).Evaluate(snapshot).State);
        Assert.Equal(AlertRuleState.Quiet, AlertRule.Drift(0.6).Evaluate(snapshot).State);
        Assert.Equal(AlertRuleState.Unknown, AlertRule.Drift(0.5).Evaluate(s_empty).State);
        Assert.Equal(AlertRuleState.Unknown, AlertRule.Drift(0.5).Evaluate(s_empty with { Drift = new DriftReport(100, 0, [Finding("a", DriftVerdict.NotEnoughData)]) }).State);
    }

    [Theory]
    [InlineData(DriftVerdict.Drift, AlertRuleState.Firing)]
    [InlineData(DriftVerdict.NoDrift, AlertRuleState.Quiet)]
    [InlineData(DriftVerdict.NotEnoughData, AlertRuleState.Unknown)]
    [InlineData(DriftVerdict.NotComputable, AlertRuleState.Unknown)]
    public void PredictionDrift_Verdict_DecidesIt(DriftVerdict verdict, AlertRuleState expected)
    {
        Assert.Equal(expected, AlertRule.PredictionDrift().Evaluate(s_empty with { PredictionDrift = Finding("p", verdict).Result }).State);
        Assert.Equal(AlertRuleState.Unknown, AlertRule.PredictionDrift().Evaluate(s_empty).State);
    }

    private static DriftFinding Finding(string column, DriftVerdict verdict)
        => new(column, ElementType.Float64, verdict, new DriftResult("kolmogorov-smirnov", verdict, "reason", 100, 100));

    private static MonitorSnapshot Snapshot(string metric, double live, double reference, MetricDirection direction) => s_empty with
    {
        Performance = new EvaluationResult(50, [new EvaluationMetric(metric, live, direction)]),
        ReferencePerformance = new EvaluationResult(50, [new EvaluationMetric(metric, reference, direction)]),
    };
}
