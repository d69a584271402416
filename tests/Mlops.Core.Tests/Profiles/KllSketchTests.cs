using System.Buffers;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

public sealed class KllSketchTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(10_000)]
    [InlineData(200_000)]
    public void GetRank_AnyDistribution_IsWithinTheStatedError(int count)
    {
        foreach (var shape in new Func<double, double>[] { u => u, u => Math.Exp(8 * u), u => Math.Floor(10 * u) })
        {
            var random = new Random(count);
            var values = Enumerable.Range(0, count).Select(_ => shape(random.NextDouble())).ToArray();
            var sketch = new KllSketch();
            sketch.Add(values);
            Array.Sort(values);

            Assert.Equal(count, sketch.Count);
            Assert.Equal(count, sketch.GetSortedItems().Sum(item => item.Weight));
            // The bound holds at 99 % for each rank; three times it for the worst of nineteen.
            for (var q = 0.05; q < 1; q += 0.05)
            {
                var value = values[(int)(q * count)];
                var rank = (double)values.Count(v => v <= value) / count;
                Assert.InRange(sketch.GetRank(value) - rank, -3 * sketch.NormalizedRankError - 1e-12, (3 * sketch.NormalizedRankError) + 1e-12);
            }
        }
    }

    [Fact]
    public void Merge_Parts_KeepsCountBoundsAndError()
    {
        var random = new Random(5);
        var whole = new KllSketch(seed: 1);
        var merged = new KllSketch(seed: 2);
        for (ulong part = 0; part < 50; part++)
        {
            var values = Enumerable.Range(0, 2000).Select(_ => random.NextDouble()).ToArray();
            whole.Add(values);
            var sketch = new KllSketch(seed: part);
            sketch.Add(values);
            merged.Merge(sketch);
        }

        Assert.Equal(whole.Count, merged.Count);
        Assert.Equal((whole.Minimum, whole.Maximum), (merged.Minimum, merged.Maximum));
        Assert.Equal(merged.Count, merged.GetSortedItems().Sum(item => item.Weight));
        for (var q = 0.1; q < 1; q += 0.1) Assert.InRange(merged.GetQuantile(q), q - 0.04, q + 0.04);
    }

    [Fact]
    public void ReadFrom_Written_GoesOnAsTheOriginalWould()
    {
        var values = Enumerable.Range(0, 30_000).Select(i => Math.Sin(i)).ToArray();
        var original = new KllSketch(seed: 3);
        original.Add(values);

        var restored = KllSketch.ReadFrom(Bytes(original));
        original.Add(values);
        restored.Add(values);

        Assert.Equal(Bytes(original), Bytes(restored));
        Assert.Throws<FormatException>(() => KllSketch.ReadFrom(Bytes(original).AsSpan(0, 100)));
    }

    [Fact]
    public void Add_NothingAndNaN_LeaveItEmpty()
    {
        var sketch = new KllSketch();
        sketch.Add([double.NaN]);
        Assert.Equal(0, sketch.Count);
        Assert.True(double.IsNaN(sketch.GetQuantile(0.5)));
    }

    private static byte[] Bytes(KllSketch sketch)
    {
        var writer = new ArrayBufferWriter<byte>();
        sketch.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }
}
