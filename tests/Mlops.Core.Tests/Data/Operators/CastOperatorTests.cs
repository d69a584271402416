using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class CastOperatorTests
{
    private static readonly DateTime s_noon = new(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly ElementType[] s_types = Enum.GetValues<ElementType>();

    public static TheoryData<object, ElementType, object?> Values() => new()
    {
        { 5, ElementType.Int64, 5L }, { -5, ElementType.Int8, (sbyte)-5 }, { 128, ElementType.Int8, null }, { -1, ElementType.UInt64, null }, { 255, ElementType.UInt8, (byte)255 }, { 256, ElementType.UInt8, null },
        { long.MaxValue, ElementType.UInt64, (ulong)long.MaxValue }, { ulong.MaxValue, ElementType.Int64, null }, { long.MinValue, ElementType.Float64, (double)long.MinValue },
        { long.MaxValue, ElementType.Float64, null }, { 1L << 53, ElementType.Float64, 9007199254740992.0 }, { (1L << 53) + 1, ElementType.Float64, null }, { ulong.MaxValue, ElementType.Float32, null },
        { (1 << 24) + 1, ElementType.Float32, null }, { 2048, ElementType.Float16, (Half)2048 }, { 2049, ElementType.Float16, null }, { 70000, ElementType.Float16, null },
        { 3.0, ElementType.Int32, 3 }, { -0.0, ElementType.UInt8, (byte)0 }, { 3.5, ElementType.Int32, null }, { double.NaN, ElementType.Int32, null }, { double.PositiveInfinity, ElementType.Int64, null },
        { 9223372036854775808.0, ElementType.Int64, null }, { -9223372036854775808.0, ElementType.Int64, long.MinValue }, { 18446744073709551616.0, ElementType.UInt64, null }, { 1e300, ElementType.UInt64, null },
        { 0.1, ElementType.Float32, 0.1f }, { 1e300, ElementType.Float32, null }, { double.NegativeInfinity, ElementType.Float32, float.NegativeInfinity }, { double.NaN, ElementType.Float32, float.NaN },
        { 0.1f, ElementType.Float64, (double)0.1f }, { 70000.0, ElementType.Float16, null }, { (Half)0.5, ElementType.Float32, 0.5f },
        { true, ElementType.Int32, 1 }, { false, ElementType.Float32, 0f }, { 1, ElementType.Boolean, true }, { 0.0, ElementType.Boolean, false }, { 2, ElementType.Boolean, null }, { 0.5, ElementType.Boolean, null },
        { "7", ElementType.Int32, 7 }, { "-7", ElementType.UInt32, null }, { "7.0", ElementType.Int32, null }, { "7 kg", ElementType.Int32, null }, { "7,000", ElementType.Float64, null }, { "", ElementType.Float64, null },
        { "18446744073709551615", ElementType.UInt64, ulong.MaxValue }, { "1e3", ElementType.Float64, 1000.0 }, { "NaN", ElementType.Float64, double.NaN }, { "-Infinity", ElementType.Float32, float.NegativeInfinity }, { "inf", ElementType.Float64, double.PositiveInfinity }, { "170141183460469231731687303715884105728", ElementType.Int64, null },
        { "1e999", ElementType.Float64, null }, { "TRUE", ElementType.Boolean, true }, { "false", ElementType.Boolean, false }, { "t", ElementType.Boolean, true }, { "0", ElementType.Boolean, false }, { "yes", ElementType.Boolean, null },
        { "2024-05-01", ElementType.Date, new DateOnly(2024, 5, 1) }, { "2024-5-1", ElementType.Date, null }, { "2024-02-30", ElementType.Date, null },
        { "2024-05-01T12:00:00Z", ElementType.Timestamp, s_noon }, { "2024-05-01T14:00:00+02:00", ElementType.Timestamp, s_noon }, { "noon", ElementType.Timestamp, null },
        { 5, ElementType.String, "5" }, { 0.1, ElementType.String, "0.1" }, { 1e21, ElementType.String, "1E+21" }, { double.NaN, ElementType.String, "NaN" }, { ulong.MaxValue, ElementType.String, "18446744073709551615" },
        { true, ElementType.String, "true" }, { new DateOnly(2024, 5, 1), ElementType.String, "2024-05-01" }, { s_noon, ElementType.String, "2024-05-01T12:00:00Z" }, { s_noon.AddTicks(1), ElementType.String, "2024-05-01T12:00:00.0000001Z" },
        { new DateOnly(2024, 5, 1), ElementType.Timestamp, s_noon.Date }, { s_noon.Date, ElementType.Date, new DateOnly(2024, 5, 1) }, { s_noon, ElementType.Date, null },
        { new DateOnly(1970, 1, 11), ElementType.Int32, 10 }, { -1, ElementType.Date, new DateOnly(1969, 12, 31) }, { int.MaxValue, ElementType.Date, null }, { 10.0, ElementType.Date, new DateOnly(1970, 1, 11) }, { 10.5, ElementType.Date, null },
        { 1714564800L, ElementType.Timestamp, s_noon }, { s_noon, ElementType.Int64, 1714564800L }, { s_noon.AddTicks(1), ElementType.Int64, null }, { long.MaxValue, ElementType.Timestamp, null }, { s_noon.AddMilliseconds(500), ElementType.Float64, 1714564800.5 },
        { 1714564800.5, ElementType.Timestamp, s_noon.AddMilliseconds(500) }, { -0.5, ElementType.Timestamp, DateTime.UnixEpoch.AddSeconds(-0.5) }, { double.NaN, ElementType.Timestamp, null }, { 1e15, ElementType.Timestamp, null }, { -62135596801.0, ElementType.Timestamp, null },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Cast_Value_KeepsItsMeaningOrFails(object value, ElementType type, object? expected)
    {
        // Behind other rows, and a missing one.
        var data = Single(value).Concat(Single(null, value), Single(value));
        var cast = await DatasetRows.ReadAsync(data.Cast("x", type, CastFailure.Null));
        Assert.Equal([expected, null, expected], cast.Select(row => row[0]));
        Assert.All(cast, row => Assert.IsType(expected?.GetType() ?? typeof(object), row[0] ?? expected ?? new object()));

        if (expected is not null)
        {
            DatasetRows.AssertSame(cast, await DatasetRows.ReadAsync(data.Cast("x", type)));
            return;
        }

        var behind = Single(null, value).Concat(Single(value));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => DatasetRows.ReadAsync(behind.Cast("x", type)));
        Assert.Equal("x", error.Column);
        Assert.Contains("row 2 ", error.Message);
        Assert.Contains(type.ToString(), error.Message);
    }

    [Fact]
    public async Task Cast_ThereAndBack_GivesTheSame()
    {
        var data = RandomData.Create(3, 300);
        var rows = await DatasetRows.ReadAsync(data);
        foreach (var (column, types) in new (string, ElementType[])[]
        {
            ("id", [ElementType.Int64, ElementType.UInt32, ElementType.Float64, ElementType.String, ElementType.Date, ElementType.Timestamp]),
            ("key", [ElementType.Int8, ElementType.UInt64, ElementType.Float16, ElementType.Float32, ElementType.String]),
            ("amount", [ElementType.Float32, ElementType.Float16]),
            ("time", [ElementType.Float64, ElementType.Int64, ElementType.String]),
            ("day", [ElementType.Timestamp, ElementType.Int32, ElementType.UInt16, ElementType.Float64, ElementType.String]),
            ("flag", [ElementType.Int8, ElementType.Float64, ElementType.String]),
            ("vector", [ElementType.Float64, ElementType.Float16]),
        })
        {
            foreach (var type in types) DatasetRows.AssertSame(rows, await DatasetRows.ReadLawfullyAsync(data.Cast(column, type).Cast(column, data.Schema[column].Type)));
        }

        // Texts keep the zero's sign and every digit.
        var exact = data.Select("amount").Derive("amount", "amount", (double amount) => amount / 3);
        DatasetRows.AssertSame(await DatasetRows.ReadAsync(exact), await DatasetRows.ReadAsync(exact.Cast("amount", ElementType.String).Cast("amount", ElementType.Float64)));
    }

    [Fact]
    public void Cast_EveryPairOfTypes_IsPossibleOrRefused()
    {
        foreach (var from in s_types)
        {
            foreach (var to in s_types)
            {
                bool IsTime(ElementType type) => type is ElementType.Date or ElementType.Timestamp;
                bool IsNarrow(ElementType type) => type is ElementType.Boolean or ElementType.Float16 or ElementType.Float32;
                var data = new InMemoryDataset("data", new DataSchema(new ColumnSchema("x", from, ColumnRole.Weight)));
                if ((IsTime(from) && IsNarrow(to)) || (IsTime(to) && IsNarrow(from))) Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => data.Cast("x", to)).Message);
                else Assert.Equal(new ColumnSchema("x", to, ColumnRole.Weight), data.Cast("x", to).Schema["x"]);
            }
        }
    }

    [Fact]
    public async Task Cast_Vectors_FailAsWholeRows()
    {
        var data = InMemoryDataset.FromColumns("data", (new ColumnSchema("v", ElementType.Float32) { Width = 2 }, new Column<float>([1, 2, 3, 4.5f, 5, 6], width: 2)));
        DatasetRows.AssertSame([[new[] { 1, 2 }], [null], [new[] { 5, 6 }]], await DatasetRows.ReadAsync(data.Cast("v", ElementType.Int32, CastFailure.Null)));
        Assert.Contains("row 2 ", (await Assert.ThrowsAsync<DataFormatException>(() => DatasetRows.ReadAsync(data.Cast("v", ElementType.Int32)))).Message);
        Assert.Throws<ArgumentException>(() => data.Cast("v", ElementType.String));
    }

    [Fact]
    public async Task Cast_RepetitiveTexts_FailAtTheFirstRowThatFails()
    {
        string?[] texts = [.. Enumerable.Range(0, 100).Select(row => row == 77 || row == 90 ? "x" : row % 10 == 3 ? null : $"{row % 4}")];
        var column = TextColumn.FromStrings(texts);
        Assert.True(column.IsDictionaryEncoded);
        var data = InMemoryDataset.FromColumns("data", (new ColumnSchema("t", ElementType.String), column));
        Assert.Equal(texts.Select(text => text is null or "x" ? (object?)null : int.Parse(text)), (await DatasetRows.ReadLawfullyAsync(data.Cast("t", ElementType.Int32, CastFailure.Null))).Select(row => row[0]));
        foreach (var size in new[] { 10, 4096 })
            Assert.Contains("row 78 ", (await Assert.ThrowsAsync<DataFormatException>(() => DatasetRows.ReadAsync(data.Cast("t", ElementType.Int32), new ReadOptions { BatchRows = size }))).Message);
    }

    [Fact]
    public async Task Cast_Failure_ShowsNoValue()
    {
        var error = await Assert.ThrowsAsync<DataFormatException>(() => DatasetRows.ReadAsync(Single("secret").Cast("x", ElementType.Int32)));
        Assert.DoesNotContain("secret", error.Message);
        // A column that nobody wants is not cast.
        Assert.Empty(await DatasetRows.ReadAsync(Single("secret").Cast("x", ElementType.Int32), new ReadOptions { Columns = [] }));
    }

    private static InMemoryDataset Single(object? value) => Single(value, value!);

    private static InMemoryDataset Single(object? value, object like)
    {
        ulong[] validity = [value is null ? 0UL : 1UL];
        Column column = like switch
        {
            int number => new Column<int>([number], validity),
            long number => new Column<long>([number], validity),
            ulong number => new Column<ulong>([number], validity),
            double number => new Column<double>([number], validity),
            float number => new Column<float>([number], validity),
            Half number => new Column<Half>([number], validity),
            bool truth => new Column<bool>([truth], validity),
            DateOnly day => new Column<DateOnly>([day], validity),
            DateTime moment => new Column<DateTime>([moment], validity),
            _ => TextColumn.FromStrings((string?)value),
        };
        return InMemoryDataset.FromColumns("data", (new ColumnSchema("x", column.Type), column));
    }
}
