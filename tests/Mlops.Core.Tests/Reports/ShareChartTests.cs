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
        Assert.Equal(["station", "reference", "current", "north", "75 % → 25 %", "a name that is fa…", "25 % → 75 %"], texts);
        Assert.Equal(["bar", "bar other"], svg.Descendants(s_svg + "path").Select(path => path.Attribute("class")!.Value));
        Assert.Contains("north: 75 % and 25 %", svg.Element(s_svg + "desc")!.Value, StringComparison.Ordinal);
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
