using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

public sealed class ThetaSketchTests
{
    [Fact]
    public void Estimate_GoldenCases_AreThoseOfDataSketches()
    {
        var count = 0;
        foreach (var item in SketchGolden.Cases("theta"))
        {
            var sketch = Of(0, item.GetProperty("n").GetInt32(), item.GetProperty("lg_k").GetInt32());
            var what = $"theta {item.GetProperty("n")}";
            SketchGolden.Equal(item.GetProperty("estimate").GetDouble(), sketch.Estimate, what);
            SketchGolden.Equal(item.GetProperty("theta").GetDouble(), sketch.Theta, what);
            SketchGolden.Equal(item.GetProperty("lb2").GetDouble(), sketch.GetLowerBound(2), what);
            SketchGolden.Equal(item.GetProperty("ub2").GetDouble(), sketch.GetUpperBound(2), what);
            Assert.Equal(item.GetProperty("retained").GetInt32(), sketch.RetainedCount);
            if (item.TryGetProperty("compact_base64", out var compact)) Assert.Equal(compact.GetString(), Convert.ToBase64String(SketchGolden.Bytes(sketch)));
            count++;
        }

        Assert.Equal(6, count);
    }

    [Fact]
    public void UnionAndIntersect_GoldenCases_AreThoseOfDataSketches()
    {
        foreach (var item in SketchGolden.Cases("theta_set_ops"))
        {
            var n = item.GetProperty("n_each").GetInt32();
            var first = Of(0, n);
            var second = Of(n / 2, n);
            SketchGolden.Equal(item.GetProperty("union").GetDouble(), ThetaSketch.Union(first, second).Estimate, "union");
            SketchGolden.Equal(item.GetProperty("intersection").GetDouble(), ThetaSketch.Intersect(first, second).Estimate, "intersection");
        }
    }

