using System.Collections;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Mlops.Data;

/// <summary>The ordered columns of a dataset. Immutable; two schemas are equal when their columns are.</summary>
public sealed class DataSchema : IReadOnlyList<ColumnSchema>, IEquatable<DataSchema>
{
    private readonly ColumnSchema[] _columns;
    private readonly FrozenDictionary<string, int> _ordinals;

    /// <summary>Creates a schema.</summary>
    /// <param name="columns">The columns, in order.</param>
    /// <exception cref="ArgumentException">Two columns have the same name, a name is empty, or a width is below 1.</exception>
    public DataSchema(params IEnumerable<ColumnSchema> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = [.. columns];
        var ordinals = new Dictionary<string, int>(_columns.Length, StringComparer.Ordinal);
        for (var i = 0; i < _columns.Length; i++)
        {
            ArgumentException.ThrowIfNullOrEmpty(_columns[i].Name, nameof(columns));
            if (_columns[i].Width < 1)
                throw new ArgumentException($"Column '{_columns[i].Name}' has a width below 1.", nameof(columns));
            if (!ordinals.TryAdd(_columns[i].Name, i))
                throw new ArgumentException($"Column '{_columns[i].Name}' occurs twice; give each column a name of its own.", nameof(columns));
        }

        _ordinals = ordinals.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Gets the number of columns.</summary>
    public int Count => _columns.Length;

    /// <summary>Gets the column at a position.</summary>
    /// <param name="index">The position, from 0.</param>
    public ColumnSchema this[int index] => _columns[index];

    /// <summary>Gets the column of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public ColumnSchema this[string name] => _columns[IndexOf(name)];

    /// <summary>Finds the position of a column.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The position, from 0.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public int IndexOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_ordinals.TryGetValue(name, out var index))
            return index;
        throw new EntityNotFoundException("column", name, $"There is no column '{name}'. The columns are: {ListNames()}.");
    }

    /// <summary>Finds the position of a column, if there is one.</summary>
    /// <param name="name">The name.</param>
    /// <param name="index">The position, from 0.</param>
    /// <returns>Whether there is such a column.</returns>
    public bool TryIndexOf(string name, out int index) => _ordinals.TryGetValue(name, out index);

    /// <summary>Finds the column of a role.</summary>
    /// <param name="role">The role.</param>
    /// <returns>The only column of that role.</returns>
    /// <exception cref="EntityNotFoundException">No column has the role.</exception>
    /// <exception cref="InvalidOperationException">Several columns have the role.</exception>
    public ColumnSchema Single(ColumnRole role)
    {
        if (!TrySingle(role, out var column))
            throw new EntityNotFoundException("column", role.ToString(), $"No column has the role {role}; give it to one with schema.WithRole(name, ColumnRole.{role}).");
        return column;
    }

    /// <summary>Finds the column of a role, if there is one.</summary>
    /// <param name="role">The role.</param>
    /// <param name="column">The only column of that role.</param>
    /// <returns>Whether a column has the role.</returns>
    /// <exception cref="InvalidOperationException">Several columns have the role.</exception>
    public bool TrySingle(ColumnRole role, [NotNullWhen(true)] out ColumnSchema? column)
    {
        column = null;
        foreach (var candidate in _columns)
        {
            if (candidate.Role != role) continue;
            if (column is not null)
                throw new InvalidOperationException($"Columns '{column.Name}' and '{candidate.Name}' both have the role {role}; only one may have it here.");
            column = candidate;
        }

        return column is not null;
    }

    /// <summary>Makes a schema in which a column has another role.</summary>
    /// <param name="name">The column.</param>
    /// <param name="role">Its role.</param>
    /// <returns>The new schema.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public DataSchema WithRole(string name, ColumnRole role)
    {
        var columns = (ColumnSchema[])_columns.Clone();
        var index = IndexOf(name);
        columns[index] = columns[index] with { Role = role };
        return new DataSchema(columns);
    }

    /// <summary>Makes a schema of some of the columns.</summary>
    /// <param name="names">The columns to keep, in their new order.</param>
    /// <returns>The new schema.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public DataSchema Select(params IEnumerable<string> names) => new(names.Select(name => this[name]));

    /// <inheritdoc/>
    public bool Equals(DataSchema? other) => other is not null && _columns.AsSpan().SequenceEqual(other._columns);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DataSchema);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var column in _columns) hash.Add(column);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<ColumnSchema> GetEnumerator() => ((IEnumerable<ColumnSchema>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _columns.GetEnumerator();

    private string ListNames()
    {
        const int Shown = 20;
        var names = string.Join(", ", _columns.Take(Shown).Select(column => column.Name));
        return _columns.Length > Shown ? $"{names} and {_columns.Length - Shown} more" : names;
    }
}
