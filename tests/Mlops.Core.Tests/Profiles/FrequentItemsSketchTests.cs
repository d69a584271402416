using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

public sealed class FrequentItemsSketchTests
{
    [Fact]
    public void GetFrequentItems_GoldenCases_AreThoseOfDataSketches()
    {
        var count = 0;
        foreach (var item in SketchGolden.Cases("frequent_items"))
        {
            var sketch = new FrequentItemsSketch(item.GetProperty("lg_max").GetInt32());
            sketch.Add(Skewed(item.GetProperty("n").GetInt32()));
            Assert.Equal(item.GetProperty("epsilon").GetDouble(), sketch.RelativeError);
            Assert.Equal(item.GetProperty("max_error").GetInt64(), sketch.MaximumError);
            Assert.Equal(item.GetProperty("active").GetInt32(), sketch.ActiveCount);
            Assert.Equal(item.GetProperty("n").GetInt64(), sketch.TotalWeight);

            var actual = sketch.GetFrequentItems(FrequentItemsGuarantee.NoFalsePositives);
            var expected = item.GetProperty("no_false_positives").EnumerateArray()
                .Select(row => new FrequentItem(row[0].GetString()!, row[1].GetInt64(), row[2].GetInt64(), row[3].GetInt64())).ToArray();
            // The reference lists the first ten, and equally frequent ones in its own order.
            Assert.Equal(expected.Length, Math.Min(10, actual.Count));
            Assert.Equal(expected.Select(row => row.Estimate), actual.Take(expected.Length).Select(row => row.Estimate));
            Assert.All(expected, row => Assert.Contains(row, actual));
            count++;
        }

        Assert.Equal(9, count);
    }

    [Fact]
    public void WriteTo_TenTexts_KeepsTheOrderOfDataSketches()
    {
        // The reference lists equally frequent values in the order of its table, which is the order in which it stores them.
        var golden = SketchGolden.Cases("frequent_items").First(item => item.GetProperty("n").GetInt32() == 10).GetProperty("no_false_positives");
        var sketch = new FrequentItemsSketch(5);
        sketch.Add(Skewed(10));
        var stored = sketch.Map.GetItems().Select(item => System.Text.Encoding.UTF8.GetString(item.Key)).Where(value => value != "k1");
        Assert.Equal(golden.EnumerateArray().Select(row => row[0].GetString()!).Where(value => value != "k1"), stored);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(12)]
    public void Bounds_AnyStream_HoldTheTrueCounts(int lgMaximumSize)
    {
        var values = Skewed(60_000);
        var sketch = new FrequentItemsSketch(lgMaximumSize);
        sketch.Add(values);
        var truth = values.CountBy(value => value).ToDictionary();
        Assert.InRange(sketch.MaximumError, 0, sketch.RelativeError * sketch.TotalWeight);
        foreach (var (value, times) in truth)
        {
            Assert.InRange(times, sketch.GetLowerBound(value), sketch.GetUpperBound(value));
            Assert.True(sketch.GetEstimate(value) is 0 || sketch.GetEstimate(value) >= times);
        }

        var limit = 2 * sketch.MaximumError;
        Assert.All(sketch.GetFrequentItems(FrequentItemsGuarantee.NoFalsePositives, limit), item => Assert.True(truth[item.Value] > limit));
        var listed = sketch.GetFrequentItems(FrequentItemsGuarantee.NoFalseNegatives, limit).Select(item => item.Value).ToHashSet();
        Assert.All(truth.Where(pair => pair.Value > limit), pair => Assert.Contains(pair.Key, listed));
    }

    [Fact]
    public void Add_NullEmptyAndLongTexts_AreValuesButNull()
    {
        var sketch = new FrequentItemsSketch();
        var longText = new string('ü', 400);
        sketch.Add([null!, "", "", longText]);
        sketch.Add("x", 5);
        sketch.Add("x"u8, 2);
        sketch.Add("y", 0);
        Assert.Equal((10, 3), (sketch.TotalWeight, sketch.ActiveCount));
        Assert.Equal((2, 1, 7, 0), (sketch.GetEstimate(""), sketch.GetEstimate(longText), sketch.GetEstimate("x"), sketch.GetEstimate("y")));
        Assert.Throws<ArgumentOutOfRangeException>(() => sketch.Add("x", -1));
        sketch.Add("x", long.MaxValue - 10);
        Assert.Throws<OverflowException>(() => sketch.Add("x"));
    }

