using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>The features of a dataset, computed while it is read.</summary>
internal sealed class FeatureDataset : IDataset
{
    private readonly IDataset _source;
    private readonly FittedPreprocessor _preprocessor;
    private readonly bool _isTrainingData;
    private readonly string[] _others;

    public FeatureDataset(IDataset source, FittedPreprocessor preprocessor, bool isTrainingData)
    {
        (_source, _preprocessor, _isTrainingData) = (source, preprocessor, isTrainingData);
        var others = source.Schema.Where(column => column.Role is not (ColumnRole.Feature or ColumnRole.Ignored)).ToArray();
        _others = Array.ConvertAll(others, column => column.Name);
        var names = new TensorNames(_others);
        Schema = new DataSchema([.. preprocessor.FeatureNames.Select(name => new ColumnSchema(names.Take(name), ElementType.Float32)), .. others]);
        _ = Models.TensorBinding.Create(preprocessor.Inputs, source.Schema);
    }

    public string Name => _source.Name;

    public DataSchema Schema { get; }

    public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var columns = options?.Columns;
        var schema = columns is null ? Schema : Schema.Select(columns);
        var transform = new FeatureTransform(_preprocessor, _source.Schema, _isTrainingData);
        await using var owned = transform.ConfigureAwait(false);
        var all = options is null ? null : new ReadOptions { BatchRows = options.BatchRows };
        await foreach (var batch in _source.ReadAsync(all, cancellationToken).ConfigureAwait(false))
        {
            var features = await transform.NextAsync(batch, cancellationToken).ConfigureAwait(false);
            yield return new DataBatch(schema, schema.Select(column => ColumnOf(batch, features.Span, Schema.IndexOf(column.Name))));
        }
    }

    private Column ColumnOf(DataBatch batch, ReadOnlySpan<double> features, int index)
    {
        var width = _preprocessor.FeatureNames.Count;
        if (index >= width) return batch[_others[index - width]];
        var values = new float[batch.RowCount];
        for (var row = 0; row < values.Length; row++) values[row] = (float)features[(index * values.Length) + row];
        return new Column<float>(values);
    }
}
