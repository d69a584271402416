using System.Runtime.InteropServices;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>Collects the outcomes of a model, batch by batch. Not safe for concurrent use.</summary>
internal sealed class OutcomeCollector
{
    private const int BatchRows = ReadOptions.DefaultBatchRows;
    private readonly OutcomeSource _source;
    private readonly string? _label;
    private readonly OutcomeWeights _ownWeights;
    private readonly ClassPositions _positions;
    private readonly List<double> _predictions = [];
    private readonly List<double> _labels = [];
    private readonly List<double> _weights = [];

    /// <exception cref="DataFormatException">There are several columns of weights, or they are no numbers, or several in each row.</exception>
    public OutcomeCollector(OutcomeSource source, DataSchema schema)
    {
        _source = source;
        _label = FindLabel(schema);
        _ownWeights = new OutcomeWeights(schema);
        _positions = new ClassPositions(source.Classes);
    }

    /// <summary>Predicts rows that are in memory.</summary>
    public static async ValueTask<ModelOutcomes> PredictAsync(IPredictor predictor, OutcomeSource source, DataBatch rows, CancellationToken cancellationToken)
    {
        var collector = new OutcomeCollector(source, rows.Schema);
        var binding = TensorBinding.Create(predictor.Signature.Inputs, rows.Schema);
        var context = new PredictionContext();
        for (var start = 0; start < rows.RowCount; start += BatchRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await collector.PredictAsync(predictor, binding, rows.Rows(start, Math.Min(BatchRows, rows.RowCount - start)), context, cancellationToken).ConfigureAwait(false);
        }

        return collector.Build();
    }

    /// <summary>Predicts rows, and notes what came out. A row that the model refuses has no prediction; the others do not suffer.</summary>
    /// <exception cref="DataFormatException">A weight is negative, infinite or missing.</exception>
    public async ValueTask PredictAsync(IPredictor predictor, TensorBinding binding, DataBatch rows, PredictionContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var inputs = predictor.Signature.RentInputs(rows.RowCount);
        using var outputs = predictor.Signature.RentOutputs(rows.RowCount);
        binding.Write(rows, inputs);
        var isRefused = false;
        try
        {
            await predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
        }
        catch (PredictionFailedException error) when (error.Row is not null)
        {
            isRefused = true;
        }

        if (!isRefused || rows.RowCount == 1)
        {
            Add(rows, isRefused ? null : outputs);
            return;
        }

        // The half without the row is predicted at once.
        var half = rows.RowCount / 2;
        await PredictAsync(predictor, binding, rows.Take([.. Enumerable.Range(0, half)]), context, cancellationToken).ConfigureAwait(false);
        await PredictAsync(predictor, binding, rows.Take([.. Enumerable.Range(half, rows.RowCount - half)]), context, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes what came out for rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="outputs">The outputs; <see langword="null"/> where the model gave none.</param>
    /// <exception cref="DataFormatException">A weight is negative, infinite or missing.</exception>
    public void Add(DataBatch rows, TensorBatch? outputs)
    {
        var predictions = Extend(_predictions, rows.RowCount * Math.Max(1, _source.Classes.Count));
        if (outputs is null) predictions.Fill(double.NaN);
        else _source.Read(outputs, predictions);
        var labels = Extend(_labels, rows.RowCount);
        if (_label is null) labels.Fill(double.NaN);
        else if (_source.Classes.Count > 0) _positions.Read(rows[_label], labels);
        else ColumnNumbers.CopyTo(rows[_label], 0, labels);
        if (_ownWeights.Exist) _ownWeights.Read(rows, Extend(_weights, rows.RowCount));
    }

    public ModelOutcomes Build() => new(_source.Classes, [.. _predictions], [.. _labels], [.. _weights]);

    /// <summary>Labels of several elements or columns are no labels; text labels need classes.</summary>
    private string? FindLabel(DataSchema schema)
        => schema.Where(column => column.Role == ColumnRole.Label).ToArray() is [{ Width: 1 } only] && (only.Type != ElementType.String || _source.Classes.Count > 0) ? only.Name : null;

    private static Span<double> Extend(List<double> list, int count)
    {
        CollectionsMarshal.SetCount(list, list.Count + count);
        return CollectionsMarshal.AsSpan(list)[^count..];
    }
}