    [Fact]
    public void Merge_AnyParts_KeepsBoundsWhateverTheOrder()
        => Prop.ForAll<byte[], byte[], byte[]>((a, b, c) =>
        {
            FrequentItemsSketch[] Parts() => [.. new[] { a, b, c }.Select(values =>
            {
                var sketch = new FrequentItemsSketch(3);
                foreach (var value in values) sketch.Add(value.ToString(CultureInfo.InvariantCulture), 1 + (value % 5));
                return sketch;
            })];

            var left = Parts();
            left[0].Merge(left[1]);
            left[0].Merge(left[2]);
            var right = Parts();
            right[1].Merge(right[2]);
            right[1].Merge(right[0]);
            byte[] all = [.. a, .. b, .. c];
            var total = all.Sum(value => 1 + (value % 5));
            return left[0].TotalWeight == total && right[1].TotalWeight == total && all.All(value =>
            {
                var text = value.ToString(CultureInfo.InvariantCulture);
                var times = all.Count(other => other == value) * (1 + (value % 5));
                return new[] { left[0], right[1] }.All(sketch => sketch.GetLowerBound(text) <= times && times <= sketch.GetUpperBound(text));
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Merge_PurgedToNothing_KeepsTotalAndError()
    {
        var purged = new FrequentItemsSketch(3);
        purged.Add([.. Enumerable.Range(0, 7).Select(i => i.ToString(CultureInfo.InvariantCulture))]);
        Assert.Equal((0, 7L, 1L), (purged.ActiveCount, purged.TotalWeight, purged.MaximumError));
        var sketch = new FrequentItemsSketch(3);
        sketch.Merge(FrequentItemsSketch.ReadFrom(SketchGolden.Bytes(purged)));
        Assert.Equal((7L, 1L), (sketch.TotalWeight, sketch.MaximumError));
        sketch.Merge(sketch);
        Assert.Equal(14, sketch.TotalWeight);
    }

    [Fact]
    public void ReadFrom_Written_GoesOnAsTheOriginalWould()
    {
        foreach (var lgMaximumSize in new[] { 3, 5, 8, 12 })
        {
            foreach (var count in new[] { 0, 1, 20, 3000, 40_000 })
            {
                var original = new FrequentItemsSketch(lgMaximumSize);
                // Many distinct values, so that runs of slots are long and purges sample.
                original.Add(Skewed(count, spread: 0.3));
                var bytes = SketchGolden.Bytes(original);
                var restored = FrequentItemsSketch.ReadFrom(bytes);
                Assert.Equal(bytes, SketchGolden.Bytes(restored));
                Assert.Equal((original.LgMaximumSize, original.TotalWeight, original.MaximumError), (restored.LgMaximumSize, restored.TotalWeight, restored.MaximumError));
                var more = Skewed(count + 5000, seed: 99, spread: 0.3);
                original.Add(more);
                restored.Add(more);
                Assert.Equal(SketchGolden.Bytes(original), SketchGolden.Bytes(restored));
            }
        }
    }

    [Fact]
    public void ReadFrom_OtherOrder_IsReadToo()
    {
        var sketch = new FrequentItemsSketch(6);
        sketch.Add(Skewed(40));
        var bytes = SketchGolden.Bytes(sketch);
        var items = sketch.Map.GetItems();
        items.Reverse();
        var weights = items.SelectMany(item => BitConverter.GetBytes(item.Weight));
        var keys = items.SelectMany(item => (byte[])[.. BitConverter.GetBytes(item.Key.Length), .. item.Key]);
        var restored = FrequentItemsSketch.ReadFrom([.. bytes[..32], .. weights, .. keys]);
        Assert.Equal(sketch.GetFrequentItems(FrequentItemsGuarantee.NoFalseNegatives), restored.GetFrequentItems(FrequentItemsGuarantee.NoFalseNegatives));
    }

    [Fact]
    public void ReadFrom_Damaged_ThrowsFormatExceptionOnly()
    {
        foreach (var count in new[] { 0, 1, 30, 5000 })
        {
            var sketch = new FrequentItemsSketch(6);
            sketch.Add(Skewed(count));
            SketchGolden.SurvivesDamage<FrequentItemsSketch>(SketchGolden.Bytes(sketch), damaged =>
            {
                damaged.Add(Skewed(200));
                var other = new FrequentItemsSketch(5);
                other.Add(Skewed(500));
                damaged.Merge(other);
                Assert.All(damaged.GetFrequentItems(FrequentItemsGuarantee.NoFalsePositives), item => Assert.True(item.LowerBound <= item.UpperBound));
            });
        }
    }

    [Fact]
    public void Constructor_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrequentItemsSketch(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrequentItemsSketch(22));
    }

    /// <summary>Makes the stream of the reference data: k1 for half of the values, k2 for a sixth, and so on.</summary>
    private static string[] Skewed(int count, ulong seed = 12345, double spread = 1)
    {
        var values = new string[count];
        for (var i = 0; i < count; i++)
        {
            seed = (seed * 6364136223846793005) + 1442695040888963407;
            var u = (seed >> 11) * Math.Pow(2, -53);
            values[i] = string.Create(CultureInfo.InvariantCulture, $"k{Math.Min((int)Math.Pow(1 / (1 - u), 1 / spread), 100_000)}");
        }

        return values;
    }
}
