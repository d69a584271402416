using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Training;

/// <summary>Collects what is needed of a column of numbers in one pass: its moments, and its values where a step asks for quantiles.</summary>
internal sealed class NumberCollector(ColumnSchema schema, bool keepsValues)
{
    private readonly MomentsSketch _moments = new();
    private readonly List<double> _values = [];
    private double[] _numbers = [];
    private KllSketch? _sketch;
    private long _rows;

    public ColumnSchema Schema => schema;

    public void Add(Column column)
    {
        if (_numbers.Length < column.Length) _numbers = new double[column.Length];
        var numbers = _numbers.AsSpan(0, column.Length);
        ColumnNumbers.CopyTo(column, 0, numbers);
        Add(numbers);
    }

    public void Add(ReadOnlySpan<double> numbers)
    {
        _rows += numbers.Length;
        _moments.Add(numbers);
        if (!keepsValues) return;
        if (_sketch is null && _values.Count + numbers.Length > Preprocessor.MaxExactValues)
        {
            _sketch = new KllSketch(Preprocessor.SketchSize);
            _sketch.Add(_values.ToArray());
            _values.Clear();
        }

        foreach (var number in numbers)
        {
            if (double.IsNaN(number)) continue;
            if (_sketch is null) _values.Add(number);
            else _sketch.Add(number);
        }
    }

    /// <summary>What was collected.</summary>
    /// <exception cref="DataFormatException">The column has no value, or an infinite one.</exception>
    public NumberSummary Summarize(IDataset dataset)
    {
        if (_moments.Count == 0) throw EmptyColumns.Error(dataset, schema.Name);
        if (!double.IsFinite(_moments.Minimum) || !double.IsFinite(_moments.Maximum))
            throw new DataFormatException(dataset.Name, 0, schema.Name, "A value is infinite. Remove or cap it, or give the column the role Ignored.");
        return new NumberSummary(_moments.Count, _rows - _moments.Count, _moments.Mean, _moments.Variance, _moments.Minimum, _moments.Maximum, Items(), _sketch is null);
    }

    private (double, long)[] Items()
    {
        if (_sketch is not null) return _sketch.GetSortedItems();
        _values.Sort();
        (double, long)[] items = [.. _values.Select(value => (value, 1L))];
        _values.Clear();
        _values.Capacity = 0;
        return items;
    }
}
