using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks one thing of one column, as the rows come by. Not safe for concurrent use.</summary>
internal abstract class ColumnScan(ColumnSchema column, int rowsShown)
{
    private readonly List<long> _firstRows = [];

    /// <summary>Gets the column, as the data have it.</summary>
    protected ColumnSchema Column { get; } = column;

    /// <summary>Gets or sets the number of rows that were judged.</summary>
    protected long Judged { get; set; }

    /// <summary>Gets the number of rows that were violations.</summary>
    protected long Violations { get; private set; }

    /// <summary>Looks at rows.</summary>
    public abstract void Add(ColumnView view);

    /// <summary>Ends the scan; a finding where something is wrong.</summary>
    public abstract ValidationFinding? Finish();

    protected void Violate(long row)
    {
        Violations++;
        if (_firstRows.Count < rowsShown) _firstRows.Add(row);
    }

    protected ValidationFinding Found(AnomalyKind kind, ValidationSeverity severity, string message) => new(kind, severity, Column.Name, message)
    {
        JudgedCount = Judged,
        ViolationCount = Violations,
        FirstRows = [.. _firstRows],
    };

    protected string Share(string of) => FormattableString.Invariant($"{Violations:N0} of {Judged:N0} {of} ({100.0 * Violations / Judged:0.##} %)");
}
