using Mlops.Reports;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

public sealed class DriftReportTests
{
    [Fact]
    public void Create_ManyColumnsWithoutDrift_RaisesFewFalseAlarms()
    {
        // Twenty uncorrected tests at 5 % would alarm in two of three reports.
        var options = new DriftReportOptions { MinimumEffect = 0 };
        var alarms = 0;
        for (var trial = 0; trial < 100; trial++)
        {
            var random = new Random(trial);
            if (DriftReport.Create(Profile(random, 20, 200, 0), Profile(random, 20, 200, 0), options).HasDrift) alarms++;
        }

        Assert.InRange(alarms, 0, 11);
    }

    [Fact]
    public void Create_OneColumnShifted_RanksItFirst()
    {
        var random = new Random(1);
        var report = DriftReport.Create(Profile(random, 20, 500, 0), Profile(random, 20, 500, 1), null);
        Assert.Equal("column7", report.Findings[0].Column);
        Assert.Equal(DriftVerdict.Drift, report.Findings[0].Verdict);
        Assert.Equal((20, 1), (report.TestedColumnCount, report.DriftedColumnCount));
        Assert.Equal("1 of 20 columns drifted: column7", report.ToString());
        Assert.All(report.Findings, finding => Assert.True(finding.AdjustedPValue >= finding.Result.PValue));
    }

    [Fact]
    public void Create_ColumnsOfEveryKind_GivesEachItsTest()
    {
        var report = DriftReport.Create(PredictionFeed.CreateReference(seed: 1), PredictionFeed.CreateReference(seed: 2));
        var tests = report.Findings.ToDictionary(finding => finding.Column, finding => finding.Result.Test);
        Assert.Equal(new Dictionary<string, string> { ["temperature"] = "kolmogorov-smirnov", ["rain"] = "two-proportions", ["station"] = "chi-squared" }, tests);
        Assert.False(report.HasDrift);
    }

    [Fact]
    public void Create_ColumnMissingNow_IsAFinding()
    {
        var report = DriftReport.Create(Profile(new Random(1), 3, 100, 0), new DatasetProfile(100, Numbers("column0", new Random(2), 100, 0)));
        Assert.Equal(3, report.Findings.Count);
        Assert.Equal(["column1", "column2"], report.Findings.Where(finding => finding.Verdict == DriftVerdict.NotComputable).Select(finding => finding.Column));
    }

    [Fact]
    public void Create_ColumnsMissingNow_AreTold()
    {
        var report = DriftReport.Create(Profile(new Random(1), 3, 100, 0), new DatasetProfile(100, Numbers("column0", new Random(2), 100, 0)));
        Assert.Equal((1, 2, true), (report.TestedColumnCount, report.UntestedColumnCount, report.HasTested));
        Assert.Equal("0 of 1 columns drifted; 2 could not be tested: column1, column2", report.ToString());
    }

    [Fact]
    public void Create_NothingToTest_DoesNotReadAsNoDrift()
    {
        var reference = Profile(new Random(1), 2, 100, 0);
        DriftReport[] reports = [DriftReport.Create(reference, Profile(new Random(1), 2, 0, 0)), DriftReport.Create(reference, new DatasetProfile(100, Numbers("other", new Random(2), 100, 0)))];
        Assert.EndsWith("; 1 new: other", reports[1].ToString(), StringComparison.Ordinal);
        Assert.All(reports, report =>
        {
            Assert.Equal((0, 2, false, false), (report.TestedColumnCount, report.UntestedColumnCount, report.HasTested, report.HasDrift));
            Assert.StartsWith("nothing could be tested: 2 columns could not be compared: column0, column1", report.ToString(), StringComparison.Ordinal);
            Assert.Equal(2, report.ExitCode);
            Assert.Contains("Nothing could be tested", new HtmlReport("Drift").AddDrift(report).ToString(), StringComparison.Ordinal);
            var rule = AlertRule.Drift(0.1).Evaluate(new MonitorSnapshot("m", default) { Drift = report });
            Assert.Equal((AlertRuleState.Unknown, report.ToString()), (rule.State, rule.Message));
        });
        Assert.StartsWith("nothing could be tested", DriftReport.Create(new DatasetProfile(0, []), reference).ToString(), StringComparison.Ordinal);
    }

