using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>Rows that a model does badly with, told apart by one or two columns.</summary>
/// <param name="Columns">The columns and their bounds: above the lower one, at most the upper one.</param>
/// <param name="Rows">The rows, by their number in the sample.</param>
/// <param name="Score">The score of the model for them.</param>
internal sealed record WeakSegment(IReadOnlyList<(FeatureCodes Codes, double[] Values, double Lower, double Upper)> Columns, int[] Rows, double Score)
{
    /// <summary>Gets the names of the columns.</summary>
    public string Names => string.Join(" and ", Columns.Select(column => $"'{column.Codes.Column.Name}'"));

    /// <summary>Describes the segment without a value of the data: by the share of the rows that lie below its bounds.</summary>
    public string Describe() => string.Join(" and ", Columns.Select(column =>
    {
        var rows = (double)column.Values.Length;
        var (from, to) = (column.Values.Count(value => value <= column.Lower) / rows, column.Values.Count(value => value <= column.Upper) / rows);
        return column.Codes.IsOfCategories
            ? Categories(column)
            : $"'{column.Codes.Column.Name}' from its {Quantile(from)} to its {Quantile(to)} quantile";
    }));

    /// <summary>Describes the segment by the bounds themselves; categories are not listed.</summary>
    public string DescribeBounds() => string.Join(" and ", Columns.Select(column => column.Codes.IsOfCategories
        ? Categories(column)
        : (double.IsNegativeInfinity(column.Lower) ? "" : $"{Bound(column.Lower)} < ") + $"'{column.Codes.Column.Name}'" + (double.IsPositiveInfinity(column.Upper) ? "" : $" ≤ {Bound(column.Upper)}")));

    private static string Categories((FeatureCodes Codes, double[] Values, double Lower, double Upper) column) => string.Create(
        CultureInfo.InvariantCulture, $"{column.Codes.CountCategories(column.Lower, column.Upper)} of {column.Codes.CountCategories(double.NegativeInfinity, double.PositiveInfinity)} categories of '{column.Codes.Column.Name}'");

    private static string Quantile(double share) => share.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Bound(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
