using System.Xml.Linq;
using Mlops.Data;
using Mlops.Profiles;
using Mlops.Reports;
using Mlops.Testing;
using Xunit.Sdk;

namespace Mlops.Monitoring.Tests;

/// <summary>Columns with too few values are not tested, whatever the test of their missing values says, and every face of a report says so.</summary>
public sealed class FewValuesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15, 15)]
    [InlineData(30, 15)]
    [InlineData(5, 0)]
    [InlineData(0, 0)]
    public async Task CreateAsync_NearlyEmptyColumn_IsUntestedAndFailsTheBuild(int then, int now)
    {
        var (reference, current) = (Make(1, then), Make(2, now));
        var profile = await DatasetProfile.CreateAsync(reference, Token);
        foreach (var report in new[] { await DriftReport.CreateAsync(reference, current, null, Token), await DriftReport.CreateAsync(profile, current, null, Token) })
        {
            Assert.Equal(DriftVerdict.NoDrift, report.Findings.Single(finding => finding.Kind == DriftFindingKind.MissingValues).Verdict);
            Assert.Equal((1, 1, 0, 2), (report.TestedColumnCount, report.UntestedColumnCount, report.DriftedColumnCount, report.ExitCode));
            Assert.Equal("0 of 1 columns drifted; 1 could not be tested: hardly ever", report.ToString());
            Assert.Contains("<h2>hardly ever: not enough data</h2>", new HtmlReport("Drift").AddDrift(report).ToString(), StringComparison.Ordinal);
            Assert.Equal(("1", "0"), GetErrorsAndSkipped(report));
            Assert.Contains("hardly ever: NotEnoughData", Assert.Throws<XunitException>(() => DriftAssert.NoDrift(report)).Message, StringComparison.Ordinal);
            Assert.Same(report, DriftAssert.NoDrift(report, allowsUntested: true));
        }

        var series = await DriftSeries.CreateAsync(profile, current, new DriftSeriesOptions { Chunking = Chunking.BySize(1000) }, Token);
        Assert.Equal("0 of 1 chunks drifted, compared with the reference data; 1 column could not be tested in some of them: hardly ever", series.ToString());
        var only = await DriftReport.CreateAsync(reference, current, new DriftReportOptions { ExcludedColumns = ["x"] }, Token);
        Assert.False(only.HasTested);
        Assert.Throws<XunitException>(() => DriftAssert.NoDrift(only, allowsUntested: true));
    }

    [Fact]
    public async Task CreateAsync_ColumnRunsEmpty_IsDriftAndNotTestedEntirely()
    {
        var report = await DriftReport.CreateAsync(Make(1, 1000), Make(2, 5), null, Token);
        Assert.Equal((2, 0, 1, 2), (report.TestedColumnCount, report.UntestedColumnCount, report.DriftedColumnCount, report.ExitCode));
        Assert.Equal("1 of 2 columns drifted: hardly ever; 1 could be tested only in part: hardly ever", report.ToString());
        Assert.Contains("<h2>hardly ever: drift; otherwise not enough data</h2>", new HtmlReport("Drift").AddDrift(report).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ExitCode_MissingValuesOfTooFewRows_LetTheValuesTell()
    {
        static DriftFinding Find(DriftVerdict verdict, DriftFindingKind kind) => new("x", ElementType.Float64, verdict, new DriftResult("a-test", verdict, "As stated.", 30, 30)) { Kind = kind };
        var report = new DriftReport(30, 30, [Find(DriftVerdict.NoDrift, DriftFindingKind.Values), Find(DriftVerdict.NotEnoughData, DriftFindingKind.MissingValues)]);
        Assert.Equal((1, 0, 0), (report.TestedColumnCount, report.UntestedColumnCount, report.ExitCode));
        Assert.Equal(("0", "1"), GetErrorsAndSkipped(report));
    }

    private static (string Errors, string Skipped) GetErrorsAndSkipped(DriftReport report)
    {
        var suite = XDocument.Parse(report.ToJUnitXml()).Root!.Element("testsuite")!;
        return (suite.Attribute("errors")!.Value, suite.Attribute("skipped")!.Value);
    }

    private static InMemoryDataset Make(int seed, int present)
        => InMemoryDataset.FromColumns("d", DriftData.Normals("x", 1000, seed), DriftData.Numbers("hardly ever", 1000, i => i < present ? i : double.NaN));
}
