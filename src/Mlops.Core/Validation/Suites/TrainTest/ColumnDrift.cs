using Mlops.Data;

namespace Mlops.Validation;

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

    public DriftScore MeasureNumbers() => DriftScore.OfNumbers(Column.Name, _numbers![0], _numbers[1]);

    public DriftScore MeasureCategories(double minimumRatio) => DriftScore.OfCategories(Column.Name, _categories!.GetTable(), minimumRatio);
}
