namespace Mlops.Data;

/// <summary>The columns of a source, and what is known of their types so far.</summary>
internal sealed class InferredSchema
{
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private TypeInference[] _types = new TypeInference[8];

    private readonly double _tolerance;

    /// <param name="badRowHandling">Where bad rows are quarantined, up to a tenth of the values need not fit the type of their column.</param>
    /// <param name="names">The names of the columns, where they are known.</param>
    public InferredSchema(BadRowHandling badRowHandling, params IEnumerable<string> names)
    {
        _tolerance = badRowHandling == BadRowHandling.Quarantine ? 0.1 : 0;
        foreach (var name in names) GetOrAdd(name);
    }

    public int Count => _names.Count;

    public ref TypeInference this[int column] => ref _types[column];

    public bool Contains(string name) => _positions.ContainsKey(name);

    /// <summary>Gets what is known of a column, which is added when it is new.</summary>
    public ref TypeInference GetOrAdd(string name)
    {
        if (!_positions.TryGetValue(name, out var position))
        {
            position = _names.Count;
            _positions.Add(name, position);
            _names.Add(name);
            if (position == _types.Length) Array.Resize(ref _types, position * 2);
            _types[position] = new TypeInference(_tolerance);
        }

        return ref _types[position];
    }

    /// <summary>Takes in another source of the same columns.</summary>
    /// <exception cref="EntityNotFoundException">The other source lacks a column, or has one more.</exception>
    public void Merge(InferredSchema other, string source)
    {
        foreach (var name in _names)
        {
            if (!other._positions.TryGetValue(name, out var position))
                throw new EntityNotFoundException("column", name, $"{source} has no column '{name}', which the files before it have. Leave it out, or give a schema without the column.");
            GetOrAdd(name).Merge(other._types[position]);
        }

        if (other._names.FirstOrDefault(name => !_positions.ContainsKey(name)) is { } added)
            throw new EntityNotFoundException("column", added, $"{source} has a column '{added}', which the files before it do not have. Leave it out, or give a schema without the column.");
    }

    public DataSchema ToSchema() => new(_names.Select((name, i) => _types[i].ToSchema(name)));
}
