using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

public sealed class HyperLogLogSketchTests
{
    [Fact]
    public void Estimate_GoldenCases_AreThoseOfDataSketches()
    {
        var count = 0;
        foreach (var item in SketchGolden.Cases("hll"))
        {
            var sketch = Build(item);
            var what = $"{item.GetProperty("lg_k")} {item.GetProperty("type")} {item.GetProperty("input")} {item.GetProperty("n")}";
            SketchGolden.Equal(item.GetProperty("estimate").GetDouble(), sketch.Estimate, what);
            SketchGolden.Equal(item.GetProperty("composite").GetDouble(), sketch.CompositeEstimate, what);
            SketchGolden.Equal(item.GetProperty("lb2").GetDouble(), sketch.GetLowerBound(2), what);
            SketchGolden.Equal(item.GetProperty("ub2").GetDouble(), sketch.GetUpperBound(2), what);
            if (item.TryGetProperty("compact_base64", out var compact)) Assert.Equal(compact.GetString(), Convert.ToBase64String(SketchGolden.Bytes(sketch)));
            count++;
        }

        Assert.Equal(52, count);
    }

    [Fact]
    public void Merge_GoldenUnions_EstimateAsDataSketches()
    {
        foreach (var item in SketchGolden.Cases("hll_union"))
        {
            var n = item.GetProperty("n_each").GetInt32();
            var sketch = Of(0, n);
            sketch.Merge(Of(n - item.GetProperty("overlap").GetInt32(), n));
            SketchGolden.Equal(item.GetProperty("estimate").GetDouble(), sketch.Estimate, "union");
            SketchGolden.Equal(item.GetProperty("composite").GetDouble(), sketch.CompositeEstimate, "union");
            SketchGolden.Equal(item.GetProperty("lb2").GetDouble(), sketch.GetLowerBound(2), "union");
            SketchGolden.Equal(item.GetProperty("ub2").GetDouble(), sketch.GetUpperBound(2), "union");
        }
    }

    [Fact]
    public void Estimate_AnySizeAndNumber_IsWithinItsBounds()
    {
        var outside = 0;
        var cases = 0;
        for (var lgK = 4; lgK <= 21; lgK++)
        {
            foreach (var count in new[] { 3, 30, 300, 3000, 30_000, 300_000 })
            {
                var sketch = Of(lgK * 10_000_000, count, lgK);
                var merged = Of(lgK * 10_000_000, count / 2, lgK);
                merged.Merge(Of((lgK * 10_000_000) + (count / 3), count - (count / 3), lgK));
                foreach (var one in new[] { sketch, merged })
                {
                    cases++;
                    if (count < one.GetLowerBound(2) || count > one.GetUpperBound(2)) outside++;
                    Assert.InRange(count, one.GetLowerBound(3) * 0.99, one.GetUpperBound(3) * 1.01);
                    Assert.InRange(one.CompositeEstimate / count, 0.2, 5);
                }
            }
        }

        // Two standard deviations: 4.6 % of cases are outside.
        Assert.InRange(outside, 0, cases / 10);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(100)]
    public void Add_AnyPath_GivesTheSameCoupons(int minimum)
    {
        for (var length = 0; length < 70; length++)
        {
            var values = Numbers(length);
            for (var i = 0; i < length; i += 7) values[i] = i % 2 == 0 ? double.NaN : -0.0;
            Compare<double>(values, minimum);
            Compare<long>([.. values.Select(BitConverter.DoubleToInt64Bits)], minimum);
        }

        static void Compare<T>(T[] values, int minimum)
            where T : unmanaged
        {
            var scalar = new uint[values.Length + HllHasher.Slack];
            var vector = new uint[values.Length + HllHasher.Slack];
            var scalarCount = HllHasher.HashScalar<T>(values, minimum, scalar);
            var vectorCount = HllHasher.IsVectorized ? HllHasher.HashVectors<T>(values, minimum, vector) : HllHasher.Hash<T>(values, minimum, vector);
            Assert.Equal(scalar[..scalarCount], vector[..vectorCount]);
            Assert.All(scalar[..scalarCount], coupon => Assert.True(coupon >> HllSlotTable.AddressBits > minimum));
            Assert.True(minimum > 0 || scalarCount == values.Count(value => value is not double.NaN));
        }
    }

    [Fact]
    public void Add_Batches_DoNotChangeTheResult()
    {
        var values = Numbers(20_000);
        foreach (var type in Enum.GetValues<HyperLogLogType>())
        {
            var whole = new HyperLogLogSketch(10, type);
            whole.Add(values);
            var parts = new HyperLogLogSketch(10, type);
            foreach (var value in values) parts.Add([value]);
            Assert.Equal(SketchGolden.Bytes(whole), SketchGolden.Bytes(parts));
        }
    }

