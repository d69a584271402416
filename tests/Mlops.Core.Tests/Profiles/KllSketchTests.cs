using System.Buffers;
using System.Security.Cryptography;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

public sealed class KllSketchTests
{
    [Fact]
    public void Queries_WhileEveryValueIsKept_AreExact()
    {
        var sketch = new KllSketch();
        sketch.Add([3, 1, 2, 2, double.PositiveInfinity, -0.0, double.NegativeInfinity, double.NaN]);

        Assert.True(sketch.IsExact);
        Assert.Equal((7, 7, 0.0, 0.0), (sketch.Count, sketch.RetainedCount, sketch.NormalizedRankError, sketch.NormalizedIntervalError));
        Assert.Equal((double.NegativeInfinity, double.PositiveInfinity), (sketch.Minimum, sketch.Maximum));
        Assert.Equal([2 / 7.0, 5 / 7.0, 1, 1 / 7.0, double.NaN], sketch.GetRanks([0, 2, double.PositiveInfinity, -1, double.NaN]));
        Assert.Equal([1 / 7.0, 3 / 7.0, 6 / 7.0, 0], sketch.GetRanks([0, 2, double.PositiveInfinity, double.NegativeInfinity], inclusive: false));
        Assert.Equal([double.NegativeInfinity, 2, 2, 3, double.PositiveInfinity], sketch.GetQuantiles([0, 4 / 7.0, 5 / 7.0, 6 / 7.0, 1]));
        Assert.Equal([double.NegativeInfinity, 0, 1, double.PositiveInfinity], sketch.GetQuantiles([0, 1.5 / 7, 2.5 / 7, 1], inclusive: false));
        Assert.Equal((2, 2), sketch.GetQuantileBounds(0.5));
        Assert.Equal([1 / 7.0, 5 / 7.0, 1], sketch.GetCdf([-1, 2]));
        Assert.Equal([2, 3, 2], sketch.GetPmf([1, 2.5], inclusive: false).Select(share => Math.Round(7 * share, 12)));
        Assert.Equal((7, 3.0), (sketch.GetSortedItems().Sum(item => item.Weight), sketch.GetSortedItems()[5].Value));
    }

    [Fact]
    public void Queries_Empty_AreNaN()
    {
        var sketch = new KllSketch();
        sketch.Add([double.NaN]);
        sketch.Add(double.NaN);

        Assert.Equal((0, 0, true), (sketch.Count, sketch.RetainedCount, sketch.IsExact));
        Assert.Equal([double.NaN, double.NaN, double.NaN, double.NaN], [sketch.Minimum, sketch.Maximum, sketch.GetQuantile(0.5), sketch.GetRank(1)]);
        Assert.Equal((double.NaN, double.NaN), sketch.GetQuantileBounds(0.5));
        Assert.Equal([double.NaN, double.NaN], sketch.GetCdf([1]));
        Assert.Empty(sketch.GetSortedItems());
    }

