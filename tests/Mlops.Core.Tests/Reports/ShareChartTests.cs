using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mlops.Reports;

namespace Mlops.Core.Tests.Reports;

public sealed class ShareChartTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void ToSvg_Categories_HaveNamesAndBothShares()
    {
        var svg = XElement.Parse(new ShareChart("station", "reference", "current").AddBar("north", 0.75, 0.25).AddBar("a name that is far too long to be shown", 0.25, 0.75).ToSvg());
        string[] texts = [.. svg.Descendants(s_svg + "text").Select(text => text.Value)];
        Assert.Equal(["station", "reference", "current", "north", "75 % → 25 %", "a name th…be shown", "25 % → 75 %"], texts);
        Assert.Equal(["bar", "bar other"], svg.Descendants(s_svg + "path").Select(path => path.Attribute("class")!.Value));
        Assert.Contains("north: 75 % and 25 %", svg.Element(s_svg + "desc")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void ToSvg_LongestBarAndShares_DoNotOverlap()
    {
        var svg = XElement.Parse(new ShareChart("x", "a", "b").AddBar("n", 1, 0.995).AddBar("m", 0.995, 1).ToSvg());
        var shares = svg.Descendants(s_svg + "text").Last();
        // Digits and signs of 11 units are about 6 wide.
        var start = double.Parse(shares.Attribute("x")!.Value, CultureInfo.InvariantCulture) - (6 * shares.Value.Length);
        foreach (var path in svg.Descendants(s_svg + "path"))
        {
            foreach (Match bar in Regex.Matches(path.Attribute("d")!.Value, "M([0-9.]+) [0-9.]+h([0-9.]+)"))
                Assert.True(double.Parse(bar.Groups[1].Value, CultureInfo.InvariantCulture) + double.Parse(bar.Groups[2].Value, CultureInfo.InvariantCulture) < start);
        }
    }

    [Fact]
    public void ToSvg_NamesThatBeginAlike_DifferAtTheirEnd()
    {
        var svg = XElement.Parse(new ShareChart("x", "a", "b").AddBar("department of works 1", 1, 0).AddBar("department of works 2", 0, 1).AddBar("12345678\U0001F6001234567\U0001F60012345678", 0.5, 1).ToSvg());
        string[] texts = [.. svg.Descendants(s_svg + "text").Select(text => text.Value)];
        Assert.Contains("departmen… works 1", texts);
        Assert.All(texts, text => Assert.DoesNotContain('\uFFFD', text));
        Assert.Equal(texts.Length, texts.Distinct().Count());
    }

    [Fact]
    public void ToSvg_Ranges_HaveEdgesBelow()
    {
        var chart = new ShareChart("age", "reference", "current").AddBar("", 0.5, 0).AddBar("", 0.5, 0).AddBar("", 0, double.NaN).AddBar("", 0, 1).SetEdges(0, 10, 20, 30, 40);
        var svg = XElement.Parse(chart.ToSvg());
        Assert.Equal(["0", "10", "20", "30", "40"], svg.Descendants(s_svg + "text").Select(text => text.Value).TakeLast(5));
        Assert.Contains("30 to 40: 0 % and 100 %", svg.Element(s_svg + "desc")!.Value, StringComparison.Ordinal);
        // Two bars of the reference, one of the current data.
        Assert.Equal([2, 1], svg.Descendants(s_svg + "path").Select(path => path.Attribute("d")!.Value.Count(letter => letter == 'z')));
    }

    [Fact]
    public void ToSvg_NothingToShow_SaysSo()
    {
        Assert.Contains("No data", new ShareChart("x", "a", "b").ToSvg(), StringComparison.Ordinal);
        Assert.Contains("No data", new ShareChart("x", "a", "b").AddBar("n", 0, double.NaN).ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void SetEdges_WrongNumberOrInfinite_Throws()
    {
        var chart = new ShareChart("x", "a", "b").AddBar("", 1, 1);
        Assert.Throws<ArgumentException>(() => chart.SetEdges(1));
        Assert.Throws<ArgumentException>(() => chart.SetEdges(0, double.PositiveInfinity));
    }
}
