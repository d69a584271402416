namespace Mlops.Validation;

/// <summary>Which rules hold for which metrics.</summary>
/// <remarks>Not safe for concurrent changes; checks may run at the same time.</remarks>
/// <example><code>
/// var rules = new MetricRules()
///     .Add("row_count", new RelativeChangeRule { MaximumDecrease = 0.5, MaximumIncrease = 1 })
///     .Add("row_count", new SeasonalRule { Period = 7 })
///     .Add("*.completeness", new OnlineZScoreRule { MinimumDeviation = 0.001 });
/// foreach (var anomaly in rules.CheckLatest(history).Anomalies) logger.LogWarning("{Message}", anomaly.Message);
/// </code></example>
public sealed class MetricRules
{
    private readonly List<KeyValuePair<string, MetricRule>> _entries = [];

    /// <summary>Gets the rules, in the order in which they were added.</summary>
    public IReadOnlyList<KeyValuePair<string, MetricRule>> Entries => [.. _entries];

    /// <summary>Adds a rule.</summary>
    /// <param name="metric">The metric it holds for, compared ordinally; <c>*</c> stands for any characters, so that <c>*.completeness</c> is that of every column.</param>
    /// <param name="rule">The rule.</param>
    /// <returns>These rules.</returns>
    /// <exception cref="ArgumentException">An option of the rule is out of its range.</exception>
    public MetricRules Add(string metric, MetricRule rule)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(metric);
        ArgumentNullException.ThrowIfNull(rule);
        rule.Check();
        _entries.Add(new(metric, rule));
        return this;
    }

    /// <summary>Judges all values of a history.</summary>
    /// <param name="history">The history.</param>
    /// <returns>What each rule says about each value of the metrics it holds for.</returns>
    public MetricReport Check(MetricHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return Check(history.GetSnapshot(), (points, rule, metric) => points.Zip(rule.Judge(points), (point, judgement) => ToResult(metric, point, rule, judgement)));
    }

    /// <summary>Judges the newest run of a history by the runs before it.</summary>
    /// <param name="history">The history.</param>
    /// <returns>What each rule says about the newest run. A metric that it has no value of is not passed over: its verdict is <see cref="MetricVerdict.NoValue"/>.</returns>
    public MetricReport CheckLatest(MetricHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var snapshot = history.GetSnapshot();
        return Check(snapshot, (points, rule, metric) =>
        [
            points[^1].At == snapshot.LatestAt
                ? ToResult(metric, points[^1], rule, rule.JudgeLatest(points))
                : ToResult(metric, new MetricPoint(snapshot.LatestAt!.Value, null), rule, new MetricJudgement(MetricVerdict.NoValue, null, $"the newest run has no value of it, the last one is of {MetricMessage.Time(points[^1].At)}")),
        ]);
    }

    /// <summary>Writes the rules as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => MetricRulesDocument.Write(_entries);

    /// <summary>Reads rules from JSON.</summary>
    /// <param name="json">UTF-8 JSON as <see cref="ToJson"/> writes it; an option that it does not name has its default value.</param>
    /// <returns>The rules.</returns>
    /// <exception cref="DataFormatException">The JSON is damaged, not one of rules, of a later version, or an option in it is out of its range.</exception>
    public static MetricRules FromJson(ReadOnlySpan<byte> json) => MetricRulesDocument.Read(json);

    private MetricReport Check(MetricSnapshot history, Func<IReadOnlyList<MetricPoint>, MetricRule, string, IEnumerable<MetricResult>> judge)
    {
        var results = new List<MetricResult>();
        var unmatched = new List<string>();
        foreach (var (pattern, rule) in _entries)
        {
            var isMatched = false;
            foreach (var (metric, points) in history.Series)
            {
                if (!MetricPattern.Matches(pattern, metric)) continue;
                isMatched = true;
                results.AddRange(judge(points, rule, metric));
            }

            if (!isMatched && !unmatched.Contains(pattern)) unmatched.Add(pattern);
        }

        return new MetricReport(history.Name, results, unmatched);
    }

    private static MetricResult ToResult(string metric, MetricPoint point, MetricRule rule, MetricJudgement judgement)
    {
        var (verdict, reason) = judgement.Verdict == MetricVerdict.NoValue && rule.RequireValue ? (MetricVerdict.Anomaly, null) : (judgement.Verdict, judgement.Reason);
        return new MetricResult(metric, point.At, point.Value, rule.Name, rule.Severity, verdict, judgement.Expected, reason);
    }
}
