using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Collects all the columns by which rows are judged apart. Not safe for concurrent use.</summary>
internal sealed class SliceColumns
{
    /// <summary>The most slices of a sensitive column: people who are to be protected are not to vanish among others, but no column of names is to make a slice of each.</summary>
    private const int MostSensitiveValues = 1000;

    private readonly List<IReadOnlyList<string>> _slices = [];
    private readonly OrderedDictionary<string, SliceReader> _readers = new(StringComparer.Ordinal);
    private readonly int _maximumValues;

    public SliceColumns(DataSchema schema, EvaluationOptions options)
    {
        _maximumValues = options.MaximumSliceValues;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumSliceValues, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SliceBins, 2, nameof(EvaluationOptions.SliceBins));
        var asked = options.Slices.Concat(options.IncludesSensitive ? schema.Where(column => column is { Role: ColumnRole.Sensitive, Width: 1 }).Select(column => (IReadOnlyList<string>)[column.Name]) : []);
        foreach (var slice in asked)
        {
            if (slice.Count == 0) throw new ArgumentException("A slice names no column.", nameof(options));
            if (_slices.Any(known => known.SequenceEqual(slice, StringComparer.Ordinal))) continue;
            _slices.Add(slice);
            foreach (var name in slice) _readers.TryAdd(name, Read(Find(schema, name), options));
        }
    }

    /// <summary>Reads the rows of a batch.</summary>
    public void Add(DataBatch rows)
    {
        foreach (var reader in _readers.Values) reader.Add(rows);
    }

    /// <summary>Makes the slices, in the order they were asked for.</summary>
    public IReadOnlyList<SliceColumn> Build()
    {
        var built = _readers.ToDictionary(pair => pair.Key, pair => pair.Value.Build(), StringComparer.Ordinal);
        return [.. _slices.Select(slice => slice.Count == 1 ? built[slice[0]] : SliceReader.Cross([.. slice.Select(name => built[name])], _maximumValues))];
    }

    /// <summary>Reads a column; the texts of a sensitive one are not merged at the usual number.</summary>
    private static SliceReader Read(ColumnSchema column, EvaluationOptions options)
    {
        var isSensitive = column is { Role: ColumnRole.Sensitive, Type: ElementType.String };
        return new SliceReader(column, isSensitive ? Math.Max(MostSensitiveValues, options.MaximumSliceValues) : options.MaximumSliceValues, options.SliceBins);
    }

    private static ColumnSchema Find(DataSchema schema, string name)
    {
        if (schema.TryIndexOf(name, out var index))
        {
            return schema[index].Width == 1
                ? schema[index]
                : throw new ArgumentException($"The column '{name}' has {schema[index].Width} elements in each row; slices are made of one.", nameof(name));
        }

        var known = schema.Select(column => column.Name).ToArray();
        var meant = NearestName.Find(name, known);
        throw new EntityNotFoundException("column", name, $"There is no column '{name}' to make slices of.{(meant is null ? $" The columns are: {string.Join(", ", known.Take(20))}." : $" Did you mean '{meant}'?")}");
    }
}
