using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Reads the weights of rows from the column of the role Weight. Weights that were left aside would give other figures than were asked for, so that what cannot be read is refused.</summary>
internal sealed class OutcomeWeights
{
    private const string Rows = "The rows to judge";
    private readonly string? _column;

    /// <exception cref="DataFormatException">There are several columns of weights, or they are no numbers, or several in each row.</exception>
    public OutcomeWeights(DataSchema schema)
    {
        var columns = schema.Where(column => column.Role == ColumnRole.Weight).ToArray();
        if (columns.Length == 0) return;
        if (columns.Length > 1)
            throw new DataFormatException(Rows, 0, columns[1].Name, $"There is another column of the role {nameof(ColumnRole.Weight)}, '{columns[0].Name}'; a row has one weight. Give all but one column another role.");
        if (columns[0].Type == ElementType.String || columns[0].Width != 1)
            throw new DataFormatException(Rows, 0, columns[0].Name, $"Weights are numbers, one in each row; the column is {columns[0].Type} of width {columns[0].Width}. Give it another role, or make a number of it.");
        _column = columns[0].Name;
    }

    /// <summary>Gets whether there is such a column; otherwise every row counts alike.</summary>
    public bool Exist => _column is not null;

    /// <summary>Reads the weights of a batch, where there are any.</summary>
    /// <exception cref="DataFormatException">A weight is negative, infinite or missing.</exception>
    public void Read(DataBatch batch, Span<double> weights)
    {
        ColumnNumbers.CopyTo(batch[_column!], 0, weights);
        foreach (var weight in weights)
        {
            if (!(weight >= 0) || double.IsInfinity(weight))
                throw new DataFormatException(Rows, 0, _column, "A weight is negative, infinite or missing. Weights must be 0 or positive numbers; a row of weight 0 is left out.");
        }
    }
}
