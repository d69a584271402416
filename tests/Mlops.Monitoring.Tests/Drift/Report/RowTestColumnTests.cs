using Mlops.Data;

namespace Mlops.Monitoring.Tests;

/// <summary>One bad column never fails the tests of rows.</summary>
public sealed class RowTestColumnTests
{
    private const int Rows = 400;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("both")]
    [InlineData("reference")]
    [InlineData("current")]
    [InlineData("infinite")]
    public async Task CreateAsync_ColumnWithoutValues_LeavesTheOthersTested(string where)
    {
        var options = new DriftReportOptions { RowTests = [new DomainClassifierDrift(), new MaximumMeanDiscrepancy()] };
        var rows = (await DriftReport.CreateAsync(Make(1, 0, where is "both" or "reference" or "infinite"), Make(2, 1, where is "both" or "current"), options, Token)).Findings.Where(finding => finding.Kind == DriftFindingKind.Rows).ToArray();
        Assert.Equal(2, rows.Length);
        Assert.All(rows, finding =>
        {
            Assert.Equal((DriftVerdict.Drift, (long)Rows, (long)Rows), (finding.Verdict, finding.Result.ReferenceCount, finding.Result.CurrentCount));
            Assert.EndsWith(" Left out, without a finite value in the rows of a side: 'bad'.", finding.Result.Reason, StringComparison.Ordinal);
        });
        Assert.Matches("Most by '[xy]', '[xy]'", rows.Single(finding => finding.Result.Test == "domain-classifier").Result.Reason);
        Assert.All((await DriftReport.CreateAsync(Make(1, 0, false), Make(2, 1, false), options, Token)).Findings, finding => Assert.DoesNotContain("Left out", finding.Result.Reason, StringComparison.Ordinal));

        InMemoryDataset Make(int seed, double shift, bool isBad) => InMemoryDataset.FromColumns("d", DriftData.Normals("x", Rows, seed, shift), DriftData.Normals("y", Rows, seed + 10, shift),
            isBad ? DriftData.Numbers("bad", Rows, _ => where == "infinite" ? double.PositiveInfinity : double.NaN) : DriftData.Normals("bad", Rows, seed + 20));
    }

    [Fact]
    public async Task CreateAsync_TooFewWholeRows_NamesTheColumnsThatLackMost()
    {
        static InMemoryDataset Make(int seed) => InMemoryDataset.FromColumns("d", DriftData.Normals("x", Rows, seed),
            DriftData.Numbers("most", Rows, i => i < 10 ? i : double.NaN), DriftData.Numbers("some", Rows, i => i < 100 ? double.NaN : i), DriftData.Numbers("one", Rows, i => i == 0 ? double.NaN : i), DriftData.Numbers("few", Rows, i => i < 3 ? double.NaN : i));
        var finding = (await DriftReport.CreateAsync(Make(1), Make(2), new DriftReportOptions { RowTests = [new MaximumMeanDiscrepancy()] }, Token)).Findings.Single(finding => finding.Kind == DriftFindingKind.Rows);
        Assert.Equal(DriftVerdict.NotEnoughData, finding.Verdict);
        Assert.Equal(
            "0 reference and 0 current values; 20 of each are needed. Compare more rows. Rows with a missing value are left out; of 400 and 400 rows, most are missing in 'most' (390 and 390), 'some' (100 and 100), 'few' (3 and 3). Leave such columns out with ExcludedColumns.",
            finding.Result.Reason);
    }

    [Fact]
    public async Task CreateAsync_NoColumnHasValues_NamesThem()
    {
        var data = InMemoryDataset.FromColumns("d", DriftData.Numbers("a", Rows, _ => double.NaN), DriftData.Numbers("b", Rows, _ => double.NaN));
        var finding = (await DriftReport.CreateAsync(data, data, new DriftReportOptions { RowTests = [new DomainClassifierDrift()] }, Token)).Findings.Single(finding => finding.Kind == DriftFindingKind.Rows);
        Assert.Equal((DriftVerdict.NotEnoughData, "No column is left to test together. Left out, without a finite value in the rows of a side: 'a', 'b'."), (finding.Verdict, finding.Result.Reason));
    }

    [Fact]
    public async Task CreateAsync_NoRows_LeavesNoColumnOut()
    {
        static InMemoryDataset Make(int rows) => InMemoryDataset.FromColumns("d", DriftData.Normals("x", rows, 1), DriftData.Normals("y", rows, 2));
        var finding = (await DriftReport.CreateAsync(Make(Rows), Make(0), new DriftReportOptions { RowTests = [new DomainClassifierDrift()] }, Token)).Findings.Single(finding => finding.Kind == DriftFindingKind.Rows);
        Assert.Equal((DriftVerdict.NotEnoughData, "400 reference and 0 current values; 20 of each are needed. Compare more rows."), (finding.Verdict, finding.Result.Reason));
    }
}
