namespace Mlops.Monitoring.Tests;

public sealed class BinEdgesTests
{
    public static TheoryData<int, string> Cases
    {
        get
        {
            var data = new TheoryData<int, string>();
            foreach (var edges in new[] { 0, 1, 3, 4, 9, 31, 32, 33, 100, 1000 })
            {
                foreach (var kind in new[] { "equal", "quantiles", "crowded" }) data.Add(edges, kind);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Count_AnyEdges_CountsAsFindDoes(int edgeCount, string kind)
    {
        var random = new Random(edgeCount);
        var inner = Enumerable.Range(0, edgeCount).Select(i => kind switch
        {
            "equal" => -1 + (2.0 * i / Math.Max(1, edgeCount)),
            "quantiles" => Math.Tan(((i + 1.0) / (edgeCount + 1) * 3) - 1.5),
            _ => i == edgeCount - 1 ? 1e300 : i * 1e-9,
        }).ToArray();
        var edges = new BinEdges(inner);
        double[] strange = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue, -0.0, 0.0, double.Epsilon];
        var values = Enumerable.Range(0, 3001).Select(_ => (4 * random.NextDouble()) - 2).Concat(inner).Concat(inner.Select(Math.BitIncrement)).Concat(inner.Select(Math.BitDecrement)).Concat(strange).ToArray();
        var expected = new long[edges.BinCount];
        foreach (var value in values.Where(value => !double.IsNaN(value)))
        {
            Assert.Equal(inner.Count(edge => value >= edge), edges.Find(value));
            expected[edges.Find(value)]++;
        }

        Assert.Equal(expected, edges.Count(values));
        Assert.Equal(new long[edges.BinCount], edges.Count([]));
        Assert.Equal(0, edges.Count([double.NaN, double.NaN]).Sum());
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1)]
    [InlineData(0)]
    public void Create_NotAscendingOrNotFinite_Throws(double second)
    {
        Assert.Throws<ArgumentException>(() => new BinEdges(1, second));
        Assert.Throws<ArgumentException>(() => Binning.At(1, second));
    }
}
