using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Judges values by a test written in code.</summary>
internal sealed class PredicateScan(PredicateConstraint constraint, ColumnPredicate predicate, ColumnSchema column, int rowsShown) : ConstraintScan<PredicateConstraint>(constraint, column, rowsShown)
{
    private readonly ColumnTest _test = predicate.Begin(column);
    private bool?[] _passes = [];

    public override void Add(ColumnView view)
    {
        var rows = view.Column.Length;
        if (_passes.Length < rows) _passes = new bool?[rows];
        try
        {
            _test(view.Column, _passes.AsSpan(0, rows));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Its message may quote a value; it is the inner one.
            throw new InvalidOperationException($"The test '{Constraint.Name}' of column '{Column.Name}' failed with {error.GetType().Name} in one of the rows {view.FirstRow} to {view.FirstRow + rows - 1}.", error);
        }

        for (var row = 0; row < rows; row++)
        {
            if (_passes[row] is not { } passes) continue;
            Judged++;
            if (!passes) Violate(view.FirstRow + row);
        }
    }

    public override ValidationFinding? Finish() => IsWithin(Constraint.MinimumRatio) ? null
        : Found(AnomalyKind.PredicateViolated, $"{Share("values")} do not pass the test '{Constraint.Name}'{Expected(Constraint.MinimumRatio)}.");
}
