using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.Data.Sqlite;
using Mlops.Data;
using Mlops.Tests;
using Npgsql;

namespace Mlops.Core.Tests.Data;

/// <summary>Under one given schema, the same table through each source has equal rows and an equal fingerprint.</summary>
public sealed class SourceEqualityTests(PostgreSqlServer postgres) : IClassFixture<PostgreSqlServer>, IDisposable
{
    private static readonly DataSchema s_schema = new(
        new ColumnSchema("id", ElementType.Int64),
        new ColumnSchema("small", ElementType.Int32),
        new ColumnSchema("amount", ElementType.Float64),
        new ColumnSchema("ratio", ElementType.Float32),
        new ColumnSchema("price", ElementType.Float64),
        new ColumnSchema("active", ElementType.Boolean),
        new ColumnSchema("city", ElementType.String),
        new ColumnSchema("day", ElementType.Date),
        new ColumnSchema("at", ElementType.Timestamp),
        new ColumnSchema("embedding", ElementType.Float32) { Width = 3 });

    private static readonly Row[] s_rows = CreateRows(300);

    private readonly TestDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(4096)]
    public async Task Fingerprint_OfEverySource_IsTheSame(int batchRows)
    {
        var expected = await FingerprintAsync(s_rows.ToDataset("records", s_schema), batchRows);
        Assert.Equal(expected, await FingerprintAsync(s_rows.ToAsyncEnumerable().ToDataset("records", MapRows, s_schema), batchRows));
        Assert.Equal(expected, await FingerprintAsync(new CsvDataset(WriteCsv(",", "table.csv"), s_schema), batchRows));
        Assert.Equal(expected, await FingerprintAsync(new CsvDataset(Compress(WriteCsv("\t", "table.tsv")), s_schema), batchRows));
        Assert.Equal(expected, await FingerprintAsync(new CsvDataset(WriteCsv(",", "wide.csv"), s_schema, new CsvOptions { Parallelism = 3 }), batchRows));
        Assert.Equal(expected, await FingerprintAsync(new JsonLinesDataset(WriteJson("table.jsonl"), s_schema), batchRows));
        Assert.Equal(expected, await FingerprintAsync(new JsonLinesDataset(Compress(WriteJson("table2.jsonl")), s_schema), batchRows));
        Assert.Equal(expected, await FingerprintAsync(CsvDataset.OpenAll(WriteParts(), s_schema), batchRows));
        Assert.Equal(expected, await FingerprintAsync(CsvDataset.OpenAll(WriteParts(), s_schema, new CsvOptions { Parallelism = 2 }), batchRows));
        Assert.Equal(expected, await FingerprintAsync(await CreateSqliteAsync(), batchRows));
        Assert.Equal(expected, await FingerprintAsync(await s_rows.ToDataset("records", s_schema).ToMemoryAsync(Token), batchRows));
    }

    [Fact]
    public async Task Fingerprint_OfPostgreSql_IsTheSame()
    {
        var connectionString = postgres.ConnectionString;
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            await connection.OpenAsync(Token);
            await using (var create = connection.CreateCommand())
            {
                create.CommandText = "CREATE TABLE rows (id bigint, small integer, amount double precision, ratio real, price numeric(12,4), active boolean, city text, day date, at timestamptz, embedding real[])";
                await create.ExecuteNonQueryAsync(Token);
            }

            foreach (var row in s_rows)
            {
                await using var insert = connection.CreateCommand();
                insert.CommandText = "INSERT INTO rows VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
                foreach (var value in row.ToValues()) insert.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
                await insert.ExecuteNonQueryAsync(Token);
            }
        }

        var expected = await FingerprintAsync(s_rows.ToDataset("records", s_schema), 50);
        var dataset = new DbDataset("rows", _ => new(new NpgsqlConnection(connectionString)), "SELECT * FROM rows ORDER BY id", s_schema);
        Assert.Equal(expected, await FingerprintAsync(dataset, 50));

        // What the database declares is the schema, the width of arrays is that of the values, and decimals come with a warning.
        var opened = await DbDataset.OpenAsync("rows", _ => new(new NpgsqlConnection(connectionString)), "SELECT * FROM rows ORDER BY id", cancellationToken: Token);
        Assert.Equal(s_schema, opened.Schema);
        Assert.Contains("'price'", Assert.Single(opened.Warnings), StringComparison.Ordinal);
        Assert.Equal(expected, await FingerprintAsync(opened, 50));
        var unordered = new DbDataset("rows", _ => new(new NpgsqlConnection(connectionString)), "SELECT * FROM rows ORDER BY id DESC", s_schema);
        Assert.NotEqual(expected, await FingerprintAsync(unordered, 50));
        Assert.Equal(
            (await DatasetFingerprint.ComputeAsync(dataset, null, RowOrder.Ignored, Token)).Digest,
            (await DatasetFingerprint.ComputeAsync(unordered, null, RowOrder.Ignored, Token)).Digest);
    }

    [Fact]
    public async Task InferredSchema_OfEverySource_ReadsTheTable()
    {
        var csv = await CsvDataset.OpenAsync(WriteCsv(",", "table.csv"), cancellationToken: Token);
        Assert.Equal(
            [ElementType.Int64, ElementType.Int64, ElementType.Float64, ElementType.Float64, ElementType.Float64, ElementType.Boolean, ElementType.String, ElementType.Date, ElementType.Timestamp, ElementType.Float32],
            csv.Schema.Select(column => column.Type));
        Assert.Equal(3, csv.Schema["embedding"].Width);
        var json = await JsonLinesDataset.OpenAsync(WriteJson("table.jsonl"), cancellationToken: Token);
        Assert.Equal(csv.Schema, json.Schema);
        var sqlite = await DbDataset.OpenAsync("rows", OpenSqlite(await WriteSqliteAsync()), "SELECT id, small, amount, ratio, price, city, day, at FROM rows ORDER BY id", cancellationToken: Token);
        Assert.Equal(csv.Schema.Select(sqlite.Schema.Select(column => column.Name)), sqlite.Schema);
        var records = s_rows.ToDataset("records", s_schema.Select(s_schema.Where(column => column.Width == 1).Select(column => column.Name)));
        Assert.Contains("'price'", Assert.Single(records.Warnings), StringComparison.Ordinal);
        var parts = await CsvDataset.OpenAllAsync(WriteParts(), cancellationToken: Token);
        Assert.Equal(csv.Schema, parts.Schema);
        Assert.Equal(await FingerprintAsync(csv, 100), await FingerprintAsync(parts, 7));
        Assert.Equal(await FingerprintAsync(csv, 100), await FingerprintAsync(json, 7));
        Assert.Equal(3, parts.Partitions.Count);
    }

    private static void MapRows(RecordMap<Row> map) => map
        .Column("embedding_length", row => row.embedding?.Length)
        .Column("id", row => row.id).Column("small", row => row.small).Column("amount", row => row.amount).Column("ratio", row => row.ratio).Column("price", row => row.price)
        .Column("active", row => row.active).Column("city", row => row.city).Column("day", row => row.day).Column("at", row => row.at).Vector("embedding", 3, row => row.embedding);

    private static async Task<string> FingerprintAsync(IDataset dataset, int batchRows)
    {
        using var fingerprint = new DatasetFingerprint(dataset.Schema);
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { BatchRows = batchRows }, Token)) fingerprint.Add(batch);
        Assert.Equal(s_rows.Length, fingerprint.RowCount);
        return fingerprint.Finish();
    }

    private static Row[] CreateRows(int count)
    {
        var random = new Random(5);
        string[] cities = ["Köln", "New \"York\"", "a,b", "line\nbreak", "Łódź", "😀"];
        return [.. Enumerable.Range(0, count).Select(i => new Row
        {
            id = i,
            small = Missing() ? null : random.Next(-100, 100),
            amount = Missing() ? null : (random.NextDouble() - 0.5) * 1e6,
            ratio = Missing() ? null : random.NextSingle(),
            price = Missing() ? null : Math.Round((decimal)(random.NextDouble() * 1000), 4),
            active = Missing() ? null : random.Next(2) == 0,
            city = Missing() ? null : cities[random.Next(cities.Length)],
            day = Missing() ? null : new DateOnly(2000, 1, 1).AddDays(random.Next(9000)),
            at = Missing() ? null : new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMilliseconds(random.Next()),
            embedding = Missing() ? null : [random.NextSingle(), -random.NextSingle(), 0],
        })];

        bool Missing() => random.Next(10) == 0;
    }

    private string WriteCsv(string separator, string name, IEnumerable<Row>? rows = null)
    {
        var text = new StringBuilder().AppendJoin(separator, s_schema.Select(column => column.Name)).Append('\n');
        foreach (var row in rows ?? s_rows) text.AppendJoin(separator, row.ToTexts().Select(field => field.AsSpan().ContainsAny(",\"\n\t") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field)).Append('\n');
        return _directory.Write(name, text.ToString());
    }

    private string WriteParts()
    {
        Directory.CreateDirectory(Path.Combine(_directory.Path, "parts", "b"));
        WriteCsv(",", "parts/a.csv", s_rows[..100]);
        WriteCsv(",", "parts/b/a.csv", s_rows[100..150]);
        WriteCsv(",", "parts/c.csv", s_rows[150..]);
        return Path.Combine(_directory.Path, "parts", "**", "*.csv");
    }

    private string WriteJson(string name) => _directory.Write(name, string.Concat(s_rows.Select(row => System.Text.Json.JsonSerializer.Serialize(row) + "\n")));

    private static string Compress(string path)
    {
        using var source = File.OpenRead(path);
        using var target = new GZipStream(File.Create(path + ".gz"), CompressionLevel.Fastest);
        source.CopyTo(target);
        return path + ".gz";
    }

    private async Task<DbDataset> CreateSqliteAsync() => new("rows", OpenSqlite(await WriteSqliteAsync()), "SELECT * FROM rows ORDER BY id", s_schema);

    private static Func<CancellationToken, ValueTask<System.Data.Common.DbConnection>> OpenSqlite(string path) => _ => new(new SqliteConnection($"Data Source={path};Pooling=False"));

    private async Task<string> WriteSqliteAsync()
    {
        SQLitePCL.Batteries_V2.Init();
        var path = Path.Combine(_directory.Path, "table.db");
        if (File.Exists(path)) return path;
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync(Token);
        await ExecuteAsync("CREATE TABLE rows (id INTEGER, small INTEGER, amount REAL, ratio REAL, price REAL, active INTEGER, city TEXT, day TEXT, at TEXT, embedding BLOB)");
        await ExecuteAsync("BEGIN");
        foreach (var row in s_rows)
        {
            await using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO rows VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)";
            var values = row.ToValues();
            for (var i = 0; i < values.Length; i++)
            {
                insert.Parameters.AddWithValue($"${i}", values[i] switch
                {
                    null => DBNull.Value,
                    decimal price => (double)price,
                    bool flag => flag ? 1L : 0L,
                    DateOnly day => day.ToString("O", CultureInfo.InvariantCulture),
                    DateTime at => at.ToString("O", CultureInfo.InvariantCulture),
                    float[] vector => System.Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan()).ToArray(),
                    float ratio => (double)ratio,
                    var value => value,
                });
            }

            await insert.ExecuteNonQueryAsync(Token);
        }

        await ExecuteAsync("COMMIT");
        return path;

        async Task ExecuteAsync(string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync(Token);
        }
    }

#pragma warning disable IDE1006 // The names are those of the columns in the other sources.
    private sealed record Row
    {
        public long id { get; init; }

        public int? small { get; init; }

        public double? amount { get; init; }

        public float? ratio { get; init; }

        public decimal? price { get; init; }

        public bool? active { get; init; }

        public string? city { get; init; }

        public DateOnly? day { get; init; }

        public DateTime? at { get; init; }

        public float[]? embedding { get; init; }

        public object?[] ToValues() => [id, small, amount, ratio, price, active, city, day, at, embedding];

        public IEnumerable<string> ToTexts() => ToValues().Select(value => value switch
        {
            null => "",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            float number => number.ToString("R", CultureInfo.InvariantCulture),
            bool flag => flag ? "true" : "false",
            DateOnly day => day.ToString("O", CultureInfo.InvariantCulture),
            DateTime at => at.ToString("O", CultureInfo.InvariantCulture),
            float[] vector => $"[{string.Join(", ", vector.Select(element => element.ToString("R", CultureInfo.InvariantCulture)))}]",
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        });
    }
#pragma warning restore IDE1006
}
