using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mlops.Reports;
using Mlops.Tests;

namespace Mlops.Core.Tests.Reports;

public sealed partial class HtmlReportTests
{
    private CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_Browser_DrawsThePageWithoutErrors()
    {
        using var browser = Browser.FindOrSkip();
        var file = await SaveAsync(browser, CreateSample());
        var (dom, log) = await browser.RunAsync(file, Token, "--dump-dom");
        Assert.DoesNotContain("CONSOLE", log);
        Assert.Equal(8, Regex.Count(dom, "<svg class=\"(wide|narrow)\""));
        Assert.Contains("<path class=\"line s0\"", dom);
        foreach (var (width, height) in new[] { (1100, 1700), (500, 1700) })
        {
            var picture = await browser.ScreenshotAsync(file, width, height, Token);
            Assert.Equal(width, picture.Width);
            // White paper, and ink on it: lines, bars and text.
            Assert.Equal(0xFFFFFF, picture.MostFrequent);
            Assert.InRange(picture.GetShare(pixel => pixel != 0xFFFFFF), 0.02, 0.5);
            Assert.True(picture.GetShare(pixel => pixel == 0x0B62C4) > 0.0005, "the first series is not there");
        }
    }

    [Fact]
    public async Task WriteAsync_BrowserThatConsolesErrors_WouldBeSeen()
    {
        using var browser = Browser.FindOrSkip();
        var file = Path.Combine(browser.Folder, "bad.html");
        await File.WriteAllTextAsync(file, "<!DOCTYPE html><title>x</title><script>console.error('seen')</script>", Token);
        var (_, log) = await browser.RunAsync(file, Token, "--dump-dom");
        Assert.Contains("CONSOLE", log);
    }

    [Fact]
    public async Task WriteAsync_DarkScheme_IsDark()
    {
        using var browser = Browser.FindOrSkip();
        var picture = await browser.ScreenshotAsync(await SaveAsync(browser, CreateSample()), 1100, 900, Token, "--blink-settings=preferredColorScheme=0");
        Assert.Equal(0x0F1318, picture.MostFrequent);
    }

    [Fact]
    public void ToString_NoMatterWhatText_EscapesIt()
    {
        const string Evil = "<script>alert('x')</script>\"&\u0001";
        var html = new HtmlReport(Evil).AddHeading(Evil).AddText(Evil).AddTable([Evil], [[Evil]], Evil)
            .AddChart(new LineChart(Evil, Evil).AddSeries(Evil, [new ChartPoint(new DateOnly(2001, 1, 1), 1)]).AddThreshold(Evil, 1).AddEvent(DateTimeOffset.UnixEpoch, Evil))
            .AddChart(new BarChart(Evil).AddBar(Evil, 1).SetThreshold(Evil, 1)).ToString();
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain('\u0001', html);
        AssertWellFormed(html);
    }

    [Fact]
    public void ToString_Sample_NeedsNothingFromOutside()
    {
        var html = CreateSample().ToString();
        Assert.DoesNotMatch("(src|href)=|url\\(|@import|<script|https?://", html);
        AssertWellFormed(html);
    }

    [Fact]
    public void AddChart_Gap_InterruptsTheLine()
    {
        var day = new DateOnly(2001, 1, 1);
        var html = Draw(new LineChart("x").AddSeries("a", [new(day, 1), new(day.AddDays(1), 2), new(day.AddDays(2), double.NaN), new(day.AddDays(3), 1), new(day.AddDays(4), 3), new(day.AddDays(5), double.PositiveInfinity), new(day.AddDays(6), 2)]));
        var path = Regex.Match(html, "<path class=\"line s0\" d=\"([^\"]+)\"").Groups[1].Value;
        Assert.Equal(2, path.Count(character => character == 'M'));
        Assert.Equal(2, path.Count(character => character == 'L'));
        // The last value stands alone.
        Assert.Equal(2, Regex.Count(html, "<circle"));
        Assert.DoesNotContain("NaN", html);
    }

