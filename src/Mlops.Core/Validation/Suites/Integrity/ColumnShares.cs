using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A share of each column's rows, of which each must keep within a limit.</summary>
internal sealed class ColumnShares
{
    private const int RowsShown = 50;
    private readonly List<(string Column, long Part, long Whole)> _shares = [];

    public void Add(ColumnSchema column, long part, long whole) => _shares.Add((column.Name, part, whole));

    /// <summary>Makes the result.</summary>
    /// <param name="check">The check.</param>
    /// <param name="figure">The name of the figure: <c>missing</c>.</param>
    /// <param name="what">What is counted: <c>missing values</c>.</param>
    /// <param name="unit">What the whole is made of: <c>rows</c>.</param>
    /// <param name="maximum">The largest share.</param>
    public CheckResult ToResult(DataIntegrityCheck check, string figure, string what, string unit, double maximum)
    {
        var ordered = _shares.OrderByDescending(share => Ratio(share)).ToArray();
        string[] above = [.. ordered.Where(share => Ratio(share) > maximum).Select(share => share.Column)];
        var worst = ordered.Length == 0 ? default : ordered[0];
        var largest = worst.Part == 0 ? "none" : $"{CheckText.Share(worst.Part, worst.Whole, unit)} in {worst.Column}";
        var condition = new CheckCondition(
            $"{what} in at most {CheckText.Percent(maximum)} of the {unit} of each column",
            check.Judge(above.Length == 0),
            above.Length == 0 ? $"at most {largest}" : $"above the limit: {Wording.Names(above)}");
        return new CheckResult(check.Name, $"{Wording.Count(ordered.Count(share => share.Part > 0))} of {Wording.Count(_shares.Count, "column")} have {what}; the most: {largest}.", [condition])
        {
            Values = new Dictionary<string, double?> { [$"largest_{figure}_ratio"] = worst.Whole == 0 ? null : Ratio(worst), ["columns_above_limit"] = above.Length },
            Tables = worst.Part == 0 ? [] : [new CheckTable("Columns", ["Column", "Rows", "Share"], [.. ordered.Where(share => share.Part > 0).Take(RowsShown)
                .Select(share => (IReadOnlyList<string>)[share.Column, Wording.Count(share.Part), CheckText.Percent(Ratio(share))])])],
        };
    }

    private static double Ratio((string Column, long Part, long Whole) share) => share.Whole == 0 ? 0 : (double)share.Part / share.Whole;
}
