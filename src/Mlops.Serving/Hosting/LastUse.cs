namespace Mlops.Serving;

/// <summary>When a model was used last, counted in loads of the host. Safe for concurrent use.</summary>
internal sealed class LastUse(MemoryBudget memory)
{
    private int _tick;

    public int Tick => Volatile.Read(ref _tick);

    /// <summary>Notes that the model is used.</summary>
    public void Touch()
    {
        var tick = memory.Tick;
        if (_tick != tick) _tick = tick;
    }
}
