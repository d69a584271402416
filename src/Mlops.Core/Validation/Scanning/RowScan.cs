using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks one thing of whole rows, as they come by. Not safe for concurrent use.</summary>
internal abstract class RowScan(DatasetConstraint constraint, int rowsShown)
{
    private readonly List<long> _firstRows = [];

    protected long Judged { get; private set; }

    protected long Violations { get; private set; }

    /// <summary>Looks at rows.</summary>
    public void Add(DataBatch batch, long firstRow)
    {
        Judged += batch.RowCount;
        Judge(batch, firstRow);
    }

    /// <summary>Ends the scan; a finding where something is wrong.</summary>
    public abstract ValidationFinding? Finish();

    protected abstract void Judge(DataBatch batch, long firstRow);

    protected void Violate(long row)
    {
        Violations++;
        if (_firstRows.Count < rowsShown) _firstRows.Add(row);
    }

    protected ValidationFinding? Finish(AnomalyKind kind, string what, double minimumRatio)
    {
        if (Violations == 0 || Judged - Violations >= minimumRatio * Judged) return null;
        var expected = minimumRatio == 1 ? "" : FormattableString.Invariant($"; at least {100 * minimumRatio:0.##} % expected to be right");
        return new ValidationFinding(kind, constraint.Severity, null, FormattableString.Invariant($"{Violations:N0} of {Judged:N0} rows ({100.0 * Violations / Judged:0.##} %) {what}{expected}."))
        {
            Constraint = constraint,
            JudgedCount = Judged,
            ViolationCount = Violations,
            FirstRows = [.. _firstRows],
        };
    }
}