    /// <summary>Texts that profiles cannot compare are not tested, whatever their missing values say; each column is in one count, and every heading tells.</summary>
    [Fact]
    public async Task Create_FreeTextsWithMissingValuesByProfiles_AreCountedAsUntested()
    {
        static InMemoryDataset Make(int seed, int missing) => InMemoryDataset.FromColumns(
            "d", DriftData.Normals("x", 3000, seed), DriftData.Texts("comment", 3000, row => row % 100 < missing ? null : $"words {row} of {seed}"));
        var (token, reference, options) = (TestContext.Current.CancellationToken, Make(1, 5), new DriftReportOptions { Tests = new Dictionary<string, IDriftTest> { ["comment"] = new TextDrift() } });
        var profile = await DatasetProfile.CreateAsync(reference, token);
        var report = await DriftReport.CreateAsync(profile, Make(2, 5), options, token);
        Assert.Equal((1, 1, 0, 0, 2), (report.TestedColumnCount, report.UntestedColumnCount, report.AddedColumnCount, report.DriftedColumnCount, report.ExitCode));
        Assert.Equal("0 of 1 columns drifted; 1 could not be tested: comment", report.ToString());
        Assert.Contains("<h2>comment: not computable</h2>", new HtmlReport("Drift").AddDrift(report).ToString(), StringComparison.Ordinal);

        report = await DriftReport.CreateAsync(profile, Make(2, 50), options, token);
        Assert.Equal((2, 0, 1, 0.5), (report.TestedColumnCount, report.UntestedColumnCount, report.DriftedColumnCount, report.DriftedRatio));
        Assert.Equal("1 of 2 columns drifted: comment; 1 could be tested only in part: comment", report.ToString());
        Assert.Contains("<h2>comment: drift; otherwise not computable</h2>", new HtmlReport("Drift").AddDrift(report).ToString(), StringComparison.Ordinal);

        var series = await DriftSeries.CreateAsync(profile, Make(2, 5), new DriftSeriesOptions { Chunking = Chunking.BySize(1500), Report = options }, token);
        Assert.Equal("0 of 2 chunks drifted, compared with the reference data; 1 column could not be tested in some of them: comment", series.ToString());
        using var stream = new MemoryStream();
        await series.WriteHtmlAsync(stream, token);
        var html = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        Assert.Contains(">no drift in what was tested</td>", html, StringComparison.Ordinal);
        Assert.Contains(">not tested: comment</td>", html, StringComparison.Ordinal);

        var only = await DriftReport.CreateAsync(profile, Make(2, 5), new DriftReportOptions { Tests = options.Tests, ExcludedColumns = ["x"] }, token);
        Assert.Equal((0, 1, false, 2), (only.TestedColumnCount, only.UntestedColumnCount, only.HasTested, only.ExitCode));
    }

    [Fact]
    public void Create_AnotherTypeNow_IsAFinding()
    {
        var texts = new ColumnProfile("column0", ElementType.String);
        texts.Add(TextColumn.FromStrings([.. Enumerable.Repeat("a", 100)]));
        var report = DriftReport.Create(Profile(new Random(1), 1, 100, 0), new DatasetProfile(100, texts));
        Assert.Equal(DriftVerdict.NotComputable, Assert.Single(report.Findings).Verdict);
        report = DriftReport.Create(new DatasetProfile(100, texts), Profile(new Random(1), 1, 100, 0));
        Assert.Equal(DriftVerdict.NotComputable, Assert.Single(report.Findings).Verdict);
    }

    [Fact]
    public void Create_TestThrows_DoesNotFailTheReport()
    {
        var options = new DriftReportOptions { ChooseTest = column => column.Name == "column0" ? new Thrower() : new KolmogorovSmirnov() };
        var random = new Random(1);
        var report = DriftReport.Create(Profile(random, 2, 100, 0), Profile(random, 2, 100, 0), options);
        Assert.Equal(DriftVerdict.NoDrift, report.Findings[0].Verdict);
        Assert.Equal(("column0", DriftVerdict.NotComputable), (report.Findings[1].Column, report.Findings[1].Verdict));
    }

    [Theory]
    [InlineData(1.0000001, 0.5)]
    [InlineData(-1e-17, 0.5)]
    [InlineData(0.5, -1.0)]
    public void Create_TestGivesFiguresOutOfRange_DoesNotFailTheReport(double pValue, double effect)
    {
        var options = new DriftReportOptions { ChooseTest = column => column.Name == "column0" ? new Stater(pValue, effect) : new KolmogorovSmirnov() };
        var random = new Random(1);
        var report = DriftReport.Create(Profile(random, 2, 100, 0), Profile(random, 2, 100, 0), options);
        Assert.Equal(("column1", DriftVerdict.NoDrift), (report.Findings[0].Column, report.Findings[0].Verdict));
        Assert.Equal(("column0", DriftVerdict.NotComputable, "stater"), (report.Findings[1].Column, report.Findings[1].Verdict, report.Findings[1].Result.Test));
    }

