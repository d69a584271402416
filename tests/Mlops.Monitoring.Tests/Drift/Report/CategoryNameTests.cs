using System.Text;
using Mlops.Data;
using Mlops.Profiles;
using Mlops.Reports;

namespace Mlops.Monitoring.Tests;

/// <summary>Reports hold no rows: texts that are hardly ever alike are compared as texts, and only frequent categories are named.</summary>
public sealed class CategoryNameTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(95)]
    public async Task CreateAsync_FewFreeTexts_AreComparedAsTextsAndNotShown(int rows)
    {
        InMemoryDataset Make(int seed) => Texts(rows, i => $"Please call Anna Berg about order {(i * 7919) + seed}");
        foreach (var report in await CompareAsync(Make(1), Make(2)))
        {
            var finding = Assert.Single(report.Findings);
            Assert.Equal(("text-drift", rows < 20 ? DriftVerdict.NotEnoughData : DriftVerdict.NoDrift), (finding.Result.Test, finding.Verdict));
            Assert.Equal("length in characters", finding.Distributions!.Quantity);
            Assert.All(Write(report), face => Assert.DoesNotContain("Anna", face, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(30)]
    [InlineData(95)]
    public async Task CreateAsync_FewFreeTextsOfOtherWords_AreDrift(int rows)
    {
        foreach (var report in await CompareAsync(Texts(rows, i => $"order {i} came too late"), Texts(rows, i => $"refund of invoice {1000 + i} still not paid")))
        {
            var finding = Assert.Single(report.Findings);
            Assert.Equal(("text-drift", DriftVerdict.Drift), (finding.Result.Test, finding.Verdict));
        }
    }

    [Fact]
    public async Task CreateAsync_TextsSeenTwiceOnEachSide_AreNotNamed()
    {
        var data = Texts(120, i => $"person{i % 60}@example.com");
        foreach (var report in await CompareAsync(data, data))
        {
            var finding = Assert.Single(report.Findings);
            Assert.Equal(("chi-squared", DriftVerdict.NoDrift), (finding.Result.Test, finding.Verdict));
            Assert.Null(finding.Distributions);
            Assert.All(Write(report), face => Assert.DoesNotContain("@example", face, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(ColumnRole.Feature, "none", "five")]
    [InlineData(ColumnRole.Sensitive, "category 1", "category 2")]
    public async Task CreateAsync_RareCategories_AreGathered(ColumnRole role, string first, string second)
    {
        // Five times on both sides together is often enough, four times is not.
        var reference = Texts(100, i => i < 3 ? "five" : i < 5 ? "four" : "none", role);
        var current = Texts(100, i => i < 2 ? "five" : i < 4 ? "four" : "none", role);
        foreach (var report in await CompareAsync(reference, current, new DriftReportOptions { Tests = new Dictionary<string, IDriftTest> { ["text"] = new ChiSquared() } }))
        {
            var bars = Assert.Single(report.Findings).Distributions!;
            Assert.Equal([first, second, "(all others)"], bars.Categories);
            Assert.Equal([0.95, 0.03, 0.02], bars.Reference);
            Assert.Equal([0.96, 0.02, 0.02], bars.Current);
        }
    }

    [Fact]
    public void Create_ProfilesThatHaveForgotten_NameFrequentCategoriesAlone()
    {
        static DatasetProfile Make()
        {
            var profile = new ColumnProfile("text", ElementType.String);
            profile.Add(TextColumn.FromStrings([.. Enumerable.Range(0, 8000).Select(i => i % 2 == 0 ? "none" : $"person{i % 2999}@example.com")]));
            return new DatasetProfile(8000, profile);
        }

        var (reference, current) = (Make(), Make());
        Assert.False(reference.Columns[0].Values!.IsExact);
        var report = DriftReport.Create(reference, current);
        Assert.Equal(["none", "(all others)"], Assert.Single(report.Findings).Distributions!.Categories);
        Assert.Equal([0.5, 0.5], report.Findings[0].Distributions!.Reference);
        Assert.All(Write(report), face => Assert.DoesNotContain("@example", face, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CreateAsync_RareFlagsAndNumbers_AreShownAsTheyAre()
    {
        var data = InMemoryDataset.FromColumns("d", DriftData.Flags("flag", 100, i => i == 0), DriftData.Numbers("count", 100, i => i == 0 ? 7 : i % 3));
        var report = await DriftReport.CreateAsync(data, data, null, Token);
        Assert.Equal(["false", "true"], report.Findings.Single(finding => finding.Column == "flag").Distributions!.Categories.Order(StringComparer.Ordinal));
        Assert.Equal(["0", "1", "2", "7"], report.Findings.Single(finding => finding.Column == "count").Distributions!.Categories);
    }

    private static async Task<DriftReport[]> CompareAsync(InMemoryDataset reference, InMemoryDataset current, DriftReportOptions? options = null) =>
    [
        await DriftReport.CreateAsync(reference, current, options, Token),
        DriftReport.Create(await DatasetProfile.CreateAsync(reference, Token), await DatasetProfile.CreateAsync(current, Token), options),
    ];

    private static string[] Write(DriftReport report) => [Encoding.UTF8.GetString(report.ToJson()), new HtmlReport("Drift").AddDrift(report).ToString(), report.ToJUnitXml(), report.ToString()];

    private static InMemoryDataset Texts(int rows, Func<int, string?> value, ColumnRole role = ColumnRole.Feature) => InMemoryDataset.FromColumns("d", DriftData.Texts("text", rows, value, role));
}
