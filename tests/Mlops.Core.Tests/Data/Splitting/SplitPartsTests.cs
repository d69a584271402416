using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>The parts that splits are made of.</summary>
public sealed class SplitPartsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(15, 4)]
    [InlineData(255, 8)]
    [InlineData(65_535, 16)]
    [InlineData(int.MaxValue, 32)]
    public void PackedCodes_AnyWidth_GivesBackWhatWasAdded(int largest, int bits)
    {
        var random = new Random(largest);
        int[] codes = [.. Enumerable.Range(0, 200_000).Select(i => i < 70_000 ? i & 1 : random.Next(largest)), largest];
        var packed = new PackedCodes();
        for (var start = 0; start < codes.Length;)
        {
            var count = Math.Min(codes.Length - start, random.Next(5000));
            packed.Add(codes.AsSpan(start, count));
            start += count;
        }

        Assert.Equal(codes.Length, packed.Count);
        Assert.Equal(bits, packed.BitsPerRow);
        for (var i = 0; i < 50; i++)
        {
            var start = random.Next(codes.Length);
            var rows = new int[random.Next(codes.Length - start)];
            packed.CopyTo(start, rows);
            Assert.Equal(codes[start..(start + rows.Length)], rows);
        }

        var ones = packed.Map(rows => rows.Fill(1));
        Assert.Equal((codes.Length, 1), (ones.Count, ones.BitsPerRow));
        Assert.Throws<ArgumentOutOfRangeException>(() => packed.CopyTo(codes.Length, new int[1]));
    }

    [Theory]
    [InlineData(100, 5)]
    [InlineData(500_000, 1_000_000_000)]
    public void SortedCounts_AnyValues_EqualsSorting(int rows, int range)
    {
        var random = new Random(1);
        long[] values = [.. Enumerable.Range(0, rows).Select(_ => random.NextInt64(-range, range)), long.MinValue, long.MaxValue];
        var counts = new SortedCounts();
        foreach (var value in values) counts.Add(value);
        counts.Finish();
        var expected = values.CountBy(value => value).OrderBy(pair => pair.Key).ToArray();
        Assert.Equal(expected.Select(pair => pair.Key), counts.Values.ToArray());
        Assert.Equal(expected.Select(pair => (long)pair.Value), counts.Ends.Zip(counts.Ends.Skip(1), (start, end) => end - start));
        Assert.Equal(0, counts.LowerBound(Int128.MinValue));
        Assert.Equal(counts.Values.Length, counts.LowerBound(Int128.MaxValue));
        Assert.Equal(1, counts.LowerBound((Int128)long.MinValue + 1));
    }

    [Fact]
    public void SortedCounts_Cut_TakesTheNearestChangeThatLeavesNoPieceEmpty()
    {
        var counts = new SortedCounts();
        // Runs of 1, 6, 1, 1, 1 rows: they end at 1, 7, 8, 9, 10.
        foreach (var value in (long[])[3, 3, 3, 3, 3, 3, 1, 5, 7, 9]) counts.Add(value);
        counts.Finish();
        Assert.Equal([1], counts.Cut([4]));
        Assert.Equal([2], counts.Cut([5]));
        Assert.Equal([1, 2], counts.Cut([2, 3]));
        Assert.Equal([1, 2, 3, 4], counts.Cut([2, 4, 6, 8]));
        Assert.Equal([1, 2, 3, 4], counts.Cut([0, 0, 0, 0]));
        Assert.Equal([3, 4], counts.Cut([10, 10]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Apportionment_ManyStrata_RoundsEachAndTheTotals(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var strata = Enumerable.Range(0, random.Next(1, 40)).Select(_ => (long)random.Next(1, i % 2 == 0 ? 6 : 1000)).ToArray();
            double[] ratios = [0, random.Next(0, 50) / 100.0, random.Next(1, 50) / 100.0];
            ratios[0] = 1 - ratios[1] - ratios[2];
            if (strata.Sum() < 3) continue;
            var totals = Apportionment.Share(strata.Sum(), ratios);
            var table = Apportionment.Share(strata, ratios, totals);
            Assert.Equal(strata, table.Select(shares => shares.Sum()));
            Assert.Equal(totals, Enumerable.Range(0, 3).Select(part => table.Sum(shares => shares[part])));
            if (ratios.Any(ratio => ratio > 0 && ratio * strata.Sum() < 1)) continue;
            for (var stratum = 0; stratum < strata.Length; stratum++)
            {
                for (var part = 0; part < 3; part++) Assert.InRange(table[stratum][part], strata[stratum] * ratios[part] - 1 + 1e-9, strata[stratum] * ratios[part] + 1 - 1e-9);
            }
        }
    }

    [Fact]
    public void Apportionment_SharesThatAreWholeRows_AreExact()
    {
        Assert.Equal([70L, 10, 20], Apportionment.Share(100, [1 - 0.1 - 0.2, 0.1, 0.2]));
        Assert.Equal([2_100_000_000L, 300_000_000, 600_000_000], Apportionment.Share(3_000_000_000, [1 - 0.1 - 0.2, 0.1, 0.2]));
        // A quarter of two rows each: of equal remainders training has the first.
        Assert.Equal([2L, 0, 1], Apportionment.Share(3, [0.5, 0, 0.5]));
        Assert.Equal([[2, 2, 1], [1, 1, 2]], Apportionment.Deal([5, 4], 3));
    }
}
