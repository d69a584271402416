namespace Mlops.Data;

/// <summary>Some rows of a dataset, column by column. Immutable; valid for ever.</summary>
public sealed class DataBatch
{
    private readonly Column[] _columns;

    /// <summary>Creates a batch.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="columns">The columns, in the schema's order and of its types, all of one length.</param>
    /// <exception cref="ArgumentException">Columns and schema do not agree.</exception>
    public DataBatch(DataSchema schema, params IEnumerable<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(columns);
        _columns = [.. columns];
        Schema = schema;
        if (_columns.Length != schema.Count)
            throw new ArgumentException($"The schema has {schema.Count} columns, but {_columns.Length} were given.", nameof(columns));
        RowCount = _columns.Length == 0 ? 0 : _columns[0].Length;
        for (var i = 0; i < _columns.Length; i++)
        {
            var (expected, actual) = (schema[i], _columns[i]);
            if (actual.Type != expected.Type || actual.Width != expected.Width)
                throw new ArgumentException($"Column '{expected.Name}' is {expected.Type} × {expected.Width} in the schema, but {actual.Type} × {actual.Width} was given.", nameof(columns));
            if (actual.Length != RowCount)
                throw new ArgumentException($"Column '{expected.Name}' has {actual.Length} rows, but '{schema[0].Name}' has {RowCount}.", nameof(columns));
        }
    }

    /// <summary>Gets the schema.</summary>
    public DataSchema Schema { get; }

    /// <summary>Gets the number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Gets the column at a position of the schema.</summary>
    /// <param name="index">The position, from 0.</param>
    public Column this[int index] => _columns[index];

    /// <summary>Gets the column of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public Column this[string name] => _columns[Schema.IndexOf(name)];

    /// <summary>Makes a batch of the given rows, copied, in the given order.</summary>
    /// <param name="rows">The rows, from 0.</param>
    /// <returns>The rows.</returns>
    public DataBatch Take(ReadOnlySpan<int> rows)
    {
        var taken = new Column[_columns.Length];
        for (var i = 0; i < taken.Length; i++) taken[i] = _columns[i].Take(rows);
        return new DataBatch(Schema, taken);
    }

    /// <summary>Makes a batch of some consecutive rows that shares this one's memory.</summary>
    /// <param name="start">The first row; a multiple of 64.</param>
    /// <param name="length">The number of rows.</param>
    /// <returns>The rows.</returns>
    public DataBatch Slice(int start, int length) => new(Schema, _columns.Select(column => column.Slice(start, length)));

    /// <summary>Makes a batch of some of the columns that shares this one's memory.</summary>
    /// <param name="names">The columns to keep, in their new order.</param>
    /// <returns>The columns.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public DataBatch Select(params IReadOnlyList<string> names) => new(Schema.Select(names), names.Select(name => this[name]));

    /// <summary>Makes a batch of any consecutive rows that shares this one's memory, except for validity bitmaps.</summary>
    internal DataBatch Rows(int start, int length)
        => start == 0 && length == RowCount ? this : new DataBatch(Schema, _columns.Select(column => column.Rows(start, length)));

    /// <summary>Makes one batch of several.</summary>
    /// <exception cref="InvalidOperationException">There are more rows, or more bytes of text, than one batch can hold.</exception>
    internal static DataBatch Concat(DataSchema schema, IReadOnlyList<DataBatch> batches) => batches.Count switch
    {
        0 => new DataBatch(schema, schema.Select(EmptyColumn.Create)),
        1 => batches[0],
        _ => new DataBatch(schema, Enumerable.Range(0, schema.Count).Select(i => Column.Concat([.. batches.Select(batch => batch[i])]))),
    };
}
