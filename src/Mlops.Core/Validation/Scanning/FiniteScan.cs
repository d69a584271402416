using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for NaN and infinities.</summary>
internal sealed class FiniteScan(FiniteConstraint constraint, ColumnSchema column, int rowsShown) : ConstraintScan<FiniteConstraint>(constraint, column, rowsShown)
{
    public override void Add(ColumnView view)
    {
        var present = view.Column.Length - view.Column.NullCount;
        Judged += present;
        if (!view.Column.Type.IsFloatingPoint()) return;
        var numbers = view.Numbers;
        var facts = view.Facts;
        if (facts.NaNCount == view.Column.NullCount * view.Column.Width && (present == 0 || (double.IsFinite(facts.Minimum) && double.IsFinite(facts.Maximum)))) return;
        for (var row = 0; row < view.Column.Length; row++)
        {
            if (!view.Column.IsNull(row) && !IsFinite(numbers.Slice(row * view.Column.Width, view.Column.Width))) Violate(view.FirstRow + row);
        }
    }

    public override ValidationFinding? Finish() => Violations == 0 ? null : Found(AnomalyKind.NotFinite, $"{Share(Column.Width == 1 ? "values" : "vectors")} are NaN or infinite.");

    private static bool IsFinite(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (!double.IsFinite(value)) return false;
        }

        return true;
    }
}
