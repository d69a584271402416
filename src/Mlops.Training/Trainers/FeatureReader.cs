using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>Reads a dataset as features, through the fitted preprocessing that the model itself will use.</summary>
internal static class FeatureReader
{
    /// <summary>Reads rows that have a numeric label and a weight above 0.</summary>
    public static IAsyncEnumerable<FeatureBlock> ReadAsync(IDataset dataset, FittedPreprocessor preprocessor, string label, CancellationToken cancellationToken)
        => ReadAsync(dataset, preprocessor, batch => LabelsOf(dataset, batch, label), cancellationToken);

    /// <summary>Reads rows that have a label (not NaN) and a weight above 0.</summary>
    public static async IAsyncEnumerable<FeatureBlock> ReadAsync(
        IDataset dataset, FittedPreprocessor preprocessor, Func<DataBatch, double[]> labelsOf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var transform = new FeatureTransform(preprocessor, dataset.Schema, isTrainingData: true);
        await using var owned = transform.ConfigureAwait(false);
        var weightColumn = dataset.Schema.TrySingle(ColumnRole.Weight, out var weight) ? weight.Name : null;
        var width = preprocessor.FeatureNames.Count;
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            var features = await transform.NextAsync(batch, cancellationToken).ConfigureAwait(false);
            var labels = labelsOf(batch);
            var weights = weightColumn is null ? null : WeightsOf(dataset, batch, weightColumn);
            yield return Keep(features.Span, width, labels, weights);
        }
    }

    private static FeatureBlock Keep(ReadOnlySpan<float> features, int width, double[] labels, double[]? weights)
    {
        var kept = Enumerable.Range(0, labels.Length).Where(row => !double.IsNaN(labels[row]) && (weights is null || weights[row] > 0)).ToArray();
        var rows = new float[kept.Length * width];
        for (var i = 0; i < kept.Length; i++) features.Slice(kept[i] * width, width).CopyTo(rows.AsSpan(i * width));
        return new FeatureBlock(rows, width, [.. kept.Select(row => labels[row])], [.. kept.Select(row => weights?[row] ?? 1)]);
    }

    private static double[] LabelsOf(IDataset dataset, DataBatch batch, string label)
    {
        var labels = ColumnNumbers.ToDoubles(batch[label]);
        if (labels.Any(double.IsInfinity))
            throw new DataFormatException(dataset.Name, 0, label, "A label is infinite. Remove the row, or correct the label.");
        return labels;
    }

    private static double[] WeightsOf(IDataset dataset, DataBatch batch, string column)
    {
        var weights = ColumnNumbers.ToDoubles(batch[column]);
        if (weights.Any(weight => !(weight >= 0) || double.IsInfinity(weight)))
            throw new DataFormatException(dataset.Name, 0, column, "A weight is negative, infinite or missing. Weights must be 0 or positive numbers.");
        return weights;
    }
}
