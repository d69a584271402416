namespace Mlops.Monitoring.Tests;

public sealed class BinningTests
{
    public static TheoryData<string> Rules => ["sturges", "doane", "fd", "scott", "rice", "sqrt", "auto", "equal", "quantiles"];

    [Theory]
    [MemberData(nameof(Rules))]
    public void GetEdges_StrangeValues_AreFiniteAndAscending(string name)
    {
        var rule = Get(name);
        double[][] samples =
        [
            [], [1], [1, 1, 1], [double.NaN], [double.NaN, 2], [double.PositiveInfinity, double.NegativeInfinity], [1, 2, double.PositiveInfinity, double.NaN],
            [-double.MaxValue, double.MaxValue, 0, 1], [1e308, -1e308, 5e307], [0, double.Epsilon], [1e9, 1e9 + 1e-7, 1e9 + 2e-7], [0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [-0.0, 0.0],
        ];
        foreach (var sample in samples)
        {
            var edges = rule.GetEdges(sample);
            Assert.All(edges.Inner.ToArray(), edge => Assert.True(double.IsFinite(edge)));
            Assert.Equal(edges.Inner.ToArray().Distinct().Order(), edges.Inner.ToArray());
            Assert.Equal(sample.Count(value => !double.IsNaN(value)), edges.Count(sample).Sum());
            Assert.InRange(rule.GetBinCount(sample), 1, Binning.MaximumBinCount);
        }
    }

    [Fact]
    public void GetEdges_ZerosAndOnes_HasTwoBinsWhateverTheirShares()
    {
        foreach (var ones in new[] { 15, 50, 90 })
        {
            var sample = Enumerable.Range(0, 100).Select(i => i < ones ? 1.0 : 0).ToArray();
            Assert.Equal([100 - ones, ones], Binning.Quantiles(10).GetEdges(sample).Count(sample).Where(count => count > 0));
        }
    }

    [Fact]
    public void EqualWidth_BinCountOutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Binning.EqualWidth(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Binning.Quantiles(Binning.MaximumBinCount + 1));
    }

    private static Binning Get(string name) => name switch
    {
        "sturges" => Binning.Sturges,
        "doane" => Binning.Doane,
        "fd" => Binning.FreedmanDiaconis,
        "scott" => Binning.Scott,
        "rice" => Binning.Rice,
        "sqrt" => Binning.SquareRoot,
        "auto" => Binning.Auto,
        "equal" => Binning.EqualWidth(10),
        _ => Binning.Quantiles(10),
    };
}
