namespace Mlops.Serving;

/// <summary>When a model was used last, by the number of the memory budget. Safe for concurrent use.</summary>
internal sealed class LastUse(MemoryBudget memory)
{
    private long _tick;

    public long Tick => Volatile.Read(ref _tick);

    /// <summary>Notes that the model is used.</summary>
    public void Touch()
    {
        var tick = memory.Tick;
        if (Volatile.Read(ref _tick) != tick) Volatile.Write(ref _tick, tick);
    }
}
