using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

/// <summary>A pipeline that begins to write 32 bits in place of 64 changes no value that anybody would call another.</summary>
public sealed class SharedPrecisionTests
{
    private const int Rows = 6000;
    private const string Note = " Both sides were rounded to Float32, which is all that one of them holds.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="different">The number of different prices: compared one by one, or in their order.</param>
    /// <param name="source">Where a side comes from.</param>
    [Theory]
    [InlineData(10, "values")]
    [InlineData(10, "profiles")]
    [InlineData(300, "values")]
    [InlineData(300, "profiles")]
    public async Task CreateAsync_OneSideOfFewerBits_IsNoDriftAndSaysSo(int different, string source)
    {
        InMemoryDataset wide = Make(Float64(1, different)), narrow = Make(Float32(2, different));
        foreach (var (reference, current) in new[] { (wide, narrow), (narrow, wide) })
        {
            var finding = Assert.Single((await CreateAsync(reference, current)).Findings);
            Assert.Equal(DriftVerdict.NoDrift, finding.Verdict);
            Assert.EndsWith(Note, finding.Result.Reason, StringComparison.Ordinal);
        }

        // What did change is found, and where both sides are alike there is nothing to say.
        var changed = Assert.Single((await CreateAsync(wide, Make(Float32(3, different, 0.5)))).Findings);
        Assert.Equal(DriftVerdict.Drift, changed.Verdict);
        Assert.DoesNotContain("rounded", Assert.Single((await CreateAsync(wide, Make(Float64(4, different)))).Findings).Result.Reason, StringComparison.Ordinal);

        async Task<DriftReport> CreateAsync(InMemoryDataset reference, InMemoryDataset current) => source == "values"
            ? await DriftReport.CreateAsync(reference, current, null, Token)
            : DriftReport.Create(await DatasetProfile.CreateAsync(reference, Token), await DatasetProfile.CreateAsync(current, Token));
    }

    [Fact]
    public async Task CreateAsync_RowsAndVectors_AreRoundedToo()
    {
        // By 0.1 of 64 and of 32 bits, a classifier would tell the sides apart at once.
        var options = new DriftReportOptions { RowTests = [new DomainClassifierDrift()] };
        var report = await DriftReport.CreateAsync(Make(Float64(1, 10), Vectors(false)), Make(Float32(2, 10), Vectors(true)), options, Token);
        Assert.All(report.Findings, finding => Assert.Equal(DriftVerdict.NoDrift, finding.Verdict));

        static (ColumnSchema, Column) Vectors(bool isNarrow)
        {
            double[] values = [.. Enumerable.Range(0, 2 * Rows).Select(i => (i * 7 % 10) / 10.0)];
            return isNarrow
                ? (new ColumnSchema("v", ElementType.Float32) { Width = 2 }, new Column<float>(Array.ConvertAll(values, value => (float)value), null, 2))
                : (new ColumnSchema("v", ElementType.Float64) { Width = 2 }, new Column<double>(values, null, 2));
        }
    }

    [Fact]
    public async Task CreateAsync_BeyondTheNarrowRange_StaysADifference()
    {
        double[] values = Float64Values(1, 10, 0);
        values.AsSpan(0, Rows / 2).Fill(1e300);
        var finding = Assert.Single((await DriftReport.CreateAsync(Make((new ColumnSchema("price", ElementType.Float64), new Column<double>(values))), Make(Float32(2, 10)), null, Token)).Findings);
        Assert.Equal(DriftVerdict.Drift, finding.Verdict);
    }

    private static InMemoryDataset Make(params (ColumnSchema, Column)[] columns) => InMemoryDataset.FromColumns("prices", columns);

    private static double[] Float64Values(int seed, int different, double shift)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Rows).Select(_ => (random.Next(different) / 10.0) + (shift * different / 10))];
    }

    private static (ColumnSchema, Column) Float64(int seed, int different) => (new ColumnSchema("price", ElementType.Float64), new Column<double>(Float64Values(seed, different, 0)));

    private static (ColumnSchema, Column) Float32(int seed, int different, double shift = 0)
        => (new ColumnSchema("price", ElementType.Float32), new Column<float>(Array.ConvertAll(Float64Values(seed, different, shift), value => (float)value)));
}