    [Fact]
    public void SetOperations_LargeSets_AreWithinTheirBounds()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var start = seed * 1_000_000;
            var first = Of(start, 40_000, 11);
            var second = Of(start + 30_000, 20_000, 13);
            Within(50_000, ThetaSketch.Union(first, second));
            Within(10_000, ThetaSketch.Intersect(first, second));
            Within(30_000, ThetaSketch.Except(first, second));
            Within(10_000, ThetaSketch.Except(second, first));
            var similarity = ThetaSketch.GetJaccardSimilarity(first, second);
            Assert.InRange(similarity.Estimate, similarity.LowerBound, similarity.UpperBound);
            Assert.InRange(similarity.Estimate, 0.2 * 0.8, 0.2 * 1.2);
        }

        static void Within(double expected, ThetaSketch sketch)
        {
            Assert.InRange(sketch.Estimate, sketch.GetLowerBound(1), sketch.GetUpperBound(1));
            // Four standard deviations: the bounds of three, and a third more.
            var below = sketch.Estimate - sketch.GetLowerBound(3);
            var above = sketch.GetUpperBound(3) - sketch.Estimate;
            Assert.InRange(expected, sketch.Estimate - (below * 4 / 3), sketch.Estimate + (above * 4 / 3));
        }
    }

    [Fact]
    public void SetOperations_SmallSets_AreExact()
    {
        var first = new ThetaSketch();
        first.Add(["a", "b", "c", "d"]);
        var second = new ThetaSketch();
        second.Add(["c", "d", "e"]);
        Assert.Equal(5, ThetaSketch.Union(first, second).Estimate);
        Assert.Equal(2, ThetaSketch.Intersect(first, second).Estimate);
        Assert.Equal(2, ThetaSketch.Except(first, second).Estimate);
        Assert.Equal(new JaccardSimilarity(0.4, 0.4, 0.4), ThetaSketch.GetJaccardSimilarity(first, second));
        Assert.Equal(new JaccardSimilarity(1, 1, 1), ThetaSketch.GetJaccardSimilarity(first, first));

        var empty = new ThetaSketch();
        Assert.True(ThetaSketch.Intersect(first, empty).IsEmpty);
        Assert.True(ThetaSketch.Except(empty, first).IsEmpty);
        Assert.True(ThetaSketch.Except(first, first).IsEmpty);
        Assert.Equal(4, ThetaSketch.Except(first, empty).Estimate);
        Assert.Equal(new JaccardSimilarity(0, 0, 0), ThetaSketch.GetJaccardSimilarity(first, empty));
        Assert.Equal(new JaccardSimilarity(1, 1, 1), ThetaSketch.GetJaccardSimilarity(empty, new ThetaSketch()));
    }

    [Fact]
    public void GetJaccardSimilarity_ManyPairs_HoldsTheTruthAsOftenAsStated()
    {
        var outside = 0;
        const int Pairs = 200;
        for (var pair = 0; pair < Pairs; pair++)
        {
            var start = pair * 10_000;
            var similarity = ThetaSketch.GetJaccardSimilarity(Of(start, 4000, 8), Of(start + 1000, 4000, 8));
            if (0.6 < similarity.LowerBound || 0.6 > similarity.UpperBound) outside++;
        }

        Assert.InRange(outside, 0, Pairs / 10);
    }

    [Fact]
    public void Bounds_FewRetained_HoldTheTruthAsOftenAsStated()
    {
        // Subsets of a large set: few of their members are kept.
        var large = Of(0, 400_000, 8);
        foreach (var count in new[] { 200, 2000, 20_000, 100_000 })
        {
            var outside = 0;
            const int Subsets = 200;
            for (var subset = 0; subset < Subsets; subset++)
            {
                var part = ThetaSketch.Intersect(large, Of((subset * 1500) % 300_000, count, 18));
                if (count < part.GetLowerBound(2) || count > part.GetUpperBound(2)) outside++;
            }

            Assert.InRange(outside, 0, Subsets / 10);
        }
    }

    [Fact]
    public void Equivalents_TabulatedValues_AreThoseOfDataSketches()
    {
        // Rows 1 (the upper one), 2, 50 and 120 of the tables that the source tabulates; its digits are good to about seven places.
        Assert.Equal(0.94091379266077979, BinomialBounds.EquivalentLower(2, 0.1586553191586026479), 1e-6);
        Assert.Equal(3.22502059972006805, BinomialBounds.EquivalentLower(50, 0.0013498126861731796), 1e-6);
        Assert.Equal(2.04861238220240693, BinomialBounds.EquivalentLower(120, 0.0227502618904135701), 1e-6);
        Assert.Equal(2.48055626001627161, BinomialBounds.EquivalentUpper(1, 0.0013498126861731796), 1e-6);
        Assert.Equal(1.93591074716263734, BinomialBounds.EquivalentUpper(50, 0.0227502618904135701), 1e-6);
    }

    [Fact]
    public void Add_DoublesLongsTextsAndBytes_AreCountedOnce()
    {
        var sketch = new ThetaSketch();
        sketch.Add([0.0, -0.0, double.NaN, 1.5]);
        sketch.Add([7L, 7L]);
        sketch.Add(["Zürich", null!, ""]);
        sketch.Add("Zürich"u8);
        sketch.Add(new string('ß', 400));
        Assert.Equal(5, sketch.Estimate);
    }

    [Fact]
    public void Add_Batches_DoNotChangeTheResult()
    {
        var random = new Random(4);
        var values = Enumerable.Range(0, 30_000).Select(_ => random.NextDouble()).ToArray();
        var whole = new ThetaSketch(9);
        whole.Add(values);
        var parts = new ThetaSketch(9);
        foreach (var value in values) parts.Add([value]);
        Assert.Equal(SketchGolden.Bytes(whole), SketchGolden.Bytes(parts));
    }

    [Fact]
    public void Merge_AnyParts_IsCommutativeAndAssociative()
        => Prop.ForAll<int[], int[], int[]>((a, b, c) =>
        {
            ThetaSketch[] Parts() => [.. new[] { a, b, c }.Select(values =>
            {
                var sketch = new ThetaSketch(5);
                foreach (var value in values) sketch.Add([.. Enumerable.Range(value, Math.Abs(value % 30)).Select(i => (long)i)]);
                return ThetaSketch.Union(sketch, new ThetaSketch(5));
            })];

            var left = Parts();
            left[0].Merge(left[1]);
            left[0].Merge(left[2]);
            var right = Parts();
            right[1].Merge(right[2]);
            right[1].Merge(right[0]);
            return SketchGolden.Bytes(left[0]).SequenceEqual(SketchGolden.Bytes(right[1]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void ReadFrom_Written_GoesOnAsTheOriginalWould()
    {
        foreach (var lgK in new[] { 4, 9, 12, 15 })
        {
            foreach (var count in new[] { 0, 1, 2, 300, 5000, 60_000 })
            {
                var original = Of(0, count, lgK);
                var bytes = SketchGolden.Bytes(original);
                var restored = ThetaSketch.ReadFrom(bytes);
                Assert.Equal((original.LgK, original.IsEmpty, original.Theta), (restored.LgK, restored.IsEmpty, restored.Theta));
                Assert.Equal(bytes, SketchGolden.Bytes(restored));
                long[] more = [.. Enumerable.Range(count / 2, count + 900).Select(i => (long)i)];
                original.Add(more);
                restored.Add(more);
                Assert.Equal(SketchGolden.Bytes(original), SketchGolden.Bytes(restored));
            }
        }
    }

    [Fact]
    public void ReadFrom_EmptyIntersectionOfLargeSets_KeepsItsThreshold()
    {
        var none = ThetaSketch.Intersect(Of(0, 50_000), Of(50_000, 50_000));
        Assert.False(none.IsEmpty);
        Assert.Equal(0, none.Estimate);
        Assert.InRange(none.GetUpperBound(2), 1, 200);
        var restored = ThetaSketch.ReadFrom(SketchGolden.Bytes(none));
        Assert.Equal((none.IsEmpty, none.Theta, none.GetUpperBound(2)), (restored.IsEmpty, restored.Theta, restored.GetUpperBound(2)));
    }

    [Fact]
    public void ReadFrom_CompressedForm_IsReadToo()
    {
        foreach (var count in new[] { 2, 50, 3000, 100_000 })
        {
            var original = Of(0, count);
            var restored = ThetaSketch.ReadFrom(Compress(SketchGolden.Bytes(original)));
            Assert.Equal(SketchGolden.Bytes(original), SketchGolden.Bytes(restored));
        }
    }

    [Fact]
    public void ReadFrom_Damaged_ThrowsFormatExceptionOnly()
    {
        foreach (var count in new[] { 0, 1, 20, 20_000 })
        {
            var bytes = SketchGolden.Bytes(Of(0, count, 10));
            SketchGolden.SurvivesDamage<ThetaSketch>(bytes, Use);
            if (count > 1) SketchGolden.SurvivesDamage<ThetaSketch>(Compress(bytes), Use);
        }

        static void Use(ThetaSketch sketch)
        {
            sketch.Add([1.0, 2.0, 3.0]);
            sketch.Merge(Of(0, 3000, 9));
            Assert.False(double.IsNaN(sketch.Estimate));
            Assert.False(double.IsNaN(sketch.GetUpperBound(1)));
            Assert.False(double.IsNaN(sketch.GetLowerBound(1)));
        }
    }

    [Fact]
    public void Constructor_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ThetaSketch(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ThetaSketch(27));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ThetaSketch().GetLowerBound(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ThetaSketch().GetUpperBound(4));
    }

    /// <summary>Writes serial version 4: differences of the ascending hashes, in as few bits as the largest needs, high bit first.</summary>
    private static byte[] Compress(byte[] plain)
    {
        var words = plain[0];
        var hashes = Enumerable.Range(words, (plain.Length / 8) - words).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(plain.AsSpan(8 * i))).ToArray();
        var differences = hashes.Select((hash, i) => i == 0 ? hash : hash - hashes[i - 1]).ToArray();
        var bits = 64 - (int)ulong.LeadingZeroCount(differences.Aggregate((a, b) => a | b));
        List<byte> compressed = [(byte)(words == 3 ? 2 : 1), 4, 3, (byte)bits, 2, plain[5], plain[6], plain[7]];
        if (words == 3) compressed.AddRange(plain[16..24]);
        compressed.AddRange([(byte)hashes.Length, (byte)(hashes.Length >> 8)]);
        var stream = new byte[((hashes.Length * bits) + 7) / 8];
        var at = 0;
        foreach (var difference in differences)
        {
            for (var bit = bits - 1; bit >= 0; bit--, at++)
            {
                if (((difference >> bit) & 1) != 0) stream[at / 8] |= (byte)(128 >> (at % 8));
            }
        }

        return [.. compressed, .. stream];
    }

    private static ThetaSketch Of(int start, int count, int lgK = ThetaSketch.DefaultLgK)
    {
        var sketch = new ThetaSketch(lgK);
        sketch.Add([.. Enumerable.Range(start, count).Select(i => (long)i)]);
        return sketch;
    }
}
