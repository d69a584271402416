using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Judges rows by a test written in code.</summary>
internal sealed class RowPredicateScan(RowPredicateConstraint constraint, Func<DataBatch, int, bool> predicate, int rowsShown) : RowScan(constraint, rowsShown)
{
    public override ValidationFinding? Finish() => Finish(AnomalyKind.PredicateViolated, $"do not pass the test '{constraint.Name}'", constraint.MinimumRatio);

    protected override void Judge(DataBatch batch, long firstRow)
    {
        for (var row = 0; row < batch.RowCount; row++)
        {
            if (!Passes(batch, row, firstRow)) Violate(firstRow + row);
        }
    }

    private bool Passes(DataBatch batch, int row, long firstRow)
    {
        try
        {
            return predicate(batch, row);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Its message may quote a value; it is the inner one.
            throw new InvalidOperationException($"The test '{constraint.Name}' failed with {error.GetType().Name} in row {firstRow + row}.", error);
        }
    }
}
