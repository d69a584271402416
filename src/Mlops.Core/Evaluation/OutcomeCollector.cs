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
    private readonly string? _weight;
    private readonly ClassPositions _positions;
    private readonly List<double> _predictions = [];
    private readonly List<double> _labels = [];
    private readonly List<double> _weights = [];

    public OutcomeCollector(OutcomeSource source, DataSchema schema)
    {
        _source = source;
        _label = Only(schema, ColumnRole.Label);
        _weight = Only(schema, ColumnRole.Weight);
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
            var batch = rows.Rows(start, Math.Min(BatchRows, rows.RowCount - start));
            using var inputs = predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
            collector.Add(batch, outputs);
        }

        return collector.Build();
    }

    public void Add(DataBatch rows, TensorBatch outputs)
    {
        _source.Read(outputs, Extend(_predictions, rows.RowCount * Math.Max(1, _source.Classes.Count)));
        var labels = Extend(_labels, rows.RowCount);
        if (_label is null) labels.Fill(double.NaN);
        else if (_source.Classes.Count > 0) _positions.Read(rows[_label], labels);
        else ColumnNumbers.CopyTo(rows[_label], 0, labels);
        if (_weight is not null) ColumnNumbers.CopyTo(rows[_weight], 0, Extend(_weights, rows.RowCount));
    }

    public ModelOutcomes Build() => new(_source.Classes, [.. _predictions], [.. _labels], [.. _weights]);

    /// <summary>Labels and weights of several elements or columns are no labels and weights; text labels need classes.</summary>
    private string? Only(DataSchema schema, ColumnRole role)
    {
        var columns = schema.Where(column => column.Role == role).ToArray();
        if (columns is not [{ Width: 1 } only]) return null;
        return only.Type != ElementType.String || (role == ColumnRole.Label && _source.Classes.Count > 0) ? only.Name : null;
    }

    private static Span<double> Extend(List<double> list, int count)
    {
        CollectionsMarshal.SetCount(list, list.Count + count);
        return CollectionsMarshal.AsSpan(list)[^count..];
    }
}
