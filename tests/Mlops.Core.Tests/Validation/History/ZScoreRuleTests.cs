using System.Text.Json;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class ZScoreRuleTests
{
    private static readonly JsonElement s_golden = HistoryFiles.Read("golden.json").GetProperty("zScores");

    public static TheoryData<int> Samples { get; } = [.. Enumerable.Range(0, s_golden.GetArrayLength())];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Check_FixedValues_RangesEqualExactArithmetic(int number)
    {
        var sample = s_golden[number];
        double?[] values = [.. sample.GetProperty("values").EnumerateArray().Select(value => (double?)value.GetDouble())];
        foreach (var (estimator, name) in new[] { (ZScoreEstimator.Mean, "mean"), (ZScoreEstimator.Median, "median") })
        {
            var batch = HistoryFiles.Check(HistoryFiles.History(values), new ZScoreRule { Estimator = estimator, MinimumPoints = 5, Threshold = 2.5 });
            // With a threshold that nothing reaches, all values before are normal ones.
            var online = HistoryFiles.Check(HistoryFiles.History(values), new OnlineZScoreRule { Estimator = estimator, MinimumPoints = 5, Threshold = 1e6, MinimumDeviation = 1e-3 });
            for (var i = 0; i < values.Length; i++)
            {
                var score = sample.GetProperty("scores")[i];
                var (centre, deviation) = (score.GetProperty("others").GetProperty(name)[0].GetDouble(), score.GetProperty("others").GetProperty(name)[1].GetDouble());
                AssertRange(centre, Math.Max(2.5 * deviation, 1e-12 * Math.Abs(centre)), batch[i].Expected!.Value);
                Assert.Equal(Math.Abs(values[i]!.Value - centre) <= Math.Max(2.5 * deviation, 1e-12 * Math.Abs(centre)) ? MetricVerdict.Normal : MetricVerdict.Anomaly, batch[i].Verdict);
                if (score.GetProperty("before").ValueKind == JsonValueKind.Null)
                {
                    Assert.Equal(MetricVerdict.NotEnoughHistory, online[i].Verdict);
                    continue;
                }

                var before = score.GetProperty("before").GetProperty(name);
                AssertRange(before[0].GetDouble(), 1e6 * Math.Max(1e-3, before[1].GetDouble()), online[i].Expected!.Value);
            }
        }
    }

    [Fact]
    public void Check_FewerOtherValues_IsNotEnoughHistoryAndSaysHowMany()
    {
        var results = HistoryFiles.Check(HistoryFiles.History(1, 2, null, 4), new ZScoreRule { MinimumPoints = 3 });
        Assert.Equal([MetricVerdict.NotEnoughHistory, MetricVerdict.NotEnoughHistory, MetricVerdict.NoValue, MetricVerdict.NotEnoughHistory], results.Select(result => result.Verdict));
        Assert.Contains("2 other runs", results[0].Reason);
        Assert.Contains("3", results[0].Reason);
    }

    [Fact]
    public void CheckLatest_OnlyThePast_IsWhatTheNewestRunIsComparedWith()
    {
        double?[] values = [10, 11, 9, 10, 12, 8, 10, 11, 9, 10, 30];
        var rule = new ZScoreRule();
        var latest = Assert.Single(new MetricRules().Add("value", rule).CheckLatest(HistoryFiles.History(values)).Results);
        Assert.Equal(HistoryFiles.Check(HistoryFiles.History(values), rule)[^1], latest);
        Assert.Equal(MetricVerdict.Anomaly, latest.Verdict);
    }

    [Theory]
    [InlineData(1e308)]
    [InlineData(1e-300)]
    [InlineData(5e-324)]
    public void Check_ExtremeNumbers_IsNeverNaN(double size)
    {
        double?[] values = [size, -size, size, -size, size, size, -size, size, -size, size, 0, size];
        foreach (var estimator in Enum.GetValues<ZScoreEstimator>())
        {
            foreach (MetricRule rule in new MetricRule[] { new ZScoreRule { Estimator = estimator }, new OnlineZScoreRule { Estimator = estimator }, new SeasonalRule { Period = 2, Estimator = estimator } })
            {
                foreach (var result in HistoryFiles.Check(HistoryFiles.History(values), rule))
                {
                    Assert.False(result.Expected is { } range && (double.IsNaN(range.Lower) || double.IsNaN(range.Upper)));
                    Assert.Equal(result.Verdict is MetricVerdict.Normal or MetricVerdict.Anomaly, result.Expected is not null);
                }
            }
        }
    }

    [Fact]
    public void Online_MaskedSpike_IsFoundSinceAnomaliesAreLeftOut()
    {
        double?[] values = [10, 11, 9, 10, 12, 8, 10, 11, 9, 10, 1000, 40, 10];
        Assert.Equal([10, 11], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), new OnlineZScoreRule())));
        Assert.Equal([10], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), new ZScoreRule())));
    }

    [Fact]
    public void Online_RestartAfter_TakesTheLastingLevelAsNormal()
    {
        double?[] values = [.. Enumerable.Range(0, 30).Select(i => (double?)((i < 12 ? 10 : 50) + (i % 3)))];
        var rule = new OnlineZScoreRule { MinimumPoints = 3, RestartAfter = 3 };
        Assert.Equal([12, 13, 14], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), rule)));
        Assert.Equal([.. Enumerable.Range(12, 18)], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), rule with { RestartAfter = null })));
    }

    [Fact]
    public void Online_Window_FollowsADriftThatAllValuesDoNot()
    {
        double?[] values = [.. Enumerable.Range(0, 200).Select(i => (double?)((i / 4.0) + (i * 7 % 10)))];
        Assert.Empty(HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), new OnlineZScoreRule { Window = 20 })));
        values[150] = 0;
        Assert.Equal([150], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), new OnlineZScoreRule { Window = 20 })));
        Assert.Empty(HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), new OnlineZScoreRule())));
    }

    [Fact]
    public void Online_Window_IsOfSoManyNormalValues()
    {
        var results = HistoryFiles.Check(HistoryFiles.History(5, 1, 2, 3, 900, null, 2), new OnlineZScoreRule { MinimumPoints = 3, Window = 3, Threshold = 2 });
        Assert.Equal([4], HistoryFiles.Anomalies(results));
        Assert.Equal(new MetricRange(0, 4), results[^1].Expected);
    }

    private static void AssertRange(double centre, double half, MetricRange range)
    {
        Assert.Equal(centre - half, range.Lower, 1e-12 * Math.Max(Math.Abs(centre), half));
        Assert.Equal(centre + half, range.Upper, 1e-12 * Math.Max(Math.Abs(centre), half));
    }
}
