namespace Mlops.Validation;

/// <summary>What a rule says about one point.</summary>
internal readonly record struct MetricJudgement(MetricVerdict Verdict, MetricRange? Expected, string? Reason)
{
    public static MetricJudgement NoValue { get; } = new(MetricVerdict.NoValue, null, "the run has no value of it");

    public static MetricJudgement NotEnough(string reason) => new(MetricVerdict.NotEnoughHistory, null, reason);

    public static MetricJudgement Of(double value, MetricRange expected) => new(expected.Contains(value) ? MetricVerdict.Normal : MetricVerdict.Anomaly, expected, null);
}
