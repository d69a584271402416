using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Turns the batches of one read of a dataset into features, one after another; training rows as the other folds see them.</summary>
/// <remarks>Used by one reader at a time. Batches must come in their order from the first, because the fold of a row is drawn by its position.</remarks>
internal sealed class FeatureTransform : IAsyncDisposable
{
    private readonly IPredictor[] _predictors;
    private readonly OutOfFoldNodes? _folds;
    private readonly TensorBinding _binding;
    private readonly PredictionContext _context = new();
    private readonly int _width;
    private float[] _features = [];
    private long _row;

    public FeatureTransform(FittedPreprocessor preprocessor, DataSchema schema, bool isTrainingData)
    {
        _folds = isTrainingData ? preprocessor.OutOfFold : null;
        _predictors = _folds is null
            ? [preprocessor.ToModel().CreatePredictor()]
            : [.. Enumerable.Range(0, _folds.Count).Select(fold => preprocessor.ToModel(_folds.NodesOf(fold)).CreatePredictor())];
        _binding = TensorBinding.Create(preprocessor.Inputs, schema);
        _width = preprocessor.FeatureNames.Count;
    }

    /// <summary>Transforms the next batch.</summary>
    /// <returns>The features, shape (rows × features), row by row; valid until the next call.</returns>
    public async ValueTask<ReadOnlyMemory<float>> NextAsync(DataBatch batch, CancellationToken cancellationToken)
    {
        var length = checked(batch.RowCount * _width);
        if (_features.Length < length) _features = new float[length];
        if (_folds is null) await TransformAsync(_predictors[0], batch, rows: null, cancellationToken).ConfigureAwait(false);
        else
        {
            var byFold = Enumerable.Range(0, batch.RowCount).ToLookup(row => _folds.FoldOf(_row + row));
            foreach (var rows in byFold) await TransformAsync(_predictors[rows.Key], batch, [.. rows], cancellationToken).ConfigureAwait(false);
        }

        _row += batch.RowCount;
        return _features.AsMemory(0, length);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var predictor in _predictors) await predictor.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask TransformAsync(IPredictor predictor, DataBatch batch, int[]? rows, CancellationToken cancellationToken)
    {
        var part = rows is null ? batch : batch.Take(rows);
        using var inputs = predictor.Signature.RentInputs(part.RowCount);
        using var outputs = predictor.Signature.RentOutputs(part.RowCount);
        _binding.Write(part, inputs);
        await predictor.PredictAsync(inputs, outputs, _context, cancellationToken).ConfigureAwait(false);
        var computed = outputs.Get<float>(0).Span;
        if (rows is null) computed.CopyTo(_features);
        else for (var i = 0; i < rows.Length; i++) computed.Slice(i * _width, _width).CopyTo(_features.AsSpan(rows[i] * _width));
    }
}
