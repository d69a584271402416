namespace Mlops.Validation;

/// <summary>Counts and shows values of the test set that the training set does not have.</summary>
internal static class NewValues
{
    private const int MostShown = 20;

    /// <summary>Counts the new values, and the test rows that have them. Where new values are too many to be counted one by one, the others count as one.</summary>
    public static (int Values, long Rows) Count(CategoryCounts column)
    {
        var (values, rows) = (column.OtherTestRows > 0 ? 1 : 0, column.OtherTestRows);
        foreach (var value in Find(column))
        {
            values++;
            rows += column.GetCount(DatasetPart.Test, value);
        }

        return (values, rows);
    }

    /// <summary>Makes a table of the new values, the most frequent first; <see langword="null"/> where they must not be shown, or there are none.</summary>
    public static CheckTable? Show(string title, IReadOnlyList<CategoryCounts> columns, bool showValues)
    {
        if (!showValues) return null;
        var rows = columns
            .SelectMany(column => Find(column).Select(value => (Column: column.Column.Name, Value: column.GetText(value), Rows: column.GetCount(DatasetPart.Test, value))))
            .OrderByDescending(row => row.Rows).ThenBy(row => row.Column, StringComparer.Ordinal).ThenBy(row => row.Value, StringComparer.Ordinal)
            .Take(MostShown)
            .Select(row => (IReadOnlyList<string>)[row.Column, row.Value, Wording.Count(row.Rows)]);
        return rows.ToList() is { Count: > 0 } shown ? new CheckTable(title, ["Column", "Value", "Test rows"], shown) : null;
    }

    private static IEnumerable<int> Find(CategoryCounts column)
    {
        for (var value = 0; value < column.ValueCount; value++)
        {
            if (column.GetCount(DatasetPart.Train, value) == 0) yield return value;
        }
    }
}
