namespace Mlops.Models;

/// <summary>Keeps returned tensor batches of one signature side for reuse.</summary>
internal sealed class TensorBatchPool(TensorSpec[] specs, bool isOfInputs)
{
    /// <summary>Not to bind much memory to threads that may not predict again.</summary>
    private const int Few = 4096;

    /// <summary>The small batches that the thread has returned last, of whatever model: a thread that predicts row by row meets no other one at the pool.</summary>
    [ThreadStatic]
    private static TensorBatch? t_inputs;

    [ThreadStatic]
    private static TensorBatch? t_outputs;

    private readonly SlotPool<TensorBatch> _kept = new(1 + (Environment.ProcessorCount * 2));

    public TensorBatch Rent(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        var batch = TakeOwn(ref isOfInputs ? ref t_inputs : ref t_outputs) ?? _kept.TryRent() ?? new TensorBatch(this, specs);
        batch.Activate(rows);
        return batch;
    }

    /// <summary>Keeps a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="elements">For how many elements it has room.</param>
    public void Return(TensorBatch batch, long elements)
    {
        if (elements <= Few) Exchange(ref isOfInputs ? ref t_inputs : ref t_outputs, batch);
        else _kept.TryReturn(batch);
    }

    private TensorBatch? TakeOwn(ref TensorBatch? place)
    {
        var batch = place;
        if (batch is null || batch.Pool != this) return null;
        place = null;
        return batch;
    }

    private static void Exchange(ref TensorBatch? place, TensorBatch batch)
    {
        var other = place;
        place = batch;
        other?.Pool._kept.TryReturn(other);
    }
}
