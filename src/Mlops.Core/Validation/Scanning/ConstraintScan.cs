using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks one constraint of one column.</summary>
internal abstract class ConstraintScan<TConstraint>(TConstraint constraint, ColumnSchema column, int rowsShown) : ColumnScan(column, rowsShown)
    where TConstraint : ColumnConstraint
{
    protected TConstraint Constraint { get; } = constraint;

    protected ValidationFinding Found(AnomalyKind kind, string message) => Found(kind, Constraint.Severity, message) with { Constraint = Constraint };

    /// <summary>Tells whether so large a share of the judged values is right.</summary>
    protected bool IsWithin(double minimumRatio) => Violations == 0 || Judged - Violations >= minimumRatio * Judged;

    /// <summary>Says what share would have been right.</summary>
    protected static string Expected(double minimumRatio) => minimumRatio == 1 ? "" : FormattableString.Invariant($"; at least {100 * minimumRatio:0.##} % expected to be right");
}
