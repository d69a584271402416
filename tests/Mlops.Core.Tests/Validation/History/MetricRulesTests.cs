using System.Text;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class MetricRulesTests
{
    private static readonly DateTimeOffset s_start = HistoryFiles.Start;

    public static TheoryData<MetricRule> Unusable { get; } =
    [
        new ThresholdRule(),
        new ThresholdRule { Minimum = 2, Maximum = 1 },
        new ThresholdRule { Minimum = double.NaN },
        new AbsoluteChangeRule(),
        new AbsoluteChangeRule { MaximumIncrease = -1 },
        new AbsoluteChangeRule { MaximumIncrease = 1, Order = 0 },
        new AbsoluteChangeRule { MaximumIncrease = 1, Order = 11 },
        new AbsoluteChangeRule { MaximumIncrease = 1, Lag = 0 },
        new RelativeChangeRule(),
        new RelativeChangeRule { MaximumDecrease = double.NaN },
        new RelativeChangeRule { MaximumDecrease = 1, Lag = 0 },
        new ZScoreRule { Threshold = 0 },
        new ZScoreRule { MinimumPoints = 1 },
        new ZScoreRule { MinimumDeviation = -1 },
        new ZScoreRule { Name = " " },
        new OnlineZScoreRule { Threshold = double.PositiveInfinity },
        new OnlineZScoreRule { MinimumPoints = 10, Window = 9 },
        new OnlineZScoreRule { RestartAfter = 1 },
        new SeasonalRule { Period = 1 },
        new SeasonalRule { Period = 10_001 },
        new SeasonalRule { SmoothingSeasons = 2 },
        new SeasonalRule { Spacing = TimeSpan.Zero },
        new SeasonalRule { Spacing = TimeSpan.FromDays(1), CountRuns = true },
        new SeasonalRule { RestartAfter = 0 },
    ];

    [Theory]
    [MemberData(nameof(Unusable))]
    public void Add_OptionOutOfRange_IsRefused(MetricRule rule) => Assert.ThrowsAny<ArgumentException>(() => new MetricRules().Add("value", rule));

    [Theory]
    [InlineData("*", "anything")]
    [InlineData("*.mean", "a.b.mean")]
    [InlineData("a*c*e", "abcdcde")]
    [InlineData("row_count", "row_count")]
    [InlineData("**x", "x")]
    [InlineData("a*", "a")]
    public void Check_PatternThatMatches_HoldsForTheMetric(string pattern, string metric)
    {
        var history = new MetricHistory("h");
        history.Add(s_start, metric, 1);
        var report = new MetricRules().Add(pattern, new ThresholdRule { Minimum = 0 }).Check(history);
        Assert.Equal((metric, MetricVerdict.Normal), (Assert.Single(report.Results).Metric, report.Results[0].Verdict));
        Assert.Empty(report.UnmatchedPatterns);
    }

    [Theory]
    [InlineData("*.mean", "a.means")]
    [InlineData("Row_count", "row_count")]
    [InlineData("a*b", "ab c")]
    [InlineData("a.mean", "a_mean")]
    public void Check_PatternThatMatchesNothing_IsReported(string pattern, string metric)
    {
        var history = new MetricHistory("h");
        history.Add(s_start, metric, 1);
        var report = new MetricRules().Add(pattern, new ThresholdRule { Minimum = 0 }).Add(pattern, new ThresholdRule { Maximum = 0 }).Check(history);
        Assert.Empty(report.Results);
        Assert.Equal([pattern], report.UnmatchedPatterns);
        Assert.Contains($"no metric is called '{pattern}'", report.ToString());
    }

    [Fact]
    public void CheckLatest_MetricWithoutTheNewestRun_IsNoValueOrAnAnomaly()
    {
        var history = new MetricHistory("h");
        history.Add(s_start, "a.mean", 1);
        history.Add(s_start, "b.mean", 1);
        history.Add(s_start.AddDays(1), "b.mean", 1);
        var report = new MetricRules().Add("*.mean", new ThresholdRule { Minimum = 0 }).CheckLatest(history);
        Assert.Equal([("a.mean", MetricVerdict.NoValue), ("b.mean", MetricVerdict.Normal)], report.Results.Select(result => (result.Metric, result.Verdict)));
        Assert.Contains("2025-01-06T02:00:00Z", report.Results[0].Reason);
        Assert.Equal(ValidationVerdict.Pass, report.Verdict);
        report = new MetricRules().Add("*.mean", new ThresholdRule { Minimum = 0, RequireValue = true, Severity = ValidationSeverity.Error }).CheckLatest(history);
        var anomaly = Assert.Single(report.Anomalies);
        Assert.Equal(("a.mean", s_start.AddDays(1), null, null), (anomaly.Metric, anomaly.At, anomaly.Value, anomaly.Expected));
        Assert.Equal(ValidationVerdict.Fail, report.Verdict);
        Assert.Empty(new MetricRules().Add("*", new ThresholdRule { Minimum = 0 }).CheckLatest(new MetricHistory("empty")).Results);
    }

    [Fact]
    public void Anomalies_OfCountsAndOfMeans_TellNoValueOfTheData()
    {
        var history = new MetricHistory("rides");
        foreach (var (metric, value) in new[] { ("row_count", 123.0), ("age.mean", 777.5), ("age.maximum", 888.5), ("age.quantile_0.95", 999.5), ("a.b.completeness", 0.25), ("auc", 0.125) }) history.Add(s_start, metric, value);
        var report = new MetricRules().Add("*", new ThresholdRule { Minimum = 1000, Maximum = 2000, Name = "usual size" }).Check(history);
        Assert.Equal(ValidationVerdict.Warn, report.Verdict);
        Assert.Equal(6, report.Anomalies.Count);
        Assert.Equal("row_count of 2025-01-06T02:00:00Z is 123; 1000 to 2000 was expected (usual size).", report.Anomalies.Single(anomaly => anomaly.Metric == "row_count").Message);
        Assert.Equal("age.mean of 2025-01-06T02:00:00Z is below the expected range, by 0.22 times its width (usual size).", report.Anomalies.Single(anomaly => anomaly.Metric == "age.mean").Message);
        foreach (var hidden in new[] { "777", "888", "999" }) Assert.DoesNotContain(hidden, report.ToString() + string.Concat(report.Results));
        Assert.All(report.Anomalies, anomaly => Assert.DoesNotContain('\n', anomaly.Message));
        Assert.Equal(777.5, report.Anomalies.Single(anomaly => anomaly.Metric == "age.mean").Value);
        Assert.Equal(["a.b", "age", "age", "age", null, null], report.Anomalies.Select(anomaly => anomaly.Column));
    }

    [Fact]
    public void ToFindings_Anomalies_StandInAValidationReport()
    {
        var history = new MetricHistory("rides");
        history.Add(s_start, "age.completeness", 0.5);
        history.Add(s_start, "row_count", 5);
        var findings = new MetricRules()
            .Add("age.completeness", new ThresholdRule { Minimum = 0.9, Severity = ValidationSeverity.Error })
            .Add("row_count", new ThresholdRule { Minimum = 10 }).CheckLatest(history).ToFindings();
        Assert.Equal([("age", ValidationSeverity.Error, 0.5), (null, ValidationSeverity.Warning, 5)], findings.Select(finding => (finding.Column, finding.Severity, finding.Measured!.Value)));
        Assert.All(findings, finding => Assert.Equal(AnomalyKind.MetricAnomaly, finding.Kind));
        var report = new DataValidationReport("rides", 5, 2, findings);
        Assert.Equal(ValidationVerdict.Fail, report.Verdict);
        Assert.Equal(findings.Select(finding => finding.Message), DataValidationReport.FromJson(report.ToJson()).Findings.Select(finding => finding.Message));
        Assert.Contains("row_count", report.ToHtml());
    }

    [Theory]
    [InlineData("""{"format":"mlops.metric-rules","version":1,"rules":[{"metric":"a","rule":{"rule":"seasonal","period":1}}]}""", "Rule 1, of 'a'")]
    [InlineData("""{"format":"mlops.metric-rules","version":1,"rules":[{"metric":"a","rule":{"rule":"sesonal"}}]}""", "online_z_score")]
    [InlineData("""{"format":"mlops.metric-rules","version":1,"rules":[{"metric":"a","rule":{"rule":5}}]}""", "Rule 1")]
    [InlineData("""{"format":"mlops.metric-rules","version":1,"rules":[{"metric":"a","rule":{"rule":"z_score","treshold":4}}]}""", "treshold")]
    [InlineData("""{"format":"mlops.metric-rules","version":1,"rules":[{"metric":"a","rule":{"rule":"z_score","threshold":"4"}}]}""", "threshold")]
    [InlineData("""{"format":"mlops.metric-rules","version":1,"rules":[{"metric":"a","rule":{"rule":"z_score","name":null}}]}""", "Rule 1")]
    [InlineData("""{"format":"mlops.metric-rules","version":1,"rules":[{"metric":"","rule":{"rule":"z_score"}}]}""", "Rule 1")]
    [InlineData("""{"format":"mlops.metric-rules","version":3,"rules":[]}""", "version 3")]
    [InlineData("""{"format":"mlops.metric-history","version":1,"rules":[]}""", "not of the format")]
    [InlineData("{\n\"rules\":[}", "line 2")]
    [InlineData("""{"format":"mlops.metric-rules","version":1,"rules":[null]}""", "metric rules")]
    public void FromJson_Damaged_SaysWhereAndWhatToDo(string json, string words)
        => Assert.Contains(words, Assert.Throws<DataFormatException>(() => MetricRules.FromJson(Encoding.UTF8.GetBytes(json))).Message);

    [Fact]
    public void FromJson_Written_GivesTheSameRules()
    {
        var rules = new MetricRules()
            .Add("a", new ThresholdRule { Minimum = 0.1, Severity = ValidationSeverity.Error })
            .Add("*.mean", new AbsoluteChangeRule { MaximumDecrease = 1, Order = 2, Lag = 7, AcceptReturn = false })
            .Add("a", new RelativeChangeRule { MaximumIncrease = 1, Name = "doubling" })
            .Add("b", new ZScoreRule { Estimator = ZScoreEstimator.Median, MinimumDeviation = 0.001 })
            .Add("c", new OnlineZScoreRule { Window = 30, RestartAfter = 5, RequireValue = true })
            .Add("d", new SeasonalRule { Period = 12, Spacing = TimeSpan.FromDays(30.5), SmoothingSeasons = 3 });
        var read = MetricRules.FromJson(rules.ToJson());
        Assert.Equal(rules.Entries, read.Entries);
        Assert.Equal(rules.ToJson(), read.ToJson());
    }

    [Fact]
    public void ToString_Rules_SayWhatIsAllowed()
    {
        Assert.Equal("threshold: at least 0.5", new ThresholdRule { Minimum = 0.5 }.ToString());
        Assert.Equal("relative change: lag 7, down by 0.5 of the value, up by any", new RelativeChangeRule { MaximumDecrease = 0.5, Lag = 7 }.ToString());
        Assert.Equal("spread: 2.5 deviations (median) from the 30 normal values before", new OnlineZScoreRule { Name = "spread", Threshold = 2.5, Estimator = ZScoreEstimator.Median, Window = 30 }.ToString());
        Assert.Equal("2025-01-06T02:00:00Z: 1.5", new MetricPoint(s_start, 1.5).ToString());
    }

    [Fact]
    public void FromJson_OptionsNotNamed_HaveTheirDefaults()
    {
        var json = """{"format":"mlops.metric-rules","version":1,"rules":[{"metric":"a","rule":{"period":12,"rule":"seasonal"}},{"metric":"b","rule":{"rule":"online_z_score"}}]}"""u8;
        Assert.Equal([new SeasonalRule { Period = 12 }, new OnlineZScoreRule()], MetricRules.FromJson(json).Entries.Select(entry => entry.Value));
    }

    [Fact]
    public void Report_Anomaly_IsInJsonAndHtml()
    {
        var history = new MetricHistory("orders");
        for (var day = 1; day <= 9; day++) history.Add(new DateTimeOffset(2024, 1, day, 0, 0, 0, TimeSpan.Zero), "row_count", day == 9 ? 1 : 100);
        var report = new MetricRules().Add("row_count", new RelativeChangeRule { MaximumDecrease = 0.5 }).Add("rows", new RelativeChangeRule { MaximumDecrease = 0.5 }).CheckLatest(history);
        Assert.Equal((1, ValidationVerdict.Warn), (report.Anomalies.Count, report.Verdict));
        using var json = System.Text.Json.JsonDocument.Parse(report.ToJson());
        Assert.Equal("row_count", json.RootElement.GetProperty("anomalies")[0].GetProperty("metric").GetString());
        Assert.Contains("<td class=\"s\">row_count</td>", report.ToHtml(), StringComparison.Ordinal);
        Assert.Contains("No metric is called rows.", report.ToHtml(), StringComparison.Ordinal);
        // Rules that look at nothing are no success.
        Assert.Equal(ValidationVerdict.Warn, new MetricRules().Add("rows", new RelativeChangeRule { MaximumDecrease = 0.5 }).CheckLatest(history).Verdict);
    }
}
