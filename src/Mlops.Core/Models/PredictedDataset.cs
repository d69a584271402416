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
        var inputs = PredictionColumns.SelectInputs(predictor.Signature, source.Schema, source.Name);
        return new PredictedDataset(source, predictor, inputs, TensorBinding.Create(predictor.Signature.Inputs, inputs), PredictionColumns.Of(predictor.Signature, source.Schema));
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

            yield return new DataBatch(wanted, wanted.Select(column => _slots.TryGetValue(column.Name, out var slot) ? PredictionColumns.Copy(outputs[slot], column, batch.RowCount) : batch[column.Name]));
            first += batch.RowCount;
        }
    }
}
