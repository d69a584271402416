using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The values of a column of another dataset, ready to be looked up. Immutable, safe for concurrent use.</summary>
/// <example><code>
/// var customers = await KeySet.ReadAsync(await CsvDataset.OpenAsync("customers.csv"), "id");
/// var validator = new DataValidator(schema.Column("customer").KeyOf("customers"), new DataValidationOptions { Keys = { ["customers"] = customers } });
/// </code></example>
public sealed class KeySet
{
    private readonly RowKeys _keys;
    private readonly DataSchema _schema;

    private KeySet(ColumnSchema column)
    {
        _schema = new DataSchema(new ColumnSchema(column.Name, column.Type));
        _keys = new RowKeys(_schema, areNullsValues: false);
    }

    /// <summary>Gets the type of the values.</summary>
    public ElementType Type => _schema[0].Type;

    /// <summary>Gets the number of different values.</summary>
    public int Count => _keys.Count;

    /// <summary>Reads the values of a column; missing ones are passed over.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="column">The column, of one element a row.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The values, all in memory.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="ArgumentException">The column holds vectors.</exception>
    public static async Task<KeySet> ReadAsync(IDataset dataset, string column, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var schema = dataset.Schema[column];
        if (schema.Width != 1) throw new ArgumentException($"Column '{column}' has {schema.Width} elements in each row; keys have one.", nameof(column));
        var set = new KeySet(schema);
        int[] numbers = [];
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = [column] }, cancellationToken).ConfigureAwait(false))
        {
            if (numbers.Length < batch.RowCount) numbers = new int[batch.RowCount];
            set._keys.Add(new DataBatch(set._schema, batch[0]), numbers.AsSpan(0, batch.RowCount));
        }

        return set;
    }

    /// <summary>Tells whether values of a type can be looked up.</summary>
    internal bool CanFind(ElementType type) => type == Type || (IsSigned(type) && IsSigned(Type)) || (IsUnsigned(type) && IsUnsigned(Type)) || (type.IsFloatingPoint() && Type.IsFloatingPoint());

    /// <summary>Looks values up.</summary>
    internal void Find(Column column, Span<bool> isKnown)
    {
        var numbers = new int[column.Length];
        _keys.Find(new DataBatch(column.Type == Type ? _schema : new DataSchema(new ColumnSchema(_schema[0].Name, column.Type)), column), numbers);
        for (var row = 0; row < numbers.Length; row++) isKnown[row] = numbers[row] != RowKeys.None;
    }

    private static bool IsSigned(ElementType type) => type is ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.Int64;

    private static bool IsUnsigned(ElementType type) => type is ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64;
}
