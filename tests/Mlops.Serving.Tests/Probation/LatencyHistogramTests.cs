namespace Mlops.Serving.Tests.Probation;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void FindUpperQuantile_TooFewValues_IsUnknown()
    {
        var histogram = new LatencyHistogram();
        Assert.Null(histogram.FindUpperQuantile(0.95, 0.001));
        for (var i = 0; i < 134; i++) histogram.Add(TimeSpan.FromMilliseconds(1));
        Assert.Null(histogram.FindUpperQuantile(0.95, 0.001));
        histogram.Add(TimeSpan.FromMilliseconds(1));
        Assert.NotNull(histogram.FindUpperQuantile(0.95, 0.001));
    }

    /// <summary>Of an exponential distribution the quantile is known: the bound is above it, by the width of a bucket and what 2,000 values leave open at most.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void FindUpperQuantile_Exponential_IsJustAboveTheQuantile(double quantile)
    {
        var random = new Random(5);
        var truth = -Math.Log(1 - quantile);
        for (var run = 0; run < 200; run++)
        {
            var histogram = new LatencyHistogram();
            for (var i = 0; i < 2000; i++) histogram.Add(TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble())));
            Assert.InRange(histogram.FindUpperQuantile(quantile, 0.001)!.Value.TotalSeconds / truth, 1, 1.6);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1000)]
    [InlineData(123_456_789)]
    [InlineData(long.MaxValue / 2)]
    public void FindUpperQuantile_OneValueOnly_IsWithinAnEighthAboveIt(long ticks)
    {
        var histogram = new LatencyHistogram();
        for (var i = 0; i < 1000; i++) histogram.Add(TimeSpan.FromTicks(ticks));
        Assert.InRange(histogram.FindUpperQuantile(0.9, 0.01)!.Value.Ticks, ticks, ticks + (ticks / 8));
    }
}
