using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class SeasonalRuleTests
{
    private static readonly double[] s_week = [10, 12, 11, 13, 14, 4, 3];

    private static readonly SeasonalRule s_rule = new() { MinimumDeviation = 0.5 };

    [Fact]
    public void Check_TooFewSeasons_IsNotEnoughHistory()
    {
        var verdicts = HistoryFiles.Verdicts(s_rule, Weeks(3));
        Assert.All(verdicts[..14], verdict => Assert.Equal(MetricVerdict.NotEnoughHistory, verdict));
        Assert.All(verdicts[14..], verdict => Assert.Equal(MetricVerdict.Normal, verdict));
    }

    [Fact]
    public void Check_ExactSeasonAndTrend_HasNoAnomalyFromRounding()
    {
        double?[] values = [.. Enumerable.Range(0, 300).Select(i => (double?)(0.1 * s_week[i % 7]) + (i * 0.3))];
        // The value of a season before knows no trend; the smoothing does.
        var verdicts = HistoryFiles.Verdicts(new SeasonalRule(), values);
        Assert.DoesNotContain(MetricVerdict.Anomaly, HistoryFiles.Verdicts(new SeasonalRule(), [.. values.Select((value, i) => value - (i * 0.3))]));
        Assert.DoesNotContain(MetricVerdict.Anomaly, verdicts);
        values[200] += 0.001;
        Assert.Equal([200], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), new SeasonalRule())));
    }

    [Fact]
    public void Check_Anomaly_DoesNotDisturbTheExpectation()
    {
        var values = Weeks(12);
        var undisturbed = HistoryFiles.Check(HistoryFiles.History(values), s_rule);
        values[60] = 1000;
        var disturbed = HistoryFiles.Check(HistoryFiles.History(values), s_rule);
        Assert.Equal([60], HistoryFiles.Anomalies(disturbed));
        foreach (var (a, b) in undisturbed.Zip(disturbed).Where((_, i) => i != 60 && i >= 14)) Assert.Equal(a.Expected!.Value.Lower, b.Expected!.Value.Lower, 1e-9);
    }

    [Fact]
    public void Check_SkippedDays_KeepTheSeasonInStep()
    {
        // Working days only: the weekend has no runs, and Mondays stay Mondays.
        int[] days = [.. Enumerable.Range(0, 70).Where(day => day % 7 < 5)];
        double?[] values = [.. days.Select(day => (double?)s_week[day % 7])];
        values[^1] = s_week[0];
        Assert.Equal([values.Length - 1], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values, i => HistoryFiles.Start.AddDays(days[i])), s_rule)));
        Assert.Equal([values.Length - 1], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values, i => HistoryFiles.Start.AddDays(days[i])), s_rule with { Period = 5, CountRuns = true })));
    }

    [Fact]
    public void Check_FirstRunInAPlaceOfTheSeason_IsNotJudged()
    {
        int[] days = [.. Enumerable.Range(0, 70).Where(day => day % 7 < 5 || day is 54 or 61)];
        double?[] values = [.. days.Select(day => (double?)s_week[day % 7])];
        var results = HistoryFiles.Check(HistoryFiles.History(values, i => HistoryFiles.Start.AddDays(days[i])), s_rule);
        Assert.Equal(MetricVerdict.NotEnoughHistory, results[days.IndexOf(54)].Verdict);
        Assert.Contains("place of the season", results[days.IndexOf(54)].Reason);
        Assert.Equal(MetricVerdict.Normal, results[days.IndexOf(61)].Verdict);
    }

    [Fact]
    public void Check_PauseLongerThanASeason_StartsAnewAndSaysSo()
    {
        var results = HistoryFiles.Check(HistoryFiles.History(Weeks(8), i => HistoryFiles.Start.AddDays(i < 35 ? i : i + 30)), s_rule);
        Assert.Equal(MetricVerdict.Normal, results[34].Verdict);
        Assert.All(results.Skip(35).Take(14), result => Assert.Equal(MetricVerdict.NotEnoughHistory, result.Verdict));
        Assert.Contains("a pause of 31 slots", results[35].Reason);
        Assert.Equal(MetricVerdict.Normal, results[49].Verdict);
    }

    [Fact]
    public void Check_SpacingChangesLater_EarlierVerdictsStay()
    {
        DateTimeOffset Time(int run) => HistoryFiles.Start.AddDays(run < 21 ? run : 20 + (2 * (run - 20)));
        double?[] values = [.. Enumerable.Range(0, 120).Select(run => (double?)s_week[(Time(run) - HistoryFiles.Start).Days % 7])];
        var verdicts = HistoryFiles.Check(HistoryFiles.History(values, Time), s_rule).Select(result => result.Verdict).ToArray();
        Assert.Equal(HistoryFiles.Verdicts(s_rule, values[..21]), verdicts[..21]);
        // Every second day still falls on its day of the week.
        Assert.All(verdicts[14..], verdict => Assert.Equal(MetricVerdict.Normal, verdict));
    }

    [Fact]
    public void Check_TwoRunsInOneSlot_AreBothJudgedByTheSameExpectation()
    {
        var values = Weeks(6).ToList();
        values.Insert(38, 50);
        var results = HistoryFiles.Check(HistoryFiles.History([.. values], i => HistoryFiles.Start.AddDays(i < 38 ? i : i - 1).AddHours(i == 38 ? 3 : 0)), s_rule);
        Assert.Equal([38], HistoryFiles.Anomalies(results));
        Assert.Equal(results[37].Expected, results[38].Expected);
    }

    [Fact]
    public void Check_RestartAfter_TakesTheLastingLevelAsNormal()
    {
        double?[] values = [.. Enumerable.Range(0, 84).Select(i => (double?)s_week[i % 7] + (i < 42 ? 0 : 100))];
        Assert.Equal([42, 43, 44], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), s_rule with { RestartAfter = 3 })));
        Assert.Equal(MetricVerdict.Normal, HistoryFiles.Verdicts(s_rule with { RestartAfter = 3 }, values)[56]);
    }

    [Fact]
    public void Check_WildValueInTheFirstSeasons_DoesNotWidenTheMedian()
    {
        var values = Weeks(10);
        for (var i = 0; i < values.Length; i++) values[i] += i * 31 % 10 / 10.0;
        (values[3], values[60]) = (500, 30);
        Assert.Contains(60, HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(values), new SeasonalRule { Estimator = ZScoreEstimator.Median, SmoothingSeasons = 1000 })));
    }

    private static double?[] Weeks(int count) => [.. Enumerable.Range(0, 7 * count).Select(i => (double?)s_week[i % 7])];
}
