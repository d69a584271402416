using Mlops.Data;

namespace Mlops.Monitoring.Tests;

/// <summary>Datasets of one feature and the time of each row.</summary>
internal static class ChunkData
{
    public static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Makes rows an hour apart.</summary>
    public static InMemoryDataset Create(int rows, Func<Random, int, double> getValue, int seed = 1, int batchRows = 700)
    {
        var random = new Random(seed);
        var schema = new DataSchema([new ColumnSchema("at", ElementType.Timestamp, ColumnRole.Time), new ColumnSchema("value", ElementType.Float64)]);
        var values = Enumerable.Range(0, rows).Select(row => (At: Start.AddHours(row), Value: getValue(random, row))).ToArray();
        return new InMemoryDataset("data", schema, values.Chunk(batchRows).Select(part => new DataBatch(
            schema, new Column<DateTime>(part.Select(row => row.At).ToArray()), new Column<double>(part.Select(row => row.Value).ToArray()))));
    }
}
