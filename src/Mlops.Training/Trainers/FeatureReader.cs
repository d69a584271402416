using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>Reads a dataset as features, through the fitted preprocessing that the model itself will use.</summary>
/// <remarks>
/// The model computes its features in 32-bit floating point. Here those that are numbers, filled and scaled, are computed by the same steps in 64-bit floating point,
/// so that what is fitted does not depend on how they are rounded; the others are those of the model.
/// </remarks>
internal static class FeatureReader
{
    /// <summary>Reads rows that have a numeric label and a weight above 0.</summary>
    public static IAsyncEnumerable<FeatureBlock> ReadAsync(IDataset dataset, FittedPreprocessor preprocessor, string label, CancellationToken cancellationToken)
        => ReadAsync(dataset, preprocessor, batch => LabelColumn.Read(dataset, batch, label), cancellationToken);

    /// <summary>Reads rows that have a label (not NaN) and a weight above 0.</summary>
    public static async IAsyncEnumerable<FeatureBlock> ReadAsync(
        IDataset dataset, FittedPreprocessor preprocessor, Func<DataBatch, double[]> labelsOf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var transform = new FeatureTransform(preprocessor, dataset.Schema, isTrainingData: true);
        await using var owned = transform.ConfigureAwait(false);
        var trace = FeatureTrace.Create(preprocessor.ToModel().Graph, preprocessor.OutputName);
        var isAllNumbers = Array.TrueForAll(trace.Features, feature => feature.Steps is not null);
        var rowWeights = new RowWeights(dataset);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            var (labels, weights) = (labelsOf(batch), rowWeights.Read(batch));
            var kept = Kept(labels, weights);
            var features = GC.AllocateUninitializedArray<double>(kept.Length * trace.Features.Length);
            ComputeNumbers(batch, trace, kept, features);
            if (!isAllNumbers)
            {
                var computed = await transform.NextAsync(batch, cancellationToken).ConfigureAwait(false);
                CopyOthers(computed.Span, trace, kept, features);
            }

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

    private static void ComputeNumbers(DataBatch batch, FeatureTrace trace, int[] kept, double[] features)
    {
        var (numbers, current) = (new double[batch.RowCount], -1);
        for (var i = 0; i < trace.Features.Length; i++)
        {
            if (trace.Features[i] is not { Steps: { } steps, Columns: [var column] }) continue;
            if (column != current) ColumnNumbers.CopyTo(batch[trace.Columns[column]], 0, numbers);
            current = column;
            var target = features.AsSpan(i * kept.Length, kept.Length);
            if (kept.Length == numbers.Length) numbers.CopyTo(target);
            else for (var row = 0; row < kept.Length; row++) target[row] = numbers[kept[row]];
            foreach (var step in steps) step.Apply(target);
        }
    }

    private static void CopyOthers(ReadOnlySpan<float> computed, FeatureTrace trace, int[] kept, double[] features)
    {
        var width = trace.Features.Length;
        for (var i = 0; i < width; i++)
        {
            if (trace.Features[i].Steps is not null) continue;
            var target = features.AsSpan(i * kept.Length, kept.Length);
            for (var row = 0; row < kept.Length; row++) target[row] = computed[(kept[row] * width) + i];
        }
    }

    private static void CheckFinite(IDataset dataset, FeatureTrace trace, int feature, ReadOnlySpan<double> values)
    {
        if (values.IsEmpty || TensorPrimitives.IsFiniteAll(values)) return;
        var columns = trace.Features[feature].Columns.Select(column => trace.Columns[column]).ToArray();
        throw new DataFormatException(
            dataset.Name, 0, columns.FirstOrDefault(), $"A feature made of {(columns.Length > 1 ? $"the columns {string.Join(", ", columns.Select(column => $"'{column}'"))}" : "the column")} is not a finite number. Fill, remove or cap such values, or give the column the role Ignored.");
    }
}
