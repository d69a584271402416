using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class SampleOperatorTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(3, 5)]
    [InlineData(5, 5)]
    [InlineData(500, 1)]
    [InlineData(500, 60)]
    [InlineData(30_000, 40)]
    public async Task Sample_AnyRows_DrawsSoManyInTheirOrder(int rows, int count)
    {
        var data = RandomData.Create(1, rows).Select("id", "city", "vector");
        var all = (await DatasetRows.ReadAsync(data)).ToDictionary(row => (int)row[0]!, DatasetRows.Show);
        var sample = rows > 1000 ? await DatasetRows.ReadAsync(data.Sample(count, seed: 3)) : await DatasetRows.ReadLawfullyAsync(data.Sample(count, seed: 3));

        Assert.Equal(Math.Min(rows, count), sample.Count);
        Assert.Equal(sample.Select(row => (int)row[0]!).Distinct().Order(), sample.Select(row => (int)row[0]!));
        Assert.All(sample, row => Assert.Equal(all[(int)row[0]!], DatasetRows.Show(row)));
    }

    [Fact]
    public async Task Sample_SameSeed_DrawsTheSameRowsOnEveryPlatform()
    {
        // Computed by another implementation of the same algorithms, in Python: another machine, or a later version, must not draw others.
        Assert.Equal((int[])[134, 223, 225, 323, 510, 650, 666, 928], await IdsAsync(RandomData.Create(1, 1000).Sample(8, seed: 42)));
        Assert.NotEqual(await IdsAsync(RandomData.Create(1, 1000).Sample(8, seed: 42)), await IdsAsync(RandomData.Create(1, 1000).Sample(8, seed: 43)));
        // Neither the batches of the source matter.
        Assert.Equal(await IdsAsync(RandomData.Create(1, 1000).Sample(8, seed: 42)), await IdsAsync(RandomData.Create(1, 1000).Rebatch(11).Sample(8, seed: 42)));
    }

    [Fact]
    public async Task Sample_ManySeeds_DrawsEachRowEquallyOften()
    {
        const int Rows = 20, Count = 5, Seeds = 4000;
        var data = RandomData.Create(1, Rows).Select("id");
        var drawn = new int[Rows];
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            foreach (var id in await IdsAsync(data.Sample(Count, seed))) drawn[id]++;
        }

        // Each count is binomial(4000, 1/4): mean 1000, standard deviation 27; fixed seeds, so this does not flicker.
        Assert.All(drawn, count => Assert.InRange(count, 1000 - 110, 1000 + 110));
    }

    [Fact]
    public async Task SampleFraction_AnyRows_DrawsAboutSoMany()
    {
        var data = RandomData.Create(1, 20_000).Select("id");
        Assert.Empty(await IdsAsync(data.SampleFraction(0, seed: 1)));
        Assert.Equal(20_000, (await IdsAsync(data.SampleFraction(1, seed: 1))).Length);
        for (ulong seed = 0; seed < 5; seed++)
        {
            var third = await IdsAsync(data.SampleFraction(0.3, seed));
            // Binomial(20000, 0.3): mean 6000, standard deviation 65.
            Assert.InRange(third.Length, 6000 - 260, 6000 + 260);
            // More of the same: a larger fraction holds the smaller one.
            Assert.Empty(third.Except(await IdsAsync(data.SampleFraction(0.5, seed))));
        }
    }

    [Fact]
    public async Task SampleFraction_SameSeed_DrawsTheSameRowsOnEveryPlatform()
    {
        var data = RandomData.Create(1, 60).Select("id");
        Assert.Equal((int[])[3, 5, 23], await IdsAsync(data.SampleFraction(0.1, seed: 42)));
        await DatasetRows.ReadLawfullyAsync(RandomData.Create(1, 300).SampleFraction(0.3, seed: 7));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.SampleFraction(double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.SampleFraction(1.1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Sample(0, 1));
    }

    private static async Task<int[]> IdsAsync(IDataset data) => [.. (await DatasetRows.ReadAsync(data, new ReadOptions { Columns = ["id"] })).Select(row => (int)row[0]!)];
}