    [Fact]
    public void AddMarks_Points_AreDrawnWithoutALine()
    {
        var day = new DateOnly(2001, 1, 1);
        var html = Draw(new LineChart("x").AddSeries("a", [new(day, 1), new(day.AddDays(1), 2), new(day.AddDays(2), 3)]).AddMarks("drift", [new(day.AddDays(1), 2), new(day, double.NaN), new(day.AddDays(2), 3)]))
            + Draw(new CurveChart("y", "n", "m").AddCurve("a", [(0, 1), (1, 2)]).AddMarks("drift", [(0, 1), (double.NaN, 1), (1, 2)]));
        // Each once for wide and once for narrow windows.
        Assert.Equal(4, Regex.Count(html, "<path class=\"line"));
        Assert.Equal(2 * 4, Regex.Count(html, "<circle[^>]+r=\"3.5\" class=\"dot hot\"/>\n"));
        Assert.Equal(2, Regex.Count(html, "class=\"dot hot\"/></svg>drift"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AddChart_FewPoints_DrawsFiniteCoordinates(int count)
    {
        var points = Enumerable.Range(0, count).Select(i => new ChartPoint(new DateOnly(2001, 1, 1).AddDays(i), 0));
        var html = Draw(new LineChart("x").AddSeries("a", points).AddSeries("none", [])) + Draw(new BarChart("y")) + Draw(new BarChart("z").AddBar("a", double.NaN).AddBar("b", -1));
        Assert.DoesNotMatch("NaN|∞|Infinity", html);
    }

    [Fact]
    public void AddChart_ManyPoints_StaysSmall()
    {
        var start = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var html = Draw(new LineChart("x").AddSeries("a", Enumerable.Range(0, 200_000).Select(i => new ChartPoint(start.AddMinutes(i), Math.Sin(i / 5000.0)))));
        Assert.InRange(html.Length, 10_000, 100_000);
    }

    [Theory]
    [InlineData(5, 800)]
    [InlineData(6, 12)]
    [InlineData(30, 100)]
    [InlineData(40, 1)]
    public void AddEvent_Crowded_LabelsNeitherOverlapNorGetLost(int count, int daysBetween)
    {
        var start = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var chart = new LineChart("x").AddSeries("a", [new(start, 1), new(start.AddDays(4000), 2)]);
        for (var i = 0; i < count; i++) chart.AddEvent(start.AddDays(4000 - (i * daysBetween)), $"v{count - i}");
        var html = Draw(chart);
        var legend = html[..html.IndexOf("<svg class=\"wide", StringComparison.Ordinal)];
        foreach (var (svg, width) in Regex.Matches(html, "<svg class=\"(wide|narrow)\" viewBox=\"0 0 (\\d+).*?</svg>", RegexOptions.Singleline).Select(match => (match.Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))))
        {
            var labels = Regex.Matches(svg, "<text x=\"([\\d.]+)\" y=\"([\\d.]+)\" text-anchor=\"start\" class=\"event-label\">(v\\d+)</text>")
                .Select(match => (X: Number(match, 1), Y: Number(match, 2), Text: match.Groups[3].Value, End: Number(match, 1) + (6.6 * match.Groups[3].Length))).ToArray();
            var lines = Regex.Matches(svg, "<line x1=\"([\\d.]+)\" y1=\"([\\d.]+)\" x2=\"[\\d.]+\" y2=\"[\\d.]+\" class=\"event\"/>").Select(match => (X: Number(match, 1), Top: Number(match, 2))).ToArray();
            Assert.Equal(count, lines.Length);
            foreach (var label in labels)
            {
                Assert.InRange(label.End, 0, width);
                Assert.DoesNotContain(labels, other => other.Text != label.Text && other.Y == label.Y && other.X < label.End && label.X < other.End);
                Assert.DoesNotContain(lines, line => line.Top < label.Y - 1 && line.X > label.X + 3 && line.X < label.End);
            }

            foreach (var i in Enumerable.Range(1, count))
                Assert.True(labels.Any(label => label.Text == $"v{i}") || Regex.IsMatch(legend, $" v{i}(;|<)"), $"v{i} is lost.");
        }

        static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void AddTable_RowOfAnotherLength_Throws()
        => Assert.Throws<ArgumentException>(() => new HtmlReport("x").AddTable(["a", "b"], [["1"]]));

    [Fact]
    public void AddTable_Numbers_AreSetFlushRight()
    {
        var html = new HtmlReport("x").AddTable(["name", "rmse"], [["a", "1,234.5"], ["b", "–"]]).ToString();
        Assert.Contains("<td class=\"s\">a</td><td class=\"n\">1,234.5</td>", html);
    }

    private static string Draw(Chart chart)
    {
        var html = new StringBuilder();
        chart.Write(html, "c");
        return html.ToString();
    }

    private async Task<string> SaveAsync(Browser browser, HtmlReport report)
    {
        var file = Path.Combine(browser.Folder, "report.html");
        await using var stream = File.Create(file);
        await report.WriteAsync(stream, Token);
        return file;
    }

    private static void AssertWellFormed(string html)
    {
        var body = html[html.IndexOf("<main>", StringComparison.Ordinal)..(html.IndexOf("</main>", StringComparison.Ordinal) + 7)];
        var ids = XElement.Parse(body).Descendants().Select(element => element.Attribute("id")?.Value).OfType<string>().ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    internal static HtmlReport CreateSample()
    {
        var random = new Random(1);
        var start = new DateOnly(2012, 1, 1);
        ChartPoint[] Make(double level, double slope) => [.. Enumerable.Range(0, 700).Select(i => new ChartPoint(
            start.AddDays(2 * i), i is > 300 and < 330 ? double.NaN : level + (slope * i) + (0.25 * Math.Sin(i / 20.0)) + (0.1 * random.NextDouble())))];
        var rmse = new LineChart("RMSE over the last 28 days", "thousand riders").AddSeries("live model", Make(1.9, 0.0005)).AddSeries("never retrained", Make(2, 0.003))
            .AddSeries("naive: same day last week", Make(3.4, 0)).AddThreshold("alert limit", 2.6);
        foreach (var (day, version) in new[] { (20, "v1"), (410, "v2"), (430, "v3"), (900, "v4"), (1300, "v5") })
            rmse.AddEvent(new DateTimeOffset(start.AddDays(day).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), version);
        var drift = new LineChart("Share of drifted columns").AddSeries("drifted", Make(0.1, 0.0004)).AddThreshold("rule", 0.3);
        var bars = new BarChart("Drift by column").SetThreshold("minimum effect", 0.1).AddBar("temperature_max", 0.31).AddBar("Clark_Lake", 0.22)
            .AddBar("a_column_with_quite_a_long_name_indeed", 0.12).AddBar("wind", 0.04).AddBar("humidity", 0.01);
        return new HtmlReport("Ridership: twelve years of promotions")
            .AddText("The model was retrained 4 times. Every promotion was decided by a comparison on the latest year; the limit is the validation error times 1.2.")
            .AddHeading("Performance").AddChart(rmse)
            .AddTable(["Version", "Promoted", "Rows", "RMSE before", "RMSE after", "Cause"], [["1", "2012-01-21", "3,650", "–", "1.91", "first model"], ["2", "2013-02-14", "4,060", "2.64", "1.88", "rmse is 2.64 over 28 labelled predictions; the limit is 2.6"], ["3", "2013-03-06", "4,080", "2.61", "1.86", "input-drift"]])
            .AddHeading("Drift").AddChart(drift).AddChart(bars).AddChart(new BarChart("Nothing yet"));
    }
}
