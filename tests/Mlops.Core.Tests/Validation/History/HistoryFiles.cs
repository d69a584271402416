using System.Text;
using System.Text.Json;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

/// <summary>The stored series, golden numbers, and short ways to make histories.</summary>
internal static class HistoryFiles
{
    public static DateTimeOffset Start { get; } = new(2025, 1, 6, 2, 0, 0, TimeSpan.Zero);

    public static JsonElement Read(string name)
        => JsonDocument.Parse(File.ReadAllBytes(TestFiles.PathOf("tests", "TestData", "history", name))).RootElement;

    public static MetricHistory History(params double?[] values) => History(values, day => Start.AddDays(day));

    public static MetricHistory History(IReadOnlyList<double?> values, Func<int, DateTimeOffset> time)
    {
        var history = new MetricHistory("test", new MetricHistoryOptions { MaximumPoints = 100_000 });
        foreach (var (i, value) in values.Index()) history.Add(time(i), "value", value ?? double.NaN);
        return history;
    }

    public static IReadOnlyList<MetricResult> Check(MetricHistory history, MetricRule rule) => new MetricRules().Add("value", rule).Check(history).Results;

    public static MetricVerdict[] Verdicts(MetricRule rule, params double?[] values) => [.. Check(History(values), rule).Select(result => result.Verdict)];

    /// <summary>The positions of the anomalies.</summary>
    public static int[] Anomalies(IReadOnlyList<MetricResult> results) => [.. results.Index().Where(result => result.Item.Verdict == MetricVerdict.Anomaly).Select(result => result.Index)];

    public static MetricRule Rule(JsonElement rule)
        => MetricRules.FromJson(Encoding.UTF8.GetBytes($$"""{"format":"mlops.metric-rules","version":1,"rules":[{"metric":"value","rule":{{rule.GetRawText()}}}]}""")).Entries[0].Value;
}
