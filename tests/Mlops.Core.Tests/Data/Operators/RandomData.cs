using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>Seeded datasets with everything that is awkward: missing values, NaN, repeated texts, vectors, batches of odd sizes.</summary>
internal static class RandomData
{
    private static readonly DateTime s_start = new(2024, 5, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] s_cities = ["Rome", "Oslo", "Ürümqi", "", "東京", "𝔊raz"];

    /// <summary>Columns id (row number), key, city, name, amount, time, day, flag, vector.</summary>
    public static InMemoryDataset Create(int seed, int rows, string name = "data", int keys = 8, double nulls = 0.15)
    {
        var random = new Random(seed);
        var schema = new DataSchema(
            new ColumnSchema("id", ElementType.Int32, ColumnRole.Key) { IsNullable = false },
            new ColumnSchema("key", ElementType.Int64, ColumnRole.Group),
            new ColumnSchema("city", ElementType.String),
            new ColumnSchema("name", ElementType.String, ColumnRole.Ignored),
            new ColumnSchema("amount", ElementType.Float64, ColumnRole.Label),
            new ColumnSchema("time", ElementType.Timestamp, ColumnRole.Time),
            new ColumnSchema("day", ElementType.Date),
            new ColumnSchema("flag", ElementType.Boolean),
            new ColumnSchema("vector", ElementType.Float32) { Width = 3 });
        var batches = new List<DataBatch>();
        for (var first = 0; first < rows;)
        {
            var count = Math.Min(rows - first, random.Next(1, 100));
            batches.Add(CreateBatch(schema, random, first, count, keys, nulls));
            first += count;
        }

        return new InMemoryDataset(name, schema, batches);
    }

    private static DataBatch CreateBatch(DataSchema schema, Random random, int first, int count, int keys, double nulls)
    {
        var (ids, key, city, name) = (new ColumnBuilder<int>(), new ColumnBuilder<long>(), new TextColumnBuilder(), new TextColumnBuilder());
        var (amount, time, day, flag, vector) = (new ColumnBuilder<double>(), new ColumnBuilder<DateTime>(), new ColumnBuilder<DateOnly>(), new ColumnBuilder<bool>(), new ColumnBuilder<float>(width: 3));
        for (var row = 0; row < count; row++)
        {
            ids.Append(first + row);
            key.Append(IsNull() ? null : random.Next(keys));
            if (IsNull()) city.AppendNull();
            else city.Append(s_cities[random.Next(s_cities.Length)]);
            if (IsNull()) name.AppendNull();
            else name.Append($"n{random.Next(100_000)}");
            amount.Append(IsNull() ? null : random.Next(10) switch { 0 => double.NaN, 1 => -0.0, 2 => 0.0, 3 => double.NegativeInfinity, _ => Math.Round(random.NextDouble() * 20) - 10 });
            time.Append(IsNull() ? null : s_start.AddSeconds(random.Next(60)));
            day.Append(IsNull() ? null : new DateOnly(2024, 1, 1).AddDays(random.Next(30)));
            flag.Append(IsNull() ? null : random.Next(2) == 0);
            if (IsNull()) vector.AppendNull();
            else vector.Append([random.Next(3), random.Next(3), -1.5f]);
        }

        return new DataBatch(schema, ids.Build(), key.Build(), city.Build(), name.Build(), amount.Build(), time.Build(), day.Build(), flag.Build(), vector.Build());

        bool IsNull() => random.NextDouble() < nulls;
    }
}
