namespace Mlops.Models;

/// <summary>Keeps returned tensor batches of one signature side for reuse.</summary>
internal sealed class TensorBatchPool(TensorSpec[] specs)
{
    private readonly TensorBatch?[] _kept = new TensorBatch?[Environment.ProcessorCount * 2];
    private TensorBatch? _first;

    public TensorBatch Rent(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        var batch = _first;
        if (batch is null || Interlocked.CompareExchange(ref _first, null, batch) != batch)
            batch = TakeKept() ?? new TensorBatch(this, specs);
        batch.Activate(rows);
        return batch;
    }

    public void Return(TensorBatch batch)
    {
        if (_first is null && Interlocked.CompareExchange(ref _first, batch, null) is null) return;
        foreach (ref var slot in _kept.AsSpan())
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, batch, null) is null) return;
        }
    }

    private TensorBatch? TakeKept()
    {
        foreach (ref var slot in _kept.AsSpan())
        {
            var batch = slot;
            if (batch is not null && Interlocked.CompareExchange(ref slot, null, batch) == batch) return batch;
        }

        return null;
    }
}