    [Fact]
    public void Add_NaNNullAndEmpty_LeaveItEmpty()
    {
        var sketch = new HyperLogLogSketch();
        sketch.Add([double.NaN, -double.NaN]);
        sketch.Add((string?)null);
        sketch.Add("");
        sketch.Add(ReadOnlySpan<byte>.Empty);
        Assert.True(sketch.IsEmpty);
        Assert.Equal(0, sketch.Estimate);
    }

    [Fact]
    public void Add_BothZerosAndOneText_CountOnce()
    {
        var sketch = new HyperLogLogSketch();
        sketch.Add([0.0, -0.0]);
        Assert.Equal(1, Math.Round(sketch.Estimate));
        var longText = new string('ä', 500);
        sketch.Add(["Zürich", longText]);
        sketch.Add("Zürich"u8);
        sketch.Add(System.Text.Encoding.UTF8.GetBytes(longText));
        Assert.Equal(3, Math.Round(sketch.Estimate));
    }

    [Fact]
    public void ReadFrom_Written_GoesOnAsTheOriginalWould()
    {
        foreach (var type in Enum.GetValues<HyperLogLogType>())
        {
            foreach (var lgK in new[] { 4, 7, 8, 11, 14 })
            {
                foreach (var count in new[] { 0, 1, 7, 8, 24, 25, 100, 2000, 100_000 })
                {
                    var original = Of(0, count, lgK, type);
                    var bytes = SketchGolden.Bytes(original);
                    var restored = HyperLogLogSketch.ReadFrom(bytes);
                    Assert.Equal((original.LgK, original.Type, original.IsEmpty), (restored.LgK, restored.Type, restored.IsEmpty));
                    Assert.Equal(bytes, SketchGolden.Bytes(restored));
                    long[] more = [.. Enumerable.Range(count / 2, count + 50).Select(i => (long)i)];
                    original.Add(more);
                    restored.Add(more);
                    Assert.Equal((original.Estimate, original.CompositeEstimate), (restored.Estimate, restored.CompositeEstimate));
                    Assert.Equal(original.GetUpperBound(3), restored.GetUpperBound(3));
                }
            }
        }
    }

    [Fact]
    public void ReadFrom_UpdatableForm_IsReadToo()
    {
        foreach (var type in Enum.GetValues<HyperLogLogType>())
        {
            foreach (var count in new[] { 0, 5, 20, 150, 90_000 })
            {
                var original = Of(0, count, 11, type);
                var compact = SketchGolden.Bytes(original);
                var restored = HyperLogLogSketch.ReadFrom(ToUpdatable(compact));
                Assert.Equal(original.Estimate, restored.Estimate);
                Assert.Equal(original.CompositeEstimate, restored.CompositeEstimate);
                // The table is stored in its own order, which need not be the compact one.
                Assert.Equal(compact.Length, SketchGolden.Bytes(restored).Length);
            }
        }
    }

    [Fact]
    public void ReadFrom_Damaged_ThrowsFormatExceptionOnly()
    {
        foreach (var type in Enum.GetValues<HyperLogLogType>())
        {
            foreach (var count in new[] { 0, 5, 100, 60_000 })
            {
                SketchGolden.SurvivesDamage<HyperLogLogSketch>(SketchGolden.Bytes(Of(0, count, 10, type)), sketch =>
                {
                    sketch.Add([1.0, 2.0, 3.0]);
                    sketch.Merge(Of(0, 1000, 9));
                    Assert.False(double.IsNaN(sketch.Estimate));
                    Assert.False(double.IsNaN(sketch.GetUpperBound(1)));
                });
            }
        }
    }

    [Fact]
    public void Merge_FewerRegisters_TakesTheFewer()
    {
        var large = Of(0, 50_000, 14);
        large.Merge(Of(25_000, 50_000, 10));
        Assert.Equal(10, large.LgK);
        Assert.InRange(75_000, large.GetLowerBound(3), large.GetUpperBound(3));

        var small = Of(25_000, 50_000, 10);
        small.Merge(Of(0, 50_000, 14));
        Assert.Equal(large.CompositeEstimate, small.CompositeEstimate);

        var few = Of(0, 3, 14);
        few.Merge(Of(0, 50_000, 10));
        Assert.Equal(10, few.LgK);
    }

