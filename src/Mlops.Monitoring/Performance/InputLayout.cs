using Mlops.Data;
using Mlops.Models;

namespace Mlops.Monitoring;

/// <summary>Which column of a ring each element of a model's inputs goes to.</summary>
internal sealed class InputLayout
{
    private readonly TensorSpec[] _specs;
    private readonly int[]?[] _columns;
    private double[] _scratch = [];

    public InputLayout(TensorBatch inputs, PredictionRing ring, int maximumColumns)
    {
        _specs = new TensorSpec[inputs.Count];
        _columns = new int[inputs.Count][];
        for (var slot = 0; slot < inputs.Count; slot++)
        {
            var spec = _specs[slot] = inputs[slot].Spec;
            var names = spec.Columns.Count > 0 ? spec.Columns : spec.Width == 1 ? [spec.Name] : [];
            // Elements that no column is named for, as those of an embedding, are not followed.
            if (names.Count == 0 || names.Count != spec.Width) continue;
            if (ring.ColumnCount + names.Count(name => ring.FindColumn(name) is null) > maximumColumns) continue;
            _columns[slot] = [.. names.Select(name => ring.GetOrAddColumn(name, spec.ElementType == ElementType.String))];
        }
    }

    public bool Fits(TensorBatch inputs)
    {
        if (inputs.Count != _specs.Length) return false;
        for (var slot = 0; slot < _specs.Length; slot++)
        {
            if (!ReferenceEquals(inputs[slot].Spec, _specs[slot])) return false;
        }

        return true;
    }

    /// <summary>Copies the inputs of a batch, from the first row that the ring still holds, to its rows, whose sequence numbers follow on one another.</summary>
    public void Copy(TensorBatch inputs, PredictionRing ring, long firstSequence, int firstRow)
    {
        for (var slot = 0; slot < _specs.Length; slot++)
        {
            if (_columns[slot] is not { } columns) continue;
            var buffer = inputs[slot];
            if (buffer.Length != inputs.Rows * columns.Length) continue;
            if (buffer is TensorBuffer<string> texts)
            {
                for (var i = firstRow * columns.Length; i < texts.Length; i++)
                {
                    if (columns[i % columns.Length] >= 0) ring.SetText(firstSequence + (i / columns.Length), columns[i % columns.Length], texts.Span[i]);
                }

                continue;
            }

            if (_scratch.Length < buffer.Length) _scratch = new double[buffer.Length];
            TensorNumbers.CopyTo(buffer, _scratch.AsSpan(0, buffer.Length));
            for (var row = firstRow; row < inputs.Rows; row++)
            {
                for (var i = 0; i < columns.Length; i++)
                {
                    if (columns[i] >= 0) ring.SetNumber(firstSequence + row, columns[i], _scratch[(row * columns.Length) + i]);
                }
            }
        }
    }
}
