namespace Mlops.Models;

/// <summary>Keeps returned tensor batches of one signature side for reuse.</summary>
internal sealed class TensorBatchPool(TensorSpec[] specs)
{
    private readonly SlotPool<TensorBatch> _kept = new(1 + (Environment.ProcessorCount * 2));

    public TensorBatch Rent(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        var batch = _kept.TryRent() ?? new TensorBatch(this, specs);
        batch.Activate(rows);
        return batch;
    }

    public void Return(TensorBatch batch) => _kept.TryReturn(batch);
}
