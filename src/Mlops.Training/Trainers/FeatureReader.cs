using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>Reads a dataset as features, through the fitted preprocessing that the model itself will use.</summary>
/// <remarks>What is read are the features as the model computes them, before it rounds them to 32-bit floating point, so that what is fitted does not depend on how they are rounded.</remarks>
internal static class FeatureReader
{
    /// <summary>Reads rows that have a numeric label and a weight above 0.</summary>
    public static IAsyncEnumerable<FeatureBlock> ReadAsync(IDataset dataset, FittedPreprocessor preprocessor, string label, CancellationToken cancellationToken)
        => ReadAsync(dataset, preprocessor, (batch, weights) => LabelColumn.Read(dataset, batch, label, weights), cancellationToken);

    /// <summary>Reads rows that have a label (not NaN) and a weight above 0.</summary>
    public static async IAsyncEnumerable<FeatureBlock> ReadAsync(
        IDataset dataset, FittedPreprocessor preprocessor, Func<DataBatch, double[], double[]> labelsOf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var transform = new FeatureTransform(preprocessor, dataset.Schema, isTrainingData: true);
        await using var owned = transform.ConfigureAwait(false);
        var trace = FeatureTrace.Create(preprocessor.ToModel().Graph, preprocessor.OutputName);
        var rowWeights = new RowWeights(dataset);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            var weights = rowWeights.Read(batch);
            var labels = labelsOf(batch, weights);
            var kept = Kept(labels, weights);
            var computed = await transform.NextAsync(batch, cancellationToken).ConfigureAwait(false);
            var features = GC.AllocateUninitializedArray<double>(kept.Length * trace.Features.Length);
            CopyRows(computed.Span, kept, batch.RowCount, features);
            for (var i = 0; i < trace.Features.Length; i++) CheckFinite(dataset, trace, i, features.AsSpan(i * kept.Length, kept.Length));
            var isWhole = kept.Length == batch.RowCount;
            yield return new FeatureBlock(features, isWhole ? labels : [.. kept.Select(row => labels[row])], isWhole ? weights : [.. kept.Select(row => weights[row])]);
        }
    }

    private static int[] Kept(double[] labels, double[] weights)
    {
        var kept = new int[labels.Length];
        var count = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            if (!double.IsNaN(labels[row]) && weights[row] > 0) kept[count++] = row;
        }

        return count == kept.Length ? kept : kept[..count];
    }

    private static void CopyRows(ReadOnlySpan<double> computed, int[] kept, int rows, double[] features)
    {
        if (kept.Length == rows)
        {
            computed.CopyTo(features);
            return;
        }

        for (var (first, at) = (0, 0); first < computed.Length; first += rows)
        {
            foreach (var row in kept) features[at++] = computed[first + row];
        }
    }

    private static void CheckFinite(IDataset dataset, FeatureTrace trace, int feature, ReadOnlySpan<double> values)
    {
        if (values.IsEmpty || TensorPrimitives.IsFiniteAll(values)) return;
        var columns = trace.Features[feature];
        throw new DataFormatException(
            dataset.Name, 0, columns is [] ? null : trace.Columns[columns[0]],
            $"A feature made of {trace.Describe(feature)} is not a finite number. Fill, remove or cap such values, or give the column the role Ignored.");
    }
}
