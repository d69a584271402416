using Mlops.Data;

namespace Mlops.Monitoring.Tests;

/// <summary>Makes columns and datasets of known distributions.</summary>
internal static class DriftData
{
    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static (ColumnSchema, Column) Numbers(string name, int rows, Func<int, double> value, ColumnRole role = ColumnRole.Feature)
        => (new ColumnSchema(name, ElementType.Float64, role), new Column<double>([.. Enumerable.Range(0, rows).Select(value)]));

    public static (ColumnSchema, Column) Normals(string name, int rows, int seed, double shift = 0)
    {
        var random = new Random(seed);
        return Numbers(name, rows, _ => Normal(random) + shift);
    }

    public static (ColumnSchema, Column) Texts(string name, int rows, Func<int, string?> value, ColumnRole role = ColumnRole.Feature)
        => (new ColumnSchema(name, ElementType.String, role), TextColumn.FromStrings([.. Enumerable.Range(0, rows).Select(value)]));

    public static (ColumnSchema, Column) Flags(string name, int rows, Func<int, bool> value)
        => (new ColumnSchema(name, ElementType.Boolean), new Column<bool>([.. Enumerable.Range(0, rows).Select(value)]));

    public static (ColumnSchema, Column) Vectors(string name, int rows, int width, int seed, double shift = 0)
    {
        var random = new Random(seed);
        return (new ColumnSchema(name, ElementType.Float32) { Width = width }, new Column<float>([.. Enumerable.Range(0, rows * width).Select(_ => (float)(Normal(random) + shift))], null, width));
    }

    /// <summary>Reads like a file: batch by batch, and not as what it is.</summary>
    public static IDataset Streamed(InMemoryDataset dataset) => new StreamedDataset(dataset);

    private sealed class StreamedDataset(InMemoryDataset inner) : IDataset
    {
        public string Name => inner.Name;

        public DataSchema Schema => inner.Schema;

        public IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, CancellationToken cancellationToken = default)
            => inner.ReadAsync(new ReadOptions { Columns = options?.Columns, BatchRows = 100 }, cancellationToken);
    }
}
