using Mlops.Data;
using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Serving.Tests.Observation;

/// <summary>A folder for payload logs, a clock, and a model of every type whose calls are observed by hand.</summary>
internal sealed class PayloadFixture : IDisposable
{
    public static readonly ModelSignature Signature = new(
        [
            TensorSpec.Of<float>("features", 2, "age", "income"),
            TensorSpec.Of<string>("note"),
            TensorSpec.Of<double>("embedding", 3),
            TensorSpec.Of<long>("count"),
            TensorSpec.Of<bool>("flag"),
            TensorSpec.Of<Half>("half"),
            TensorSpec.Of<ulong>("large"),
            new TensorSpec("limit", ElementType.Int32, []),
        ],
        [TensorSpec.Of<string>("label"), TensorSpec.Of<float>("probabilities", 2) with { Classes = ["no", "yes"] }]);

    public string Folder { get; } = Directory.CreateTempSubdirectory("mlops-payloads-").FullName;

    public ManualTimeProvider Time { get; } = new();

    public RecordingLoggers Loggers { get; } = new();

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public PayloadLogOptions Options(PayloadFormat format = PayloadFormat.JsonLines) => new() { Directory = Folder, Format = format };

    public PayloadLog Create(PayloadLogOptions options) => new(options, Time, Loggers);

    public string[] Files(string pattern = "*") => [.. Directory.GetFiles(Folder, pattern).Order(StringComparer.Ordinal)];

    /// <summary>Observes a call whose first feature counts up from a number; the model answers "row n".</summary>
    public static Guid Observe(IPredictionObserver observer, int first = 0, int rows = 1, string model = "fraud", string? note = null, PredictionContext? context = null)
    {
        using var inputs = Signature.RentInputs(rows);
        using var outputs = Signature.RentOutputs(rows);
        for (var row = 0; row < rows; row++)
        {
            (inputs.Get<float>(0).GetRow(row)[0], inputs.Get<float>(0).GetRow(row)[1]) = (first + row, 0.1f);
            inputs.Get<string>(1).Span[row] = note ?? "a note";
            inputs.Get<double>(2).GetRow(row).Fill(row);
            inputs.Get<long>(3).Span[row] = row;
            inputs.Get<bool>(4).Span[row] = row % 2 == 0;
            inputs.Get<Half>(5).Span[row] = (Half)0.5;
            inputs.Get<ulong>(6).Span[row] = ulong.MaxValue;
            outputs.Get<string>(0).Span[row] = FormattableString.Invariant($"row {first + row}");
            outputs.Get<float>(1).GetRow(row).Fill(0.5f);
        }

        inputs.Get<int>(7).Span[0] = 9;
        context ??= new PredictionContext();
        (context.ModelName, context.ModelVersion, context.Route) = (model, "3", "primary");
        observer.OnPredicted(inputs, outputs, context, TimeSpan.FromMilliseconds(1.5));
        return context.Id;
    }

    /// <summary>Reads a file by the package's own reader.</summary>
    public static async Task<DataBatch> ReadAsync(string path, params ColumnSchema[] columns)
    {
        var schema = new DataSchema(columns);
        var read = await Open(path, schema).ToMemoryAsync(Token);
        return read.Batches.Count == 0 ? new DataBatch(schema, columns.Select(_ => (Column)TextColumn.FromStrings([]))) : Assert.Single(read.Batches);
    }

    /// <summary>Reads a column of numbers of a file of any length.</summary>
    public static async Task<List<double>> ReadRowsAsync(string path, ColumnSchema column)
    {
        var rows = new List<double>();
        await foreach (var batch in Open(path, new DataSchema(column)).ReadAsync(null, Token)) rows.AddRange(((Column<double>)batch[0]).Values);
        return rows;
    }

    public static async Task<IReadOnlyList<string?>> ReadTextsAsync(string path, string column)
    {
        var batch = await ReadAsync(path, new ColumnSchema(column, ElementType.String));
        return [.. Enumerable.Range(0, batch.RowCount).Select(((TextColumn)batch[column]).GetString)];
    }

    /// <summary>Waits for what other threads bring about.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static IDataset Open(string path, DataSchema schema)
        => path.Contains(".csv", StringComparison.Ordinal) ? new CsvDataset(path, schema, new CsvOptions { NullTexts = [] }) : new JsonLinesDataset(path, schema);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