    [Fact]
    public void Create_ValuesGoMissing_IsDrift()
    {
        var random = new Random(1);
        var current = new ColumnProfile("column0", ElementType.Float64);
        current.Add([.. Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? double.NaN : random.NextDouble())]);
        var report = DriftReport.Create(Profile(random, 1, 300, 0), new DatasetProfile(300, current));
        Assert.Equal("missing-values", report.Findings[0].Result.Test);
        Assert.Equal(DriftVerdict.Drift, report.Findings[0].Verdict);
        Assert.Equal(1.0 / 3, report.Findings[0].Result.Effect!.Value, 1e-9);
    }

    [Fact]
    public void Create_UnseenCategory_IsDrift()
    {
        var report = DriftReport.Create(Texts(("a", 500), ("b", 500)), Texts(("a", 80), ("b", 80), ("new", 40)));
        var finding = Assert.Single(report.Findings);
        Assert.Equal(DriftVerdict.Drift, finding.Verdict);
        Assert.Equal(0.2, finding.Result.Effect!.Value, 1e-9);
    }

    [Fact]
    public void Create_OnlyRareCategories_FindsNothing()
    {
        // Each occurs once, and never again.
        var random = new Random(1);
        (string, long)[] Draw() => [.. Enumerable.Range(0, 300).Select(_ => ($"id {random.NextInt64(1L << 50)}", 1L))];
        var finding = Assert.Single(DriftReport.Create(Texts(Draw()), Texts(Draw())).Findings);
        Assert.Equal(("text-drift", DriftVerdict.NoDrift), (finding.Result.Test, finding.Verdict));
    }

    [Fact]
    public void Create_MoreCategoriesThanAreCounted_RaisesNoFalseAlarm()
    {
        // Both sketches run full, with different values in them.
        var random = new Random(3);
        DatasetProfile Make()
        {
            var profile = new ColumnProfile("text", ElementType.String);
            profile.Add(TextColumn.FromStrings([.. Enumerable.Range(0, 20_000).Select(_ => $"v{(int)(5000 * random.NextDouble() * random.NextDouble())}")]));
            return new DatasetProfile(20_000, profile);
        }

        for (var trial = 0; trial < 10; trial++)
        {
            var (reference, current) = (Make(), Make());
            Assert.False(reference.Columns[0].Values!.IsExact);
            Assert.False(DriftReport.Create(reference, current, new DriftReportOptions { MinimumEffect = 0, Significance = 0.001 }).HasDrift);
        }
    }

    [Fact]
    public void ToJson_Report_ReadsBack()
    {
        var report = DriftReport.Create(Profile(new Random(1), 3, 200, 0), new DatasetProfile(200, Numbers("column0", new Random(2), 200, 1)));
        var read = DriftReport.FromJson(report.ToJson());
        Assert.Equal(report.Findings, read.Findings);
        Assert.Equal(report.ToString(), read.ToString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"points\":[]}")]
    public void FromJson_NoReportNorSeries_Throws(string json)
    {
        Assert.Throws<System.Text.Json.JsonException>(() => DriftReport.FromJson(System.Text.Encoding.UTF8.GetBytes(json)));
        Assert.Throws<System.Text.Json.JsonException>(() => DriftSeries.FromJson(System.Text.Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Create_EmptyProfiles_IsEmpty()
    {
        var report = DriftReport.Create(new DatasetProfile(0), new DatasetProfile(0));
        Assert.Empty(report.Findings);
        Assert.Equal(0, report.DriftedRatio);
    }

    [Fact]
    public void Statistic_NotFinite_Throws()
        => Assert.Throws<ArgumentOutOfRangeException>(() => new DriftResult("x", DriftVerdict.Drift, "", 1, 1) { Statistic = double.NaN });

    private static DatasetProfile Profile(Random random, int columns, int rows, double shift)
        => new(rows, Enumerable.Range(0, columns).Select(i => Numbers($"column{i}", random, rows, i == 7 ? shift : 0)));

    private static ColumnProfile Numbers(string name, Random random, int rows, double shift)
    {
        var profile = new ColumnProfile(name, ElementType.Float64);
        profile.Add([.. Enumerable.Range(0, rows).Select(_ => shift + random.NextDouble())]);
        return profile;
    }

    private static DatasetProfile Texts(params (string Value, long Count)[] values)
    {
        var profile = new ColumnProfile("text", ElementType.String);
        profile.Add(TextColumn.FromStrings([.. values.SelectMany(pair => Enumerable.Repeat(pair.Value, (int)pair.Count))]));
        return new DatasetProfile(profile.RowCount, profile);
    }

    private sealed class Stater(double pValue, double effect) : IProfileDriftTest
    {
        public string Name => "stater";

        public double DefaultMinimumEffect => 0;

        public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
            => new(Name, DriftVerdict.NoDrift, "As stated.", reference.RowCount, current.RowCount) { Statistic = 1, PValue = pValue, Effect = effect };
    }

    private sealed class Thrower : IProfileDriftTest
    {
        public string Name => "thrower";

        public double DefaultMinimumEffect => 0;

        public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null) => throw new NotSupportedException();
    }
}