    [Fact]
    public void Merge_IntoAnEmptyOne_GivesTheSameSketch()
    {
        foreach (var count in new[] { 0, 5, 100, 10_000 })
        {
            var source = Of(0, count);
            var sketch = new HyperLogLogSketch();
            sketch.Merge(source);
            Assert.Equal(SketchGolden.Bytes(source), SketchGolden.Bytes(sketch));
            sketch.Add([-1L]);
            Assert.Equal(SketchGolden.Bytes(Of(0, count)), SketchGolden.Bytes(source));
        }
    }

    [Fact]
    public void Merge_AnyParts_IsCommutativeAndAssociative()
        => Prop.ForAll<int[], int[], int[]>((a, b, c) =>
        {
            HyperLogLogSketch[] Parts(HyperLogLogType type) => [.. new[] { a, b, c }.Select((values, part) =>
            {
                var sketch = new HyperLogLogSketch(6 + part, type);
                // Each number stands for a run, so that all of coupons, sets and registers are met.
                foreach (var value in values) sketch.Add([.. Enumerable.Range(value, Math.Abs(value % 90)).Select(i => (long)i)]);
                return sketch;
            })];

            foreach (var type in Enum.GetValues<HyperLogLogType>())
            {
                var left = Parts(type);
                left[0].Merge(left[1]);
                left[0].Merge(left[2]);
                var right = Parts(type);
                right[1].Merge(right[2]);
                right[1].Merge(right[0]);
                // Registers and coupons are the same; the historic estimate may survive on one side only.
                var error = Math.Abs(left[0].Estimate - right[1].Estimate);
                var allowed = left[0].GetUpperBound(3) - left[0].GetLowerBound(3) + right[1].GetUpperBound(3) - right[1].GetLowerBound(3);
                if (error > allowed + 1e-6) return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Constructor_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new HyperLogLogSketch(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HyperLogLogSketch(22));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HyperLogLogSketch(12, (HyperLogLogType)3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HyperLogLogSketch().GetLowerBound(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HyperLogLogSketch().GetUpperBound(4));
    }

    /// <summary>Writes the form with free places in its tables, as the libraries of DataSketches do for sketches that grow in place.</summary>
    private static byte[] ToUpdatable(byte[] compact)
    {
        var mode = compact[7] & 3;
        var isFourBit = compact[7] >> 2 == 0;
        var start = mode switch { 0 => 8, 1 => 12, _ => isFourBit ? 40 + (1 << (compact[3] - 1)) : compact.Length };
        var lgSize = mode switch { 0 => 3, _ => Math.Max((int)compact[4], 4) };
        var places = start == compact.Length && mode == 2 ? 0 : 1 << lgSize;
        var updatable = new byte[start + (4 * places)];
        compact.AsSpan(0, start).CopyTo(updatable);
        updatable[5] &= unchecked((byte)~8);
        if (places > 0) updatable[4] = (byte)lgSize;
        // Lists are filled from the front, tables anywhere: here from the back.
        for (var (from, to) = (start, mode == 0 ? start : updatable.Length - 4); from < compact.Length; from += 4, to += mode == 0 ? 4 : -4)
            compact.AsSpan(from, 4).CopyTo(updatable.AsSpan(to));
        return updatable;
    }

    private static double[] Numbers(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
    }

    private static HyperLogLogSketch Build(JsonElement item)
    {
        var sketch = new HyperLogLogSketch(item.GetProperty("lg_k").GetInt32(), Enum.Parse<HyperLogLogType>(item.GetProperty("type").GetString()!.Replace("_", "", StringComparison.Ordinal), ignoreCase: true));
        var n = item.GetProperty("n").GetInt32();
        switch (item.GetProperty("input").GetString())
        {
            case "string item_<i>":
                sketch.Add([.. Enumerable.Range(0, n).Select(i => string.Create(CultureInfo.InvariantCulture, $"item_{i}"))]);
                break;
            case "double i*0.5":
                sketch.Add([.. Enumerable.Range(0, n).Select(i => i * 0.5)]);
                break;
            default:
                sketch.Add([.. Enumerable.Range(0, n).Select(i => (long)i)]);
                break;
        }

        return sketch;
    }

    private static HyperLogLogSketch Of(int start, int count, int lgK = HyperLogLogSketch.DefaultLgK, HyperLogLogType type = HyperLogLogType.Hll8)
    {
        var sketch = new HyperLogLogSketch(lgK, type);
        sketch.Add([.. Enumerable.Range(start, count).Select(i => (long)i)]);
        return sketch;
    }
}
