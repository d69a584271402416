using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Mlops.Data;
using Mlops.Profiles;
using Mlops.Reports;
using Mlops.Testing;
using Mlops.Tests;
using Xunit.Sdk;

namespace Mlops.Monitoring.Tests;

public sealed class DriftReportOutputTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteHtmlAsync_Browser_ShowsThePageWithoutErrors()
    {
        using var browser = Browser.FindOrSkip();
        var file = Path.Combine(browser.Folder, "drift.html");
        await using (var stream = File.Create(file)) await (await CreateAsync(columns: 12)).WriteHtmlAsync(stream, "Drift of the week", Token);
        var (dom, log) = await browser.RunAsync(file, Token, "--dump-dom");
        Assert.DoesNotContain("CONSOLE", log);
        Assert.Contains("number 0: drift", dom, StringComparison.Ordinal);
        Assert.Contains("could not be told", dom, StringComparison.Ordinal);
        foreach (var (width, height) in new[] { (1100, 3600), (500, 3600) })
        {
            var picture = await browser.ScreenshotAsync(file, width, height, Token);
            Assert.Equal(width, picture.Width);
            // White paper, and ink on it: both sides' bars and text.
            Assert.Equal(0xFFFFFF, picture.MostFrequent);
            Assert.InRange(picture.GetShare(pixel => pixel != 0xFFFFFF), 0.02, 0.5);
            Assert.True(picture.GetShare(IsBlue) > 0.001, "the bars of the reference are not there");
            Assert.True(picture.GetShare(IsOrange) > 0.001, "the bars of the current data are not there");
        }

        if (Environment.GetEnvironmentVariable("MLOPS_KEEP_PAGES") is { Length: > 0 } folder) File.Copy(file, Path.Combine(folder, "drift.html"), overwrite: true);
        static bool IsBlue(int pixel) => (pixel & 0xFF) > (pixel >> 16) + 80;
        static bool IsOrange(int pixel) => (pixel >> 16) > (pixel & 0xFF) + 80 && ((pixel >> 8) & 0xFF) is > 70 and < 160;
    }

    [Theory]
    [InlineData(200)]
    [InlineData(2000)]
    public async Task WriteHtmlAsync_ManyColumns_StaysBelowAMegabyte(int columns)
    {
        using var stream = new MemoryStream();
        await (await CreateAsync(columns)).WriteHtmlAsync(stream, "Drift", Token);
        Assert.InRange(stream.Length, 50_000, 1_000_000);
        var html = Encoding.UTF8.GetString(stream.ToArray());
        Assert.DoesNotMatch("(src|href)=|url\\(|@import|<script|https?://", html);
        var body = XElement.Parse(html[html.IndexOf("<main>", StringComparison.Ordinal)..(html.IndexOf("</main>", StringComparison.Ordinal) + 7)]);
        if (columns == 200) Assert.Equal(columns, body.Descendants("figure").Count(figure => figure.Element("figcaption")!.Value.Contains(": share of the rows", StringComparison.Ordinal)));
        else Assert.Contains("more columns are left out", html, StringComparison.Ordinal);
        Assert.Equal("number 0: drift", body.Elements("h2").First().Value);
    }

    [Theory]
    [InlineData(25)]
    [InlineData(5000)]
    public async Task WriteHtmlAsync_LongNamesInManyBytes_StaysBelowAMegabyte(int nameLength)
    {
        using var stream = new MemoryStream();
        var reference = InMemoryDataset.FromColumns("r", [.. Enumerable.Range(0, 200).Select(k => DriftData.Texts(new string('列', nameLength) + k, 500, i => new string('類', 56) + (i % 25)))]);
        await (await DriftReport.CreateAsync(reference, reference, null, Token)).WriteHtmlAsync(stream, "Drift", Token);
        Assert.InRange(stream.Length, 500_000, 1_000_000);
    }

    [Fact]
    public async Task WriteHtmlAsync_Finding_NamesFiguresThresholdAndSource()
    {
        var report = await CreateAsync(columns: 3);
        var html = new HtmlReport("Drift").AddDrift(report).ToString();
        var result = report.Findings[0].Result;
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"effect {HtmlReport.Format(result.Effect!.Value)} ({HtmlReport.Format(result.EffectInterval!.Value.Lower)} to "), html, StringComparison.Ordinal);
        Assert.Contains($"Certain drift from an effect of {HtmlReport.Format(result.Threshold!.Value)}: {result.ThresholdSource}.", html, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"Shares of reference and current. They differ most at", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteHtmlAsync_EvilNames_AreEscaped()
    {
        const string Evil = "<script>alert('x')</script>\"&\u0001";
        var data = InMemoryDataset.FromColumns("d", DriftData.Texts(Evil, 100, i => i % 2 == 0 ? Evil : "b"), DriftData.Normals($"{Evil} 2", 100, 1));
        var report = await DriftReport.CreateAsync(data, data, null, Token);
        var html = new HtmlReport("Drift").AddDrift(report).ToString();
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        XElement.Parse(html[html.IndexOf("<main>", StringComparison.Ordinal)..(html.IndexOf("</main>", StringComparison.Ordinal) + 7)]);
        AssertValid(XDocument.Parse(report.ToJUnitXml(Evil)));
    }

    [Fact]
    public async Task ToJUnitXml_Findings_AreTestCases()
    {
        var report = await CreateAsync(columns: 4);
        var document = XDocument.Parse(report.ToJUnitXml("live data"));
        AssertValid(document);
        var suite = document.Root!.Element("testsuite")!;
        Assert.Equal(report.Findings.Count, suite.Elements("testcase").Count());
        Assert.Equal($"{report.Findings.Count(finding => finding.Verdict == DriftVerdict.Drift)}", suite.Attribute("failures")!.Value);
        Assert.Equal(suite.Attribute("failures")!.Value, $"{suite.Descendants("failure").Count()}");
        Assert.Equal(suite.Attribute("errors")!.Value, $"{suite.Descendants("error").Count()}");
        Assert.Equal("2", suite.Attribute("errors")!.Value); // One column is missing, one is new.
        Assert.Equal("number 0: kolmogorov-smirnov", suite.Elements("testcase").First().Attribute("name")!.Value);
        Assert.Equal(report.Findings[0].Result.Reason, suite.Descendants("failure").First().Attribute("message")!.Value);
    }

    [Fact]
    public void ToJUnitXml_NothingToTest_IsAnError()
    {
        var report = DriftReport.Create(new DatasetProfile(0), new DatasetProfile(0));
        Assert.Equal(2, report.ExitCode);
        var document = XDocument.Parse(report.ToJUnitXml());
        AssertValid(document);
        Assert.Single(document.Descendants("error"));
    }

    [Fact]
    public async Task ToJson_Distributions_ReadBack()
    {
        var report = await CreateAsync(columns: 6);
        var read = DriftReport.FromJson(report.ToJson());
        Assert.Equal(report.Findings, read.Findings);
        Assert.Equal(report.ToJson(), read.ToJson());
        Assert.All(report.Findings.Where(finding => finding.Distributions is not null), finding =>
        {
            var bars = finding.Distributions!;
            Assert.InRange(bars.Reference.Count, 1, 20);
            Assert.Equal(bars.Reference.Count, bars.Current.Count);
            Assert.True(bars.Edges.Count == bars.Reference.Count + 1 ? bars.Categories.Count == 0 : bars.Categories.Count == bars.Reference.Count);
            Assert.Equal((1, 1), (Math.Round(bars.Reference.Sum(), 3), Math.Round(bars.Current.Sum(), 3)));
        });
        Assert.All((await CreateAsync(columns: 2, new DriftReportOptions { IncludesDistributions = false })).Findings, finding => Assert.Null(finding.Distributions));
    }

    [Fact]
    public async Task NoDrift_DriftOrUntested_Fails()
    {
        var (reference, same, shifted) = (Numbers(1, 0), Numbers(2, 0), Numbers(3, 1));
        var report = await DriftAssert.NoDriftAsync(reference, same, cancellationToken: Token);
        Assert.Equal(0, report.ExitCode);
        var failure = await Assert.ThrowsAsync<XunitException>(() => DriftAssert.NoDriftAsync(reference, shifted, cancellationToken: Token));
        Assert.StartsWith("DriftAssert.NoDrift() failure:\n1 of 1 columns drifted: x\n  x: Drift. kolmogorov-smirnov", failure.Message, StringComparison.Ordinal);

        var wider = InMemoryDataset.FromColumns("w", DriftData.Normals("x", 300, 4), DriftData.Normals("y", 300, 5));
        Assert.Contains("'y'", (await Assert.ThrowsAsync<XunitException>(() => DriftAssert.NoDriftAsync(reference, wider, cancellationToken: Token))).Message, StringComparison.Ordinal);
        await DriftAssert.NoDriftAsync(reference, wider, allowsUntested: true, cancellationToken: Token);
        // Nothing told is never no drift.
        await Assert.ThrowsAsync<XunitException>(() => DriftAssert.NoDriftAsync(Numbers(1, 0, rows: 3), same, allowsUntested: true, cancellationToken: Token));
    }

    private static InMemoryDataset Numbers(int seed, double shift, int rows = 300) => InMemoryDataset.FromColumns("x", DriftData.Normals("x", rows, seed, shift));

    private static void AssertValid(XDocument document)
    {
        var schemas = new XmlSchemaSet();
        using var reader = XmlReader.Create(Path.Combine(AppContext.BaseDirectory, "TestData", "junit.xsd"));
        schemas.Add(null, reader);
        document.Validate(schemas, null);
    }

    private static async Task<DriftReport> CreateAsync(int columns, DriftReportOptions? options = null)
    {
        var rows = columns > 200 ? 100 : 400;
        InMemoryDataset Make(int seed, bool isCurrent) => InMemoryDataset.FromColumns("sample",
        [
            .. Enumerable.Range(0, columns).Select(i => i % 2 == 0
                ? DriftData.Normals($"number {i}", rows, seed + i, isCurrent && i % 4 == 0 ? 2.0 / (1 + i) : 0)
                : DriftData.Texts($"category {i}", rows, row => row % 9 == 0 ? null : $"a category name {((row * row) + (isCurrent && i % 3 == 0 ? row % 5 : 0)) % 40}")),
            DriftData.Normals(isCurrent ? "new column" : "old column", rows, seed),
        ]);

        return await DriftReport.CreateAsync(Make(1, false), Make(5000, true), options, Token);
    }
}
