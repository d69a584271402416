using System.Globalization;
using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Models;

/// <summary>Another dataset with what a model predicts for each row, predicted while the rows are read.</summary>
internal sealed class PredictedDataset : DatasetOperator
{
    private readonly IDataset _source;
    private readonly IPredictor _predictor;
    private readonly TensorBinding _binding;
    private readonly DataSchema _inputs;

    /// <summary>The slot of each predicted column, by name.</summary>
    private readonly Dictionary<string, int> _slots;

    private PredictedDataset(IDataset source, IPredictor predictor, DataSchema inputs, TensorBinding binding, ColumnSchema[] outputs)
        : base(source.Name, new DataSchema(source.Schema.Concat(outputs)))
    {
        (_source, _predictor, _inputs, _binding) = (source, predictor, inputs, binding);
        _slots = outputs.Index().ToDictionary(output => output.Item.Name, output => output.Index, StringComparer.Ordinal);
    }

    public static PredictedDataset Create(IPredictor predictor, IDataset source)
    {
        string[] columns = [.. predictor.Signature.Inputs.SelectMany(input => input.Columns.Count > 0 ? input.Columns : [input.Name]).Distinct(StringComparer.Ordinal)];
        foreach (var column in columns)
        {
            if (source.Schema.TryIndexOf(column, out _)) continue;
            var nearest = NearestName.Find(column, [.. source.Schema.Select(other => other.Name)]);
            throw new EntityNotFoundException("column", column, $"{source.Name} has no column '{column}', which the model takes. {(nearest is null ? "Add it, or choose the dataset that has it." : $"Is it '{nearest}'? Then rename that one.")}");
        }

        var inputs = source.Schema.Select(columns);
        return new PredictedDataset(source, predictor, inputs, TensorBinding.Create(predictor.Signature.Inputs, inputs), OutputsOf(predictor.Signature, source.Schema));
    }

    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var needed = Needed(_source, NamesOf(wanted).Where(name => !_slots.ContainsKey(name)).Concat(NamesOf(_inputs)));
        var toInputs = BatchProjection.Of(needed, _inputs);
        var context = new PredictionContext();
        long first = 0;
        await foreach (var batch in ReadSourceAsync(_source, needed, batchRows, cancellationToken).ConfigureAwait(false))
        {
            using var inputs = _predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = _predictor.Signature.RentOutputs(batch.RowCount);
            _binding.Write(toInputs.Apply(batch), inputs);
            context.Reset();
            try
            {
                await _predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
            }
            catch (PredictionFailedException error) when (error.Row is { } row)
            {
                throw new PredictionFailedException(error.Model, string.Create(CultureInfo.InvariantCulture, $"{Name}, row {first + row + 1} of the dataset, counted from 1: {error.Message}"), error) { Row = row };
            }

            yield return new DataBatch(wanted, wanted.Select(column => _slots.TryGetValue(column.Name, out var slot) ? Copy(outputs[slot], column, batch.RowCount) : batch[column.Name]));
            first += batch.RowCount;
        }
    }

    private static ColumnSchema[] OutputsOf(ModelSignature signature, DataSchema source)
    {
        var taken = source.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        return [.. signature.Outputs.Select(output =>
        {
            if (output.Width < 1 || (output.ElementType == ElementType.String && output.Width != 1))
                throw new ArgumentException($"The output {output} cannot be a column: {(output.ElementType == ElementType.String ? "a column holds one text in each row" : "its width is known only at run time")}. Predict batch by batch with {nameof(TensorBinding)}.", nameof(signature));
            var name = output.Name;
            for (var i = 1; !taken.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{output.Name}_{i}");
            return new ColumnSchema(name, output.ElementType, ColumnRole.Prediction) { IsNullable = false, Width = output.Width };
        })];
    }

    private static Column Copy(TensorBuffer buffer, ColumnSchema column, int rows) => buffer switch
    {
        _ when buffer.Length != rows * column.Width => throw new PredictionFailedException("model", string.Create(
            CultureInfo.InvariantCulture, $"The output '{buffer.Spec.Name}' has {buffer.Length} elements for {rows} rows; {column.Width} in each row were expected.")),
        TensorBuffer<string> typed => TextColumn.FromStrings(typed.Span),
        TensorBuffer<float> typed => new Column<float>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<double> typed => new Column<double>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<long> typed => new Column<long>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<int> typed => new Column<int>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<bool> typed => new Column<bool>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<sbyte> typed => new Column<sbyte>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<short> typed => new Column<short>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<byte> typed => new Column<byte>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<ushort> typed => new Column<ushort>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<uint> typed => new Column<uint>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<ulong> typed => new Column<ulong>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<Half> typed => new Column<Half>(typed.Span.ToArray(), null, column.Width),
        _ => throw new NotSupportedException($"The output '{buffer.Spec.Name}' is {buffer.ElementType}, which no column holds."),
    };
}
