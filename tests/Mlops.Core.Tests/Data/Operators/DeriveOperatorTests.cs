using System.Numerics.Tensors;
using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class DeriveOperatorTests
{
    private static readonly InMemoryDataset s_data = RandomData.Create(7, 300);

    [Fact]
    public async Task Derive_EveryForm_GivesWhatLinqGives()
    {
        var rows = await DatasetRows.ReadAsync(s_data);
        async Task AssertDerivedAsync(IDataset actual, ElementType type, bool isNullable, Func<object?[], object?> expected)
        {
            Assert.Equal(type, actual.Schema["new"].Type);
            Assert.Equal(isNullable, actual.Schema["new"].IsNullable);
            DatasetRows.AssertSame([.. rows.Select(row => (object?[])[.. row, expected(row)])], await DatasetRows.ReadLawfullyAsync(actual));
        }

        await AssertDerivedAsync(s_data.Derive("new", "id", (int id) => id * 2L), ElementType.Int64, false, row => (int)row[0]! * 2L);
        await AssertDerivedAsync(s_data.Derive("new", "key", (double key) => key / 2), ElementType.Float64, true, row => row[1] is long key ? key / 2.0 : null);
        await AssertDerivedAsync(s_data.Derive("new", "key", (double? key) => key ?? -1), ElementType.Float64, false, row => row[1] is long key ? (double)key : -1.0);
        await AssertDerivedAsync(s_data.Derive("new", "key", (long key) => key > 3 ? key : (long?)null), ElementType.Int64, true, row => row[1] is > 3L ? row[1] : null);
        await AssertDerivedAsync(s_data.Derive("new", "city", (string city) => city.ToUpperInvariant()), ElementType.String, true, row => ((string?)row[2])?.ToUpperInvariant());
        await AssertDerivedAsync(s_data.Derive("new", "city", (string city) => city.Length == 4 ? null : city), ElementType.String, true, row => row[2] is string { Length: 4 } ? null : row[2]);
        await AssertDerivedAsync(s_data.Derive("new", "name", (string name) => (short)name.Length), ElementType.Int16, true, row => (short?)((string?)row[3])?.Length);
        await AssertDerivedAsync(s_data.Derive("new", "flag", (bool flag) => flag ? "yes" : "no"), ElementType.String, true, row => row[7] is bool flag ? flag ? "yes" : "no" : null);
        await AssertDerivedAsync(s_data.Derive("new", "time", (DateTime time) => DateOnly.FromDateTime(time)), ElementType.Date, true, row => row[5] is DateTime time ? DateOnly.FromDateTime(time) : null);
        await AssertDerivedAsync(s_data.Derive("new", "key", "city", (long key, string city) => $"{city}{key}"), ElementType.String, true, row => row[1] is null || row[2] is null ? null : $"{row[2]}{row[1]}");
        await AssertDerivedAsync(s_data.Derive("new", "id", "key", (int id, long? key) => id + (key ?? 0)), ElementType.Int64, false, row => (int)row[0]! + ((long?)row[1] ?? 0));
        await AssertDerivedAsync(s_data.Derive("new", "id", "id", (int one, int other) => one * other), ElementType.Int32, false, row => (int)row[0]! * (int)row[0]!);
        await AssertDerivedAsync(s_data.Derive<double, double>("new", "amount", TensorPrimitives.Abs), ElementType.Float64, true, row => row[4] is double amount ? Math.Abs(amount) : null);
        await AssertDerivedAsync(s_data.Derive<double, double, double>("new", "amount", "key", TensorPrimitives.Add), ElementType.Float64, true, row => (double?)row[4] + (long?)row[1]);
        await AssertDerivedAsync(s_data.Derive<float, float>("new", "vector", TensorPrimitives.Negate), ElementType.Float32, true, row => ((float[]?)row[8])?.Select(value => -value).ToArray());
        await AssertDerivedAsync(
            s_data.Derive(new ColumnSchema("new", ElementType.Int32) { IsNullable = false }, ["city", "day"], batch => new Column<int>([.. Enumerable.Range(0, batch.RowCount).Select(row => (batch[0].IsNull(row) ? 1 : 0) + (batch[1].IsNull(row) ? 1 : 0))])),
            ElementType.Int32, false, row => (row[2] is null ? 1 : 0) + (row[6] is null ? 1 : 0));
    }

    [Fact]
    public async Task Derive_ExistingName_ReplacesItInItsPlaceAndRole()
    {
        var made = s_data.Derive("amount", "amount", (double amount) => amount > 0);
        Assert.Equal(s_data.Schema.Select(column => (column.Name, column.Role)), made.Schema.Select(column => (column.Name, column.Role)));
        Assert.Equal(ElementType.Boolean, made.Schema["amount"].Type);
        DatasetRows.AssertSame(
            [.. (await DatasetRows.ReadAsync(s_data)).Select(row => (object?[])[.. row[..4], row[4] is double amount ? amount > 0 : null, .. row[5..]])],
            await DatasetRows.ReadLawfullyAsync(made));
    }

    [Fact]
    public async Task Derive_ReadsItsInputsOnlyWhenTheColumnIsWanted()
    {
        var source = new RecordingDataset(s_data);
        var made = source.Derive("new", "key", "id", (long key, int id) => key + id);
        await DatasetRows.ReadAsync(made, new ReadOptions { Columns = ["city", "new"] });
        Assert.Equal(["city", "key", "id"], source.ColumnsRead!);
        source.Reads.Clear();
        await DatasetRows.ReadAsync(made, new ReadOptions { Columns = ["city"] });
        Assert.Equal(["city"], source.ColumnsRead!);
    }

    [Fact]
    public async Task Derive_WrongColumnMade_NamesIt()
    {
        var wrong = s_data.Derive(new ColumnSchema("new", ElementType.Int32), ["id"], _ => new Column<int>([1]));
        Assert.Contains("'new'", (await Assert.ThrowsAsync<InvalidOperationException>(() => DatasetRows.ReadAsync(wrong))).Message);
        wrong = s_data.Derive(new ColumnSchema("new", ElementType.Int32), ["id"], batch => new Column<long>(new long[batch.RowCount]));
        Assert.Contains("Int64", (await Assert.ThrowsAsync<InvalidOperationException>(() => DatasetRows.ReadAsync(wrong))).Message);
        Assert.Throws<ArgumentException>(() => s_data.Derive(new ColumnSchema("new", ElementType.Int32), [], batch => batch[0]));
        Assert.Throws<NotSupportedException>(() => s_data.Derive("new", "id", (int id) => (decimal)id));
    }
}
