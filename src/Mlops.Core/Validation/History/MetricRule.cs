using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>Says which values of a metric are as expected, given the values before.</summary>
/// <remarks>
/// <para>A rule looks at the runs of one metric in the order of their times. Runs without a value are <see cref="MetricVerdict.NoValue"/> and never part of what others are compared with.</para>
/// <para>Rules are immutable. All but <see cref="ZScoreRule"/> judge a value only by values before it, so that later runs never change a verdict.</para>
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "rule")]
[JsonDerivedType(typeof(ThresholdRule), "threshold")]
[JsonDerivedType(typeof(AbsoluteChangeRule), "absolute_change")]
[JsonDerivedType(typeof(RelativeChangeRule), "relative_change")]
[JsonDerivedType(typeof(ZScoreRule), "z_score")]
[JsonDerivedType(typeof(OnlineZScoreRule), "online_z_score")]
[JsonDerivedType(typeof(SeasonalRule), "seasonal")]
public abstract record MetricRule
{
    private protected MetricRule(string name) => Name = name;

    /// <summary>Gets what results call the rule.</summary>
    /// <value>The default value is what kind of rule it is, as <c>relative change</c>.</value>
    public string Name { get; init; }

    /// <summary>Gets how bad an anomaly is.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>: something unusual should be looked at, and need not be wrong.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <summary>Gets whether a run without a value of the metric is an anomaly.</summary>
    /// <value>The default value is <see langword="false"/>: it is <see cref="MetricVerdict.NoValue"/>.</value>
    public bool RequireValue { get; init; }

    /// <summary>Describes the rule in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public sealed override string ToString() => $"{Name}: {Describe()}";

    /// <summary>Says what is allowed.</summary>
    internal abstract string Describe();

    /// <summary>Judges the values of a metric.</summary>
    /// <param name="points">The values, ordered by time, no time twice.</param>
    /// <returns>One judgement for each point, never an anomaly for a point without a value.</returns>
    internal abstract IEnumerable<MetricJudgement> Judge(IReadOnlyList<MetricPoint> points);

    /// <summary>Judges the last value of a metric.</summary>
    /// <param name="points">The values, ordered by time, no time twice; at least one.</param>
    /// <returns>The last one of what <see cref="Judge"/> returns.</returns>
    internal virtual MetricJudgement JudgeLatest(IReadOnlyList<MetricPoint> points) => Judge(points).Last();

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal virtual void Check() => ArgumentException.ThrowIfNullOrWhiteSpace(Name);

    private protected static void CheckLimit(double? limit, string name)
    {
        if (limit is { } value && !(value >= 0 && double.IsFinite(value))) throw new ArgumentOutOfRangeException(name, limit, $"{name} is a finite number from 0 on, or null for none.");
    }

    private protected static void CheckPositive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value))) throw new ArgumentOutOfRangeException(name, value, $"{name} is a finite number above 0.");
    }
}
