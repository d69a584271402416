using System.Numerics.Tensors;
using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class RowOperatorTests
{
    private static readonly InMemoryDataset s_data = RandomData.Create(7, 500);

    [Fact]
    public async Task Where_EveryForm_GivesWhatLinqGives()
    {
        var rows = await DatasetRows.ReadAsync(s_data);
        async Task AssertKeptAsync(IDataset actual, Func<object?[], bool> expected) => DatasetRows.AssertSame([.. rows.Where(expected)], await DatasetRows.ReadLawfullyAsync(actual));

        await AssertKeptAsync(s_data.Where((batch, row) => ((Column<int>)batch["id"]).Values[row] % 3 == 0), row => (int)row[0]! % 3 == 0);
        await AssertKeptAsync(s_data.Where(["flag", "id"], (batch, row) => batch[0].IsNull(row) && ((Column<int>)batch[1]).Values[row] > 9), row => row[7] is null && (int)row[0]! > 9);
        await AssertKeptAsync(s_data.Where("key", (long key) => key < 3), row => row[1] is < 3L);
        await AssertKeptAsync(s_data.Where("key", (double key) => key < 3), row => row[1] is < 3L);
        await AssertKeptAsync(s_data.Where("key", (long? key) => key is null or > 4), row => row[1] is null or > 4L);
        await AssertKeptAsync(s_data.Where("city", (string city) => city.Length > 4), row => row[2] is string { Length: > 4 });
        await AssertKeptAsync(s_data.Where("name", (string name) => name.EndsWith('7')), row => row[3] is string name && name.EndsWith('7'));
        await AssertKeptAsync(s_data.Where("flag", (bool flag) => !flag), row => row[7] is false);
        await AssertKeptAsync(s_data.Where("day", (DateOnly day) => day.Day == 5), row => row[6] is DateOnly { Day: 5 });
        await AssertKeptAsync(s_data.Where("amount", (ReadOnlySpan<double> values, Span<bool> kept) => TensorPrimitives.IsNaN(values, kept)), row => row[4] is double.NaN);
        // Missing values are zeros in memory: they are not kept, although the filter says so.
        await AssertKeptAsync(s_data.Where("key", (ReadOnlySpan<long> values, Span<bool> kept) => TensorPrimitives.IsZero(values, kept)), row => row[1] is 0L);
        await AssertKeptAsync(s_data.Where("vector", (ReadOnlySpan<float> values, Span<bool> kept) => FirstIsOne(values, kept)), row => row[8] is float[] and [1, ..]);
        await AssertKeptAsync(s_data.Where("id", (int _) => false), _ => false);
        await AssertKeptAsync(s_data.WhereNotNull("city", "flag"), row => row[2] is not null && row[7] is not null);
        await AssertKeptAsync(s_data.WhereNotNull(), row => row.All(value => value is not null));
    }

    [Fact]
    public void Where_WrongType_SaysWhichIsRight()
    {
        Assert.Contains("'city'", Assert.Throws<ArgumentException>(() => s_data.Where("city", (double _) => true)).Message);
        Assert.Contains("double", Assert.Throws<ArgumentException>(() => s_data.Where("key", (int _) => true)).Message);
        Assert.Contains("3 elements", Assert.Throws<ArgumentException>(() => s_data.Where("vector", (float _) => true)).Message);
        Assert.Equal("nowhere", Assert.Throws<EntityNotFoundException>(() => s_data.Where("nowhere", (float _) => true)).Name);
    }

    [Fact]
    public async Task Where_ReadsOnlyTheColumnsNeeded()
    {
        var source = new RecordingDataset(s_data);
        await DatasetRows.ReadAsync(source.Where("day", (DateOnly day) => day.Day > 3).Where("key", (long key) => key > 1).Rename("city", "town"), new ReadOptions { Columns = ["town"], BatchRows = 17 });
        Assert.Equal(["city", "key", "day"], source.ColumnsRead!);
        Assert.Equal(17, source.Reads.Single()!.BatchRows);
    }

    [Theory]
    [InlineData("city")]
    [InlineData("amount")]
    [InlineData("key", "flag")]
    [InlineData("vector")]
    [InlineData("city", "vector", "key")]
    public async Task Distinct_SomeKeys_KeepsTheFirstRowOfEach(params string[] keys)
    {
        int[] ordinals = [.. keys.Select(s_data.Schema.IndexOf)];
        // The two zeros are one number.
        var expected = (await DatasetRows.ReadAsync(s_data)).DistinctBy(row => DatasetRows.Show([.. ordinals.Select(i => row[i] is 0.0 ? 0.0 : row[i])]));
        DatasetRows.AssertSame([.. expected], await DatasetRows.ReadLawfullyAsync(s_data.Distinct(keys)));
    }

    [Fact]
    public async Task Distinct_NoKeys_ComparesWholeRows()
    {
        Assert.Equal(500, (await DatasetRows.ReadAsync(s_data.Concat(s_data).Distinct())).Count);
        Assert.Equal(await DatasetRows.ReadAsync(s_data.Select("key").Distinct()), await DatasetRows.ReadAsync(s_data.Select("key").Union(s_data.Select("key"))));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(63, 65)]
    [InlineData(499, 7)]
    [InlineData(500, 7)]
    [InlineData(10, 9999)]
    public async Task SkipAndTake_AnyNumbers_GiveWhatLinqGives(int skip, int take)
        => DatasetRows.AssertSame([.. (await DatasetRows.ReadAsync(s_data)).Skip(skip).Take(take)], await DatasetRows.ReadLawfullyAsync(s_data.Skip(skip).Take(take)));

    [Fact]
    public async Task Take_FewRows_ReadsNoFurther()
    {
        var source = new RecordingDataset(s_data);
        Assert.Equal(10, (await DatasetRows.ReadAsync(source.Take(10))).Count);
        Assert.InRange(source.RowsDelivered, 10, 10);
        Assert.Empty(await DatasetRows.ReadAsync(source.Take(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Take(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Skip(-1));
    }

    private static void FirstIsOne(ReadOnlySpan<float> values, Span<bool> kept)
    {
        for (var row = 0; row < kept.Length; row++) kept[row] = values[row * 3] == 1;
    }
}
