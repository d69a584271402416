using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class ColumnOperatorTests
{
    private static readonly InMemoryDataset s_data = RandomData.Create(7, 200);

    [Fact]
    public async Task SelectRenameDrop_Chained_GiveTheColumnsTheyName()
    {
        var source = new RecordingDataset(s_data);
        var made = source.Rename(("id", "key"), ("key", "id")).Select("city", "id", "vector", "key").Drop("vector").WithRole("city", ColumnRole.Sensitive).WithName("made");

        Assert.Equal("made", made.Name);
        Assert.Equal(["city", "id", "key"], made.Schema.Select(column => column.Name));
        Assert.Equal([ColumnRole.Sensitive, ColumnRole.Group, ColumnRole.Key], made.Schema.Select(column => column.Role));
        Assert.Equal([ElementType.String, ElementType.Int64, ElementType.Int32], made.Schema.Select(column => column.Type));
        DatasetRows.AssertSame([.. (await DatasetRows.ReadAsync(s_data)).Select(row => new[] { row[2], row[1], row[0] })], await DatasetRows.ReadLawfullyAsync(made));
        source.Reads.Clear();
        await DatasetRows.ReadAsync(made, new ReadOptions { Columns = ["key"] });
        Assert.Equal(["id"], source.ColumnsRead!);
    }

    [Fact]
    public void Rename_Impossible_IsRefused()
    {
        Assert.Contains("'city'", Assert.Throws<ArgumentException>(() => s_data.Rename("id", "city")).Message);
        Assert.Contains("two names", Assert.Throws<ArgumentException>(() => s_data.Rename(("id", "a"), ("id", "b"))).Message);
        Assert.Throws<EntityNotFoundException>(() => s_data.Rename("nowhere", "a"));
        Assert.Throws<EntityNotFoundException>(() => s_data.Drop("nowhere"));
    }

    [Fact]
    public async Task Read_NoColumns_GivesNoBatches() => Assert.Empty(await DatasetRows.ReadAsync(s_data.Drop("id"), new ReadOptions { Columns = [] }));
}
