using Mlops.Data;

namespace Mlops.Core.Tests.Data.Catalog;

/// <summary>Makes datasets for the tests of the catalog.</summary>
internal static class CatalogRows
{
    private static readonly string[] s_cities = ["Linköping", "São Paulo", "東京", "", "Chicago"];

    private static readonly DataSchema s_trips = new(
        new ColumnSchema("id", ElementType.Int64, ColumnRole.Key),
        new ColumnSchema("fare", ElementType.Float64),
        new ColumnSchema("city", ElementType.String),
        new ColumnSchema("note", ElementType.String));

    /// <summary>Makes trips whose values depend on their numbers alone.</summary>
    public static InMemoryDataset Trips(IEnumerable<int> ids, int batchRows = 1000)
        => new("trips", s_trips, ids.Chunk(batchRows).Select(part => new DataBatch(
            s_trips,
            new Column<long>([.. part.Select(id => (long)id)]),
            new Column<double>([.. part.Select(Fare)]),
            TextColumn.FromStrings([.. part.Select(id => s_cities[id % s_cities.Length])]),
            TextColumn.FromStrings([.. part.Select(id => id % 9 == 0 ? null : $"trip {id * 7919L} by {id % 101}")]))));

    /// <summary>Makes rows with every type of column, vectors and missing values.</summary>
    public static InMemoryDataset AllTypes(int rows, int seed, int batchRows = 100, int nullsIn = 5)
    {
        var random = new Random(seed);
        var schema = new DataSchema(
            new ColumnSchema("boolean", ElementType.Boolean),
            new ColumnSchema("int8", ElementType.Int8),
            new ColumnSchema("int16", ElementType.Int16),
            new ColumnSchema("int32", ElementType.Int32),
            new ColumnSchema("int64", ElementType.Int64, ColumnRole.Key) { IsNullable = false },
            new ColumnSchema("uint8", ElementType.UInt8),
            new ColumnSchema("uint16", ElementType.UInt16),
            new ColumnSchema("uint32", ElementType.UInt32),
            new ColumnSchema("uint64", ElementType.UInt64),
            new ColumnSchema("float16", ElementType.Float16),
            new ColumnSchema("float32", ElementType.Float32, ColumnRole.Label),
            new ColumnSchema("float64", ElementType.Float64),
            new ColumnSchema("few", ElementType.String, ColumnRole.Group),
            new ColumnSchema("many", ElementType.String),
            new ColumnSchema("date", ElementType.Date),
            new ColumnSchema("timestamp", ElementType.Timestamp, ColumnRole.Time),
            new ColumnSchema("vector", ElementType.Float32) { Width = 3 },
            new ColumnSchema("flags", ElementType.Boolean) { Width = 2 });
        return new InMemoryDataset("all types", schema, Enumerable.Range(0, rows).Chunk(batchRows).Select(part => Batch(part.Length)));

        DataBatch Batch(int count) => new(
            schema,
            Values(count, () => random.Next(2) == 1),
            Values(count, () => (sbyte)random.Next(-128, 128)),
            Values(count, () => (short)random.Next(-30000, 30000)),
            Values(count, () => random.Next()),
            Values(count, () => random.NextInt64()),
            Values(count, () => (byte)random.Next(256)),
            Values(count, () => (ushort)random.Next(60000)),
            Values(count, () => (uint)random.NextInt64(uint.MaxValue)),
            Values(count, () => (ulong)random.NextInt64()),
            Values(count, () => (Half)random.NextDouble()),
            Values(count, () => random.Next(9) == 0 ? float.NaN : random.NextSingle()),
            Values(count, () => random.Next(9) == 0 ? double.NegativeInfinity : random.NextDouble()),
            TextColumn.FromStrings([.. Enumerable.Range(0, count).Select(_ => IsNull() ? null : s_cities[random.Next(s_cities.Length)])]),
            TextColumn.FromStrings([.. Enumerable.Range(0, count).Select(_ => IsNull() ? null : $"{random.NextInt64():x}")]),
            Values(count, () => DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber + 1))),
            Values(count, () => new DateTime(random.NextInt64(DateTime.MaxValue.Ticks + 1), DateTimeKind.Utc)),
            Values(count, () => random.NextSingle(), 3),
            Values(count, () => random.Next(2) == 1, 2));

        Column<T> Values<T>(int count, Func<T> next, int width = 1)
            where T : unmanaged
        {
            var builder = new ColumnBuilder<T>(count, width);
            for (var row = 0; row < count; row++)
            {
                if (IsNull()) builder.AppendNull();
                else builder.Append([.. Enumerable.Range(0, width).Select(_ => next())]);
            }

            return builder.Build();
        }

        bool IsNull() => nullsIn > 0 && random.Next(nullsIn) == 0;
    }

    /// <summary>Reads all rows as objects.</summary>
    public static async Task<List<object?[]>> ReadAsync(IDataset dataset, ReadOptions? options = null)
    {
        var rows = new List<object?[]>();
        await foreach (var batch in dataset.ReadAsync(options, TestContext.Current.CancellationToken))
        {
            for (var row = 0; row < batch.RowCount; row++) rows.Add([.. Enumerable.Range(0, batch.Schema.Count).Select(column => batch[column].GetValue(row))]);
        }

        return rows;
    }

    private static double Fare(int id) => Math.Sqrt(id + 1);
}
