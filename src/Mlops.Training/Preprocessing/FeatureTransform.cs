using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Turns the batches of one read of a dataset into features, one after another; training rows as the other folds see them.</summary>
/// <remarks>
/// <para>The features are those of the model before it rounds them to 32 bits: the same nodes compute them.</para>
/// <para>Used by one reader at a time. Batches must come in their order from the first, because the fold of a row is drawn by its position.</para>
/// </remarks>
internal sealed class FeatureTransform : IAsyncDisposable
{
    private const int TileRows = 128;

    private readonly IPredictor[] _predictors;
    private readonly OutOfFoldNodes? _folds;
    private readonly TensorBinding _binding;
    private readonly PredictionContext _context = new();
    private readonly int _width;
    private double[] _features = [];
    private long _row;

    public FeatureTransform(FittedPreprocessor preprocessor, DataSchema schema, bool isTrainingData)
    {
        _folds = isTrainingData ? preprocessor.OutOfFold : null;
        _predictors = _folds is null
            ? [preprocessor.ToWideModel(preprocessor.Nodes).CreatePredictor()]
            : [.. Enumerable.Range(0, _folds.Count).Select(fold => preprocessor.ToWideModel(_folds.NodesOf(fold)).CreatePredictor())];
        _binding = TensorBinding.Create(preprocessor.Inputs, schema);
        _width = preprocessor.FeatureNames.Count;
    }

    /// <summary>Transforms the next batch.</summary>
    /// <returns>The features, shape (features × rows), feature by feature; valid until the next call.</returns>
    public async ValueTask<ReadOnlyMemory<double>> NextAsync(DataBatch batch, CancellationToken cancellationToken)
    {
        var length = checked(batch.RowCount * _width);
        if (_features.Length < length) _features = new double[length];
        if (_folds is null) await TransformAsync(_predictors[0], batch, batch, rows: null, cancellationToken).ConfigureAwait(false);
        else
        {
            var byFold = Enumerable.Range(0, batch.RowCount).ToLookup(row => _folds.FoldOf(_row + row));
            foreach (var fold in byFold)
            {
                int[] rows = [.. fold];
                await TransformAsync(_predictors[fold.Key], batch, batch.Take(rows), rows, cancellationToken).ConfigureAwait(false);
            }
        }

        _row += batch.RowCount;
        return _features.AsMemory(0, length);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var predictor in _predictors) await predictor.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask TransformAsync(IPredictor predictor, DataBatch batch, DataBatch part, int[]? rows, CancellationToken cancellationToken)
    {
        using var inputs = predictor.Signature.RentInputs(part.RowCount);
        using var outputs = predictor.Signature.RentOutputs(part.RowCount);
        _binding.Write(part, inputs);
        await predictor.PredictAsync(inputs, outputs, _context, cancellationToken).ConfigureAwait(false);
        var first = 0;
        for (var slot = 0; slot < predictor.Signature.Outputs.Count; slot++)
        {
            var spec = predictor.Signature.Outputs[slot];
            var target = _features.AsSpan(first * batch.RowCount, spec.Width * batch.RowCount);
            if (spec.ElementType == ElementType.Float64) Turn<double>(outputs.Get<double>(slot).Span, spec.Width, rows, target);
            else Turn<float>(outputs.Get<float>(slot).Span, spec.Width, rows, target);
            first += spec.Width;
        }
    }

    /// <summary>Turns rows into columns, a few rows at a time that stay in the cache.</summary>
    private static void Turn<T>(ReadOnlySpan<T> source, int width, int[]? rows, Span<double> target)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        if (width == 0) return;
        var (count, length) = (source.Length / width, target.Length / width);
        for (var start = 0; start < count; start += TileRows)
        {
            var end = Math.Min(count, start + TileRows);
            for (var i = 0; i < width; i++)
            {
                var column = target.Slice(i * length, length);
                for (var row = start; row < end; row++) column[rows is null ? row : rows[row]] = double.CreateTruncating(source[(row * width) + i]);
            }
        }
    }
}