    [Fact]
    public void Queries_BadArguments_AreRefused()
    {
        var sketch = new KllSketch();
        sketch.Add(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => sketch.GetQuantile(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => sketch.GetQuantile(double.NaN));
        Assert.Throws<ArgumentException>(() => sketch.GetCdf([2, 1]));
        Assert.Throws<ArgumentException>(() => sketch.GetPmf([1, 1]));
        Assert.Throws<ArgumentException>(() => sketch.GetPmf([double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KllSketch(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KllSketch(65536));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(200)]
    [InlineData(4096)]
    public void Add_AnyK_KeepsWeightsOrderAndCapacity(int k)
    {
        var sketch = new KllSketch(k);
        var random = new Random(k);
        for (var round = 0; round < 200; round++)
        {
            var values = Enumerable.Range(0, random.Next(1, 2000)).Select(_ => Math.Round(random.NextDouble(), 4)).ToArray();
            sketch.Add(values);
            var items = sketch.GetSortedItems();
            Assert.Equal(sketch.Count, items.Sum(item => item.Weight));
            Assert.True(items.Zip(items.Skip(1)).All(pair => pair.First.Value <= pair.Second.Value));
            Assert.Equal(sketch.RetainedCount, items.Length);
            Assert.True(sketch.RetainedCount <= sketch.Levels.Capacity);
        }

        Assert.Equal(sketch.IsExact, sketch.Count <= sketch.RetainedCount);
        // Levels shrink by two thirds, so that all of them hold 3k and eight for each of the lowest.
        Assert.True(sketch.RetainedCount <= (3 * k) + (8 * sketch.Levels.Count));
    }

    [Fact]
    public void Add_CutAnyhowAndStoredInBetween_GivesTheSameBytes()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 60_000).Select(i => i % 97 == 0 ? double.NaN : i % 11 == 0 ? (i % 2 == 0 ? 0.0 : -0.0) : Math.Sin(i) * Math.Exp(i % 7)).ToArray();
        var whole = new KllSketch();
        whole.Add(values);

        var cut = new KllSketch();
        for (var next = 0; next < values.Length;)
        {
            var length = Math.Min(random.Next(3) == 0 ? 1 : random.Next(1, 900), values.Length - next);
            if (length == 1) cut.Add(values[next]);
            else cut.Add(values.AsSpan(next, length));
            next += length;
            if (random.Next(4) == 0) cut = KllSketch.ReadFrom(Bytes(cut));
            if (random.Next(4) == 0) cut.GetQuantile(0.5);
        }

        Assert.Equal(Bytes(whole), Bytes(cut));
    }

    /// <summary>The bytes are those of every machine, whatever its vectors; a change of the hash or of the schedule is a change of the format of stored profiles.</summary>
    [Fact]
    public void Add_FixedStream_GivesTheRecordedBytes()
    {
        var values = new double[100_000];
        var state = 1UL;
        foreach (ref var value in values.AsSpan()) value = ((state = unchecked((state * 6364136223846793005) + 1442695040888963407)) >> 11) * Math.ScaleB(1, -53);
        KllSketch sketch = new(), fine = new(2000);
        sketch.Add(values);
        fine.Add(values);
        Assert.Equal("f3723ca1c83179be", Digest(sketch));
        Assert.Equal("cf98ce98774cf7df", Digest(fine));
        sketch.Merge(fine);
        Assert.Equal("ccb1a937a3ab6a48", Digest(sketch));
        var moments = new MomentsSketch();
        moments.Add(values);
        Assert.Equal("e74eea4ccd6d80f8", Digest(moments));
    }

    [Fact]
    public void Merge_StoredInBetween_GivesTheSameBytes()
    {
        var values = Enumerable.Range(0, 40_000).Select(i => Math.Cos(i)).ToArray();
        KllSketch merged = new(), stored = new();
        for (var part = 0; part < 20; part++)
        {
            var sketch = new KllSketch(part % 2 == 0 ? 200 : 300);
            sketch.Add(values.AsSpan(part * 2000, 2000));
            merged.Merge(sketch);
            stored.Merge(KllSketch.ReadFrom(Bytes(sketch)));
            stored = KllSketch.ReadFrom(Bytes(stored));
            merged.Add(values.AsSpan(0, part));
            stored.Add(values.AsSpan(0, part));
        }

        Assert.Equal(Bytes(merged), Bytes(stored));
    }

    [Fact]
    public void Merge_SmallerK_ErrsByTheSmallerK()
    {
        KllSketch fine = new(400), coarse = new(50), exact = new(20);
        fine.Add([.. Enumerable.Range(0, 5000).Select(i => (double)i)]);
        coarse.Add([.. Enumerable.Range(0, 5000).Select(i => (double)i)]);
        exact.Add([1, 2, 3]);
        fine.Merge(exact);
        Assert.Equal(KllSketch.GetNormalizedRankError(400), fine.NormalizedRankError);
        fine.Merge(coarse);
        Assert.Equal(KllSketch.GetNormalizedRankError(50), fine.NormalizedRankError);
        Assert.Equal(KllSketch.GetNormalizedIntervalError(50), fine.NormalizedIntervalError);
        Assert.Equal(400, fine.K);
        Assert.Equal(fine.NormalizedRankError, KllSketch.ReadFrom(Bytes(fine)).NormalizedRankError);
    }

    [Fact]
    public void Merge_Itself_DoublesTheCount()
    {
        var sketch = new KllSketch();
        sketch.Add([.. Enumerable.Range(0, 3000).Select(i => (double)i)]);
        var median = sketch.GetQuantile(0.5);
        sketch.Merge(sketch);
        Assert.Equal(6000, sketch.Count);
        Assert.Equal(6000, sketch.GetSortedItems().Sum(item => item.Weight));
        Assert.InRange(sketch.GetQuantile(0.5), median - 60, median + 60);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(1024)]
    public void SortPadded_AnyKeys_SortsThem(int length)
    {
        var random = new Random(length);
        for (var round = 0; round < 200; round++)
        {
            var keys = new long[length];
            for (var i = 0; i < length; i++) keys[i] = round % 2 == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(5);
            if (round % 5 == 0) keys.AsSpan(random.Next(length)).Fill(long.MaxValue);
            var expected = keys.Order().ToArray();
            KeySort.SortPadded(keys);
            Assert.Equal(expected, keys);
        }
    }

    [Fact]
    public void ToKeys_Numbers_AreOrderedAndComeBack()
    {
        double[] ordered = [double.NegativeInfinity, double.MinValue, -1, -double.Epsilon, -0.0, 0.0, double.Epsilon, 1, double.MaxValue, double.PositiveInfinity];
        var keys = new long[ordered.Length];
        Assert.Equal(ordered.Length, SortableDouble.ToKeys(ordered, keys, out var minimum, out var maximum));
        Assert.Equal((keys[0], keys[^1]), (minimum, maximum));
        Assert.True(keys.Zip(keys.Skip(1)).All(pair => pair.First < pair.Second));
        Assert.Equal(ordered.Select(BitConverter.DoubleToInt64Bits), keys.Select(key => BitConverter.DoubleToInt64Bits(SortableDouble.FromKey(key))));
        Assert.Equal(0, SortableDouble.ToKeys([double.NaN, -double.NaN, BitConverter.Int64BitsToDouble(long.MaxValue), BitConverter.Int64BitsToDouble(-1)], keys, out _, out _));
    }

    private static string Digest<T>(T sketch)
        where T : ISketch<T>
        => Convert.ToHexStringLower(SHA256.HashData(Bytes(sketch)))[..16];

    private static byte[] Bytes<T>(T sketch)
        where T : ISketch<T>
    {
        var writer = new ArrayBufferWriter<byte>();
        sketch.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }
}
