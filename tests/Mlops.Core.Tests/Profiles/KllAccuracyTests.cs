using FsCheck;
using FsCheck.Fluent;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

/// <summary>The stated error, over many streams of many shapes.</summary>
public sealed class KllAccuracyTests
{
    private const int K = 100;
    private const int Streams = 120;
    private static readonly double s_error = KllSketch.GetNormalizedRankError(K);

    [Theory]
    [InlineData("random")]
    [InlineData("sorted")]
    [InlineData("reversed")]
    [InlineData("zoomed in")]
    [InlineData("zoomed out")]
    [InlineData("blocks")]
    [InlineData("constant")]
    [InlineData("two values")]
    [InlineData("rare")]
    public void GetRank_ManyStreams_ErrsWithinTheBoundAndToBothSides(string shape)
    {
        int beyond = 0, beyondInterval = 0, asked = 0;
        List<double> middle = [];
        for (var stream = 0; stream < Streams; stream++)
        {
            var values = Stream(shape, stream);
            var sketch = new KllSketch(K);
            sketch.Add(values);
            Array.Sort(values);
            double before = 0;
            for (var q = 1; q <= 9; q++)
            {
                var error = sketch.GetRank(values[q * values.Length / 10]) - TrueRank(values, values[q * values.Length / 10]);
                asked++;
                if (Math.Abs(error) > s_error) beyond++;
                if (Math.Abs(error - before) > KllSketch.GetNormalizedIntervalError(K)) beyondInterval++;
                before = error;
                if (q == 5) middle.Add(error);
            }
        }

        Assert.True(beyond <= 0.01 * asked, $"{beyond} of {asked} beyond the bound");
        Assert.True(beyondInterval <= 0.01 * asked, $"{beyondInterval} of {asked} intervals beyond the bound");
        // Unbiased: the mean error lies within four standard errors of 0.
        var mean = middle.Average();
        var deviation = Math.Sqrt(middle.Average(error => (error - mean) * (error - mean)));
        Assert.True(Math.Abs(mean) <= (4 * deviation / Math.Sqrt(Streams)) + 1e-12, $"mean error {mean}, deviation {deviation}");
    }

    [Theory]
    [InlineData("random")]
    [InlineData("two values")]
    [InlineData("rare")]
    [InlineData("sorted")]
    public void Merge_ManyPartsOfOneLength_ErrsWithinTheBound(string shape)
    {
        int beyond = 0, asked = 0;
        for (var stream = 0; stream < 40; stream++)
        {
            var values = Stream(shape, stream);
            var merged = new KllSketch(K);
            var part = values.Length / 25;
            for (var start = 0; start + part <= values.Length; start += part)
            {
                var sketch = new KllSketch(K);
                sketch.Add(values.AsSpan(start, part));
                merged.Merge(sketch);
            }

            values = values[..(25 * part)];
            Array.Sort(values);
            Assert.Equal(values.Length, merged.Count);
            for (var q = 1; q <= 9; q++)
            {
                var value = values[q * values.Length / 10];
                asked++;
                if (Math.Abs(merged.GetRank(value) - TrueRank(values, value)) > s_error) beyond++;
            }
        }

        Assert.True(beyond <= 0.01 * asked, $"{beyond} of {asked} beyond the bound");
    }

    [Fact]
    public void GetQuantileBounds_ManyStreams_HoldTheTrueValue()
    {
        int outside = 0, asked = 0;
        for (var stream = 0; stream < Streams; stream++)
        {
            var values = Stream("random", stream);
            var sketch = new KllSketch(K);
            sketch.Add(values);
            Array.Sort(values);
            for (var rank = 0.005; rank < 1; rank += 0.055)
            {
                var (lower, upper) = sketch.GetQuantileBounds(rank);
                var value = values[(int)(rank * values.Length)];
                asked++;
                if (value < lower || value > upper) outside++;
                Assert.True(lower <= sketch.GetQuantile(rank) && sketch.GetQuantile(rank) <= upper);
            }
        }

        Assert.True(outside <= 0.01 * asked, $"{outside} of {asked} outside");
    }

