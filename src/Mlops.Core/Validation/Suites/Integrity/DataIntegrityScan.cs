using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A check of one dataset that is under way.</summary>
internal abstract class DataIntegrityScan(DataIntegrityCheck check) : ICheckScan
{
    /// <summary>Gets the number of rows so far.</summary>
    protected long Rows { get; private set; }

    public void Add(CheckedBatch batch)
    {
        if (batch.Part != check.Part) return;
        Add(batch.Rows, batch.FirstRow);
        Rows += batch.Rows.RowCount;
    }

    public ValueTask<CheckResult> FinishAsync(CancellationToken cancellationToken)
        => new(Rows == 0 && NeedsRows ? NotApplicable("The dataset has no rows.") : Finish(cancellationToken));

    /// <summary>Gets whether the check says nothing of a dataset without rows.</summary>
    protected virtual bool NeedsRows => true;

    protected virtual void Add(DataBatch rows, long firstRow)
    {
    }

    protected abstract CheckResult Finish(CancellationToken cancellationToken);

    protected CheckResult NotApplicable(string reason) => CheckResult.NotApplicable(check.Name, reason);

    /// <summary>Makes the result of a check with one condition.</summary>
    protected CheckResult Result(string summary, string expected, bool isMet, string measured) => new(check.Name, summary, [new CheckCondition(expected, check.Judge(isMet), measured)]);
}
