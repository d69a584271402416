using Mlops.Data;

namespace Mlops.Training;

/// <summary>Reads the weights of rows from the column of the role Weight: the one reader for all trainers, steps and baselines.</summary>
internal sealed class RowWeights
{
    private readonly IDataset _dataset;

    /// <exception cref="DataFormatException">There are several columns of weights, or they are no numbers, or several in each row.</exception>
    public RowWeights(IDataset dataset)
    {
        _dataset = dataset;
        var columns = dataset.Schema.Where(column => column.Role == ColumnRole.Weight).ToArray();
        if (columns.Length == 0) return;
        var first = columns[0];
        if (columns.Length > 1)
            throw new DataFormatException(dataset.Name, 0, columns[1].Name, $"There is another column of the role {nameof(ColumnRole.Weight)}, '{first.Name}'; a row has one weight. Give all but one column another role.");
        if (!first.Type.IsNumeric() || first.Width != 1)
            throw new DataFormatException(dataset.Name, 0, first.Name, $"Weights are numbers, one in each row; the column is {first.Type}{(first.Width == 1 ? "" : FormattableString.Invariant($" of width {first.Width}"))}. Give it another role, or make a number of it.");
        Column = first.Name;
    }

    /// <summary>Gets the column; <see langword="null"/> where there is none, and each row weighs 1.</summary>
    public string? Column { get; }

    /// <summary>Tells that sums over weighted rows are too large.</summary>
    public static DataFormatException TooLarge(IDataset dataset) => new(
        dataset.Name, 0, new RowWeights(dataset).Column,
        "The weights are so large that sums over rows overflow 64-bit floating point. Divide all weights by their mean.");

    /// <summary>Reads the weights of a batch, shape (rows).</summary>
    /// <exception cref="DataFormatException">A weight is negative, infinite or missing.</exception>
    public double[] Read(DataBatch batch)
    {
        var weights = new double[batch.RowCount];
        if (Column is null)
        {
            weights.AsSpan().Fill(1);
            return weights;
        }

        ColumnNumbers.CopyTo(batch[Column], 0, weights);
        foreach (var weight in weights) Check(weight);
        return weights;
    }

    /// <summary>Reads the weight of one row.</summary>
    /// <exception cref="DataFormatException">It is negative, infinite or missing.</exception>
    public double Read(Column column, int row)
    {
        var weight = LabelColumn.NumberAt(column, row);
        Check(weight);
        return weight;
    }

    private void Check(double weight)
    {
        if (!(weight >= 0) || double.IsInfinity(weight))
            throw new DataFormatException(_dataset.Name, 0, Column, "A weight is negative, infinite or missing. Weights must be 0 or positive numbers; a row of weight 0 is left out.");
    }
}
