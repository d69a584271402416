using Mlops.Data;

namespace Mlops.Validation;

/// <summary>How much the values of a column of any type vary: the probability that two rows differ.</summary>
/// <remarks>The index of C. Gini and E. H. Simpson, 1 − Σp², over categories, or over bins of about equal counts of numbers; 0 for a constant.</remarks>
internal static class FeatureSpread
{
    private const int Bins = 10;

    public static double Measure(Column column)
    {
        if (column.Length == 0) return 0;
        if (column is TextColumn text) return Index(Enumerable.Range(0, text.Length).Select(row => text.GetString(row) ?? "\0"));
        // Of a vector the first element that varies most; each is a column of its own.
        var numbers = ColumnNumbers.ToDoubles(column);
        return Enumerable.Range(0, column.Width).Max(element => OfNumbers([.. Enumerable.Range(0, column.Length).Select(row => numbers[(row * column.Width) + element])]));
    }

    private static double OfNumbers(double[] values)
    {
        Array.Sort(values); // NaN, a missing value, comes first.
        var bounds = Enumerable.Range(1, Bins - 1).Select(i => values[(int)((long)i * values.Length / Bins)]).ToArray();
        return Index(values.Select(value => bounds.Count(bound => bound.CompareTo(value) < 0)));
    }

    private static double Index<T>(IEnumerable<T> values)
        where T : notnull
    {
        var counts = values.GroupBy(value => value).Select(group => (double)group.Count()).ToArray();
        var rows = counts.Sum();
        return 1 - counts.Sum(count => count / rows * (count / rows));
    }
}
