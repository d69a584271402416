using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Mlops.Data;
using Mlops.Tests;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Suites;

public sealed class ValidationSuiteReportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CheckStatus.NotApplicable, 2, 2)]
    [InlineData(CheckStatus.Pass, 0, 0)]
    [InlineData(CheckStatus.Warn, 0, 1)]
    [InlineData(CheckStatus.Fail, 1, 1)]
    [InlineData(CheckStatus.Error, 2, 2)]
    public void ExitCode_WorstResult_Decides(CheckStatus worst, int code, int strictCode)
    {
        var report = new ValidationSuiteReport("s", [Result("a", CheckStatus.NotApplicable), Result("b", worst)]);
        Assert.Equal((worst, code), (report.Status, report.ExitCode));
        var strict = report.CountWarningsAsFailures();
        Assert.Equal(strictCode, strict.ExitCode);
        Assert.DoesNotContain(strict.Results, result => result.Status == CheckStatus.Warn || result.Conditions.Any(condition => condition.Status == CheckStatus.Warn));
        if (code == 0) Assert.Same(report, report.EnsurePassed());
        else Assert.Same(report, Assert.Throws<ValidationSuiteException>(report.EnsurePassed).Report);
    }

    [Fact]
    public async Task RunAsync_ModelForgottenOrDataEmpty_IsNotGreen()
    {
        var data = InMemoryDataset.FromColumns("d", (new ColumnSchema("x", ElementType.Int64), new Column<long>([1, 2, 3])));
        var withoutModel = await ValidationSuite.Model().RunAsync(data, data, cancellationToken: Token);
        Assert.Equal((CheckStatus.NotApplicable, 2), (withoutModel.Status, withoutModel.ExitCode));
        Assert.Throws<ValidationSuiteException>(withoutModel.EnsurePassed);
        var empty = await ValidationSuite.DataIntegrity().RunAsync(data.Take(0), Token);
        Assert.Equal((CheckStatus.Error, 2), (empty.Status, empty.ExitCode));
    }

    [Fact]
    public void Status_NoChecks_IsNotApplicable() => Assert.Equal((CheckStatus.NotApplicable, 2), (new ValidationSuiteReport("s", []).Status, new ValidationSuiteReport("s", []).ExitCode));

    [Fact]
    public void ToString_Report_ShowsTheWorstFirstAndConditionsThatAreNotMet()
    {
        var lines = CreateSample().ToString().Split('\n');
        Assert.Equal("orders: ERROR – 5 checks: 1 error, 1 fail, 1 warn, 1 pass, 1 not applicable (Train orders, 1,000 rows)", lines[0]);
        Assert.Equal(["broken", "duplicates", "rare", "fine", "label"], lines.Where(line => line.StartsWith("  ", StringComparison.Ordinal) && !line.StartsWith("   ", StringComparison.Ordinal)).Select(line => line[17..].Split(':')[0]));
        Assert.Contains("fail: at most 5 % of the rows – 7.2 % (72 of 1,000 rows)", lines[3], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.Contains("met condition", StringComparison.Ordinal));
    }

    [Fact]
    public void ToJson_Report_RoundTrips()
    {
        var report = CreateSample();

        var json = report.ToJson();
        var read = ValidationSuiteReport.FromJson(json);

        Assert.Equal(json, read.ToJson());
        Assert.Equal(report.ToString(), read.ToString());
        Assert.Equal(report.Results.Select(result => (result.Check, result.Status, result.Duration, result.Description)), read.Results.Select(result => (result.Check, result.Status, result.Duration, result.Description)));
        Assert.Equal(report["duplicates"].Values, read["duplicates"].Values);
        Assert.Equal(report["duplicates"].Tables[0].Rows, read["duplicates"].Tables[0].Rows);
        Assert.Equal(report.Datasets, read.Datasets);
        using var document = JsonDocument.Parse(json);
        var first = document.RootElement.GetProperty("results")[0];
        Assert.Equal(("Fail", JsonValueKind.Null, 0.072, "Error", 2), (
            first.GetProperty("status").GetString(), first.GetProperty("values").GetProperty("undefined").ValueKind, first.GetProperty("values").GetProperty("duplicate_ratio").GetDouble(),
            document.RootElement.GetProperty("status").GetString(), document.RootElement.GetProperty("exitCode").GetInt32()));
        Assert.Equal(JsonValueKind.Null, first.GetProperty("values").GetProperty("infinite").ValueKind);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"suite":"s","status":"Pass","exitCode":0,"datasets":[],"results":[{"check":"a"}]}""")]
    [InlineData("""{"suite":"s","status":"Odd","exitCode":0,"datasets":[],"results":[]}""")]
    [InlineData("""{"suite":"s","status":"Pass","exitCode":0,"datasets":[],"results":[{"check":"a","description":"","status":"Pass","summary":"","durationSeconds":-1,"conditions":[],"values":{},"tables":[]}]}""")]
    public void FromJson_NoReport_Throws(string json) => Assert.Throws<JsonException>(() => ValidationSuiteReport.FromJson(System.Text.Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void ToJUnitXml_Report_IsValidAndCounts()
    {
        var document = XDocument.Parse(CreateSample().ToJUnitXml());
        AssertValid(document);
        var suite = document.Root!.Element("testsuite")!;
        Assert.Equal(["orders", "5", "1", "1", "1", "1.501"], new[] { "name", "tests", "failures", "errors", "skipped", "time" }.Select(name => suite.Attribute(name)!.Value));
        Assert.Equal(["failure", "system-out", "system-out", "error", "skipped"], suite.Elements("testcase").Select(item => item.Elements().SingleOrDefault()?.Name.LocalName ?? ""));
        var failure = suite.Elements("testcase").First().Element("failure")!;
        Assert.Equal("7.2 % of the rows are duplicates.", failure.Attribute("message")!.Value);
        Assert.Equal("7.2 % of the rows are duplicates.\nfail: at most 5 % of the rows – 7.2 % (72 of 1,000 rows)", failure.Value);
        Assert.Equal("1.500", suite.Elements("testcase").First().Attribute("time")!.Value);
        Assert.Equal("InvalidOperationException", suite.Descendants("error").Single().Attribute("type")!.Value);
        // Warnings that count are failures there, too.
        Assert.Equal("2", XDocument.Parse(CreateSample().CountWarningsAsFailures().ToJUnitXml()).Root!.Element("testsuite")!.Attribute("failures")!.Value);
    }

    [Fact]
    public void ToJUnitXml_CharactersThatXmlForbids_AreReplaced()
    {
        var name = "a<b>&\"\u0001\0\uFFFE\uD800c😀";
        var report = new ValidationSuiteReport(name, [new CheckResult(name, name, [new CheckCondition(name, CheckStatus.Fail, name)]), new CheckResult("other", name, []) { Status = CheckStatus.NotApplicable }]);
        var document = XDocument.Parse(report.ToJUnitXml());
        AssertValid(document);
        Assert.Equal("a<b>&\"\uFFFD\uFFFD\uFFFD\uFFFDc😀", document.Root!.Element("testsuite")!.Attribute("name")!.Value);
    }

    [Fact]
    public void ToJUnitXml_SchemaOfTheTest_RefusesWhatIsNotJUnit()
    {
        var document = XDocument.Parse(CreateSample().ToJUnitXml());
        document.Root!.Element("testsuite")!.Element("testcase")!.Attribute("time")!.Value = "soon";
        Assert.ThrowsAny<XmlSchemaException>(() => AssertValid(document));
    }

    [Fact]
    public void ToHtml_Report_ShowsTheOverviewThenTheWorst()
    {
        var html = CreateSample().ToHtml();
        Assert.DoesNotMatch("(src|href)=|url\\(|@import|<script|https?://", html);
        var body = XElement.Parse(html[html.IndexOf("<main>", StringComparison.Ordinal)..(html.IndexOf("</main>", StringComparison.Ordinal) + 7)]);
        Assert.Equal(["broken: error", "duplicates: fail", "rare: warn", "fine: pass"], body.Elements("h2").Select(heading => heading.Value));
        Assert.Equal(["Overview", "Conditions", "Most frequent", "Conditions", "Conditions"], body.Descendants("caption").Select(caption => caption.Value));
        Assert.Equal(5, body.Descendants("table").First().Descendants("tr").Count() - 1);
        Assert.Contains("&lt;b&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToHtml_Browser_ShowsThePageWithoutErrors()
    {
        using var browser = Browser.FindOrSkip();
        var file = Path.Combine(browser.Folder, "suite.html");
        await File.WriteAllTextAsync(file, CreateSample().ToHtml(), Token);
        var (dom, log) = await browser.RunAsync(file, Token, "--dump-dom");
        Assert.DoesNotContain("CONSOLE", log);
        Assert.Contains("duplicates: fail", dom, StringComparison.Ordinal);
        foreach (var width in new[] { 1100, 500 })
        {
            var picture = await browser.ScreenshotAsync(file, width, 1400, Token);
            Assert.Equal(0xFFFFFF, picture.MostFrequent);
            Assert.InRange(picture.GetShare(pixel => pixel != 0xFFFFFF), 0.01, 0.5);
        }
    }

    private static void AssertValid(XDocument document)
    {
        var schemas = new XmlSchemaSet();
        using var reader = XmlReader.Create(TestFiles.PathOf("tests", "TestData", "suites", "junit.xsd"));
        schemas.Add(null, reader);
        document.Validate(schemas, null);
    }

    private static CheckResult Result(string check, CheckStatus status) => new(check, "Found.", status is CheckStatus.NotApplicable or CheckStatus.Error ? [] : [new CheckCondition("something", status, "this")]) { Status = status };

    private static ValidationSuiteReport CreateSample() => new("orders",
    [
        new CheckResult("duplicates", "7.2 % of the rows are duplicates.", [new CheckCondition("at most 5 % of the rows", CheckStatus.Fail, "7.2 % (72 of 1,000 rows)"), new CheckCondition("met condition", CheckStatus.Pass, "fine")])
        {
            Description = "Do rows occur more than once?",
            Duration = TimeSpan.FromMilliseconds(1500),
            Values = new Dictionary<string, double?> { ["duplicate_ratio"] = 0.072, ["undefined"] = double.NaN, ["infinite"] = double.PositiveInfinity, ["none"] = null },
            Tables = [new CheckTable("Most frequent", ["Rows", "<b>"], [["1 and 2", "36"], ["7", "1,000"]])],
        },
        new CheckResult("fine", "Nothing is wrong.", [new CheckCondition("something", CheckStatus.Pass, "this")]) { Description = "Is it fine?", Duration = TimeSpan.FromMilliseconds(1) },
        new CheckResult("rare", "A class is rare.", [new CheckCondition("no rare class", CheckStatus.Warn, "one")]),
        new CheckResult("broken", "The check could not be carried out: Out of order.", []) { Status = CheckStatus.Error, Exception = new InvalidOperationException("Out of order.") },
        CheckResult.NotApplicable("label", "There is no label."),
    ]) { Datasets = [new CheckedDataset(DatasetPart.Train, "orders", 1000)] };
}
