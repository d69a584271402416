using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>Another dataset with one more column, or with another column in the place of one.</summary>
/// <param name="source">The other dataset.</param>
/// <param name="column">The column; it takes the place of the source's of that name, or comes last.</param>
/// <param name="inputs">The columns it is made from, at least one.</param>
/// <param name="make">Makes the column from a batch of the inputs, given the number of the batch's first row in the dataset.</param>
internal sealed class DeriveOperator(IDataset source, ColumnSchema column, IReadOnlyList<string> inputs, Func<DataBatch, long, Column> make)
    : DatasetOperator(source.Name, SchemaOf(source.Schema, column))
{
    private readonly DataSchema _inputs = source.Schema.Select(inputs);

    /// <summary>Makes the column's schema: a column that takes another's place takes its role too.</summary>
    public static ColumnSchema ColumnOf(DataSchema source, string name, ElementType type, bool isNullable, int width = 1)
        => new(name, type, source.TryIndexOf(name, out var index) ? source[index].Role : ColumnRole.Feature) { IsNullable = isNullable, Width = width };

    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isWanted = wanted.TryIndexOf(column.Name, out _);
        var others = NamesOf(wanted).Where(name => name != column.Name);
        var needed = Needed(source, isWanted ? others.Concat(inputs) : others);
        var toInputs = isWanted ? BatchProjection.Of(needed, _inputs) : null;
        int[] ordinals = [.. wanted.Select(other => other.Name == column.Name ? -1 : needed.Index().First(item => item.Item == other.Name).Index)];
        long row = 0;
        await foreach (var batch in ReadSourceAsync(source, needed, batchRows, cancellationToken).ConfigureAwait(false))
        {
            var columns = new Column[wanted.Count];
            for (var i = 0; i < columns.Length; i++) columns[i] = ordinals[i] < 0 ? Make(toInputs!.Apply(batch), row) : batch[ordinals[i]];
            row += batch.RowCount;
            yield return new DataBatch(wanted, columns);
        }
    }

    private Column Make(DataBatch batch, long row)
    {
        var made = make(batch, row);
        if (made is null || made.Type != column.Type || made.Width != column.Width || made.Length != batch.RowCount)
        {
            throw new InvalidOperationException(
                $"Column '{column.Name}' of '{Name}' was declared as {column.Type} × {column.Width}; the function made {Show(made)} from {batch.RowCount} rows. Make one row of the declared type for each row.");
        }

        return made;
    }

    private static string Show(Column? made) => made is null ? "no column" : $"{made.Length} rows of {made.Type} × {made.Width}";

    private static DataSchema SchemaOf(DataSchema source, ColumnSchema column)
        => source.TryIndexOf(column.Name, out var place)
            ? new DataSchema(source.Select((other, i) => i == place ? column : other))
            : new DataSchema(source.Append(column));
}
