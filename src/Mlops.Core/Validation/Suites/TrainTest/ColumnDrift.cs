using Mlops.Data;

namespace Mlops.Validation;

/// <summary>How much the distribution of a column differs between the datasets.</summary>
/// <param name="Column">The name of the column.</param>
/// <param name="IsNumeric">Whether the values are numbers or times, and the score a Kolmogorov–Smirnov statistic; otherwise it is Cramér's V.</param>
/// <param name="Value">The score, 0..1.</param>
/// <param name="Error">The largest error of the score by sketches; 0 where it is exact.</param>
/// <param name="TrainCount">The number of training rows with a value.</param>
/// <param name="TestCount">The number of test rows with a value.</param>
internal sealed record DriftScore(string Column, bool IsNumeric, double Value, double Error, long TrainCount, long TestCount)
{
    public string Show() => Error == 0 ? CheckText.Number(Value) : $"{CheckText.Number(Value)} ± {CheckText.Number(Error)}";

    /// <summary>Judges the score: <see langword="null"/> where its error does not let it be told from the limit.</summary>
    public bool? IsBelow(double limit) => Value + Error < limit ? true : Error == 0 || Value - Error >= limit ? Value < limit : null;

    public IReadOnlyList<string> ToRow() => [Column, IsNumeric ? "Kolmogorov–Smirnov" : "Cramér's V", Show(), CheckText.Count(TrainCount), CheckText.Count(TestCount)];
}

/// <summary>Compares the distributions of a column, row by row, as numbers, as categories or as both.</summary>
internal sealed class ColumnDrift
{
    private readonly NumberDistribution[]? _numbers;
    private readonly CategoryCounts? _categories;

    /// <param name="column">The column.</param>
    /// <param name="asNumbers">Whether to keep the distribution of numbers.</param>
    /// <param name="capacity">The largest number of categories to count; 0 for none.</param>
    /// <param name="exactCount">The number of values up to which the distribution of numbers is exact.</param>
    public ColumnDrift(PairedColumn column, bool asNumbers, int capacity, int exactCount)
    {
        Column = column;
        if (asNumbers) _numbers = [new NumberDistribution(exactCount), new NumberDistribution(exactCount)];
        if (capacity > 0) _categories = new CategoryCounts(column, capacity);
    }

    /// <summary>Gets the column.</summary>
    public PairedColumn Column { get; }

    /// <summary>Gets the categories.</summary>
    public CategoryCounts? Categories => _categories;

    /// <summary>Adds rows.</summary>
    public void Add(DatasetPart part, DataBatch rows)
    {
        _categories?.Add(part, rows);
        _numbers?[(int)part].Add(CommonForms.ReadNumbers(Column.In(part, rows), Column.Form));
    }

    /// <summary>Gets the number of rows with a value.</summary>
    public long GetCount(DatasetPart part) => _numbers?[(int)part].Count ?? _categories!.GetPresent(part);

    public DriftScore MeasureNumbers()
    {
        var (statistic, error) = NumberDistribution.Compare(_numbers![0], _numbers[1]);
        return new DriftScore(Column.Name, true, statistic, error, _numbers[0].Count, _numbers[1].Count);
    }

    public DriftScore MeasureCategories(double minimumRatio)
        => new(Column.Name, false, CramersV.Compute(_categories!.GetTable(), minimumRatio), 0, _categories.GetPresent(DatasetPart.Train), _categories.GetPresent(DatasetPart.Test));
}
