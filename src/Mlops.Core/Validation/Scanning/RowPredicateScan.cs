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
            if (!predicate(batch, row)) Violate(firstRow + row);
        }
    }
}
