using System.Text.Json;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class PlantedAnomaliesTests
{
    private static readonly JsonElement s_series = HistoryFiles.Read("series.json");

    public static TheoryData<string, int> Cases { get; } = [.. s_series.EnumerateArray().SelectMany(series => series.GetProperty("cases").EnumerateArray().Select((_, i) => (series.GetProperty("name").GetString()!, i)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Check_FixedSeries_FlagsExactlyThePlantedRuns(string name, int number)
    {
        var (history, rule, planted) = Read(name, number);
        var results = HistoryFiles.Check(history, rule);
        Assert.Equal(history["value"].Count, results.Count);
        Assert.Equal(planted, HistoryFiles.Anomalies(results));
        foreach (var (point, result) in history["value"].Zip(results))
        {
            Assert.Equal((point.At, point.Value), (result.At, result.Value));
            if (result.Verdict is MetricVerdict.Normal or MetricVerdict.Anomaly && point.Value is { } value)
            {
                Assert.Equal(result.Verdict == MetricVerdict.Normal, result.Expected!.Value.Contains(value));
                Assert.False(double.IsNaN(result.Expected.Value.Lower) || double.IsNaN(result.Expected.Value.Upper));
            }
            else if (result.Verdict != MetricVerdict.Anomaly)
            {
                Assert.Equal(point.Value is null ? MetricVerdict.NoValue : MetricVerdict.NotEnoughHistory, result.Verdict);
                Assert.NotEmpty(result.Reason!);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void CheckLatest_HistoryGrowingRunByRun_FlagsThePlantedRunsWhenTheyCome(string name, int number)
    {
        var (history, rule, _) = Read(name, number);
        // The batch rule knows only the past of the newest run, and may judge otherwise once the future is there.
        if (rule is ZScoreRule) return;
        var all = HistoryFiles.Check(history, rule);
        var rules = new MetricRules().Add("value", rule);
        var growing = new MetricHistory("growing");
        foreach (var (point, expected) in history["value"].Zip(all))
        {
            growing.Add(point.At, "value", point.Value ?? double.NaN);
            Assert.Equal(expected with { Reason = null }, Assert.Single(rules.CheckLatest(growing).Results) with { Reason = null });
        }
    }

    private static (MetricHistory History, MetricRule Rule, int[] Planted) Read(string name, int number)
    {
        var series = s_series.EnumerateArray().Single(series => series.GetProperty("name").GetString() == name);
        var (values, times) = (series.GetProperty("values"), series.GetProperty("times"));
        var history = HistoryFiles.History([.. values.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? (double?)null : value.GetDouble())], i => times[i].GetDateTimeOffset());
        var chosen = series.GetProperty("cases")[number];
        return (history, HistoryFiles.Rule(chosen.GetProperty("rule")), [.. chosen.GetProperty("planted").EnumerateArray().Select(position => position.GetInt32())]);
    }
}