    [Fact]
    public void Merge_AnyOrderAndGrouping_AgreesWithinTheError()
        => Prop.ForAll<NonEmptyArray<int>, int>((lengths, seed) =>
        {
            var random = new Random(seed);
            var parts = lengths.Get.Select(length => Enumerable.Range(0, Math.Abs(length % 40) * 60).Select(_ => Math.Round(random.NextDouble() * 100) / 7).ToArray()).ToArray();
            var values = parts.SelectMany(part => part).Order().ToArray();
            var sketches = parts.Select((part, i) => Sketch(part, i % 3 == 0 ? 200 : 150)).ToArray();

            // From the left, from the right, and as a random tree.
            var orders = new[] { Fold(sketches), Fold([.. sketches.Reverse()]), Tree([.. sketches.Select(Copy)], random) };
            foreach (var merged in orders)
            {
                if (merged.Count != values.Length || merged.GetSortedItems().Sum(item => item.Weight) != values.Length) return false;
                if (values.Length == 0) continue;
                if (merged.Minimum != values[0] || merged.Maximum != values[^1]) return false;
                // Three times the bound of one rank: hundreds of cases of nine ranks are asked, and none may fail.
                for (var q = 1; q <= 9; q++)
                {
                    var value = values[q * values.Length / 10];
                    if (Math.Abs(merged.GetRank(value) - TrueRank(values, value)) > 3 * KllSketch.GetNormalizedRankError(150)) return false;
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(17, 23));

    [Fact]
    public void ReadFrom_WrittenWhateverTheValues_IsTheSame()
        => Prop.ForAll<double[], PositiveInt>((values, k) =>
        {
            var sketch = new KllSketch(8 + (k.Get % 50));
            for (var round = 0; round < 10; round++) sketch.Add(values);
            var restored = Copy(sketch);
            restored.Add(values);
            sketch.Add(values);
            return sketch.Count == 11 * values.Count(value => !double.IsNaN(value)) && Bytes(sketch).SequenceEqual(Bytes(restored));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(5, 7));

    private static KllSketch Fold(KllSketch[] sketches)
    {
        var merged = new KllSketch();
        foreach (var sketch in sketches) merged.Merge(sketch);
        return merged;
    }

    private static KllSketch Tree(List<KllSketch> sketches, Random random)
    {
        while (sketches.Count > 1)
        {
            var other = sketches[random.Next(1, sketches.Count)];
            sketches.Remove(other);
            sketches[random.Next(sketches.Count)].Merge(other);
        }

        return sketches[0];
    }

    private static KllSketch Sketch(double[] values, int k)
    {
        var sketch = new KllSketch(k);
        sketch.Add(values);
        return sketch;
    }

    private static KllSketch Copy(KllSketch sketch) => KllSketch.ReadFrom(Bytes(sketch));

    private static byte[] Bytes(KllSketch sketch)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        sketch.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static double[] Stream(string shape, int stream)
    {
        var random = new Random(1000 + stream);
        var length = 15_000 + random.Next(3000);
        double offset = random.NextDouble() * 10, scale = random.NextDouble() + 0.5;
        return [.. Enumerable.Range(0, length).Select(i => offset + (scale * shape switch
        {
            "random" => random.NextDouble(),
            "sorted" => i,
            "reversed" => -i,
            "zoomed in" => i % 2 == 0 ? i : (2 * length) - i,
            "zoomed out" => i % 2 == 0 ? i : -i,
            "blocks" => i / 120 * 37 % 101,
            "constant" => 1,
            "two values" => random.Next(2),
            "rare" => random.Next(300) == 0 ? 1 : 0,
            _ => throw new InvalidOperationException(shape),
        }))];
    }

    private static double TrueRank(double[] sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] <= value) low = middle + 1;
            else high = middle;
        }

        return (double)low / sorted.Length;
    }
}
