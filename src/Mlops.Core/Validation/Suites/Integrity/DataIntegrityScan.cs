using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A check of one dataset that is under way.</summary>
internal abstract class DataIntegrityScan(DatasetPart part) : ICheckScan
{
    /// <summary>Gets the number of rows so far.</summary>
    protected long Rows { get; private set; }

    public void Add(CheckedBatch batch)
    {
        if (batch.Part != part) return;
        Add(batch.Rows, batch.FirstRow);
        Rows += batch.Rows.RowCount;
    }

    public ValueTask<CheckResult> FinishAsync(CancellationToken cancellationToken) => new(Finish(cancellationToken));

    protected virtual void Add(DataBatch rows, long firstRow)
    {
    }

    protected abstract CheckResult Finish(CancellationToken cancellationToken);
}
