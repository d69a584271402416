namespace Mlops.Serving;

/// <summary>How many batches run at the same time over all models that share it. Models that wait for a slot get one in turn, whatever their load. Safe for concurrent use.</summary>
/// <example><code>
/// var budget = new ComputeBudget(slots: 4);
/// var fraud = new PredictorBuilder(fraudModel.CreatePredictor()).UseBatching(budget: budget).Build();
/// var churn = new PredictorBuilder(churnModel.CreatePredictor()).UseBatching(budget: budget).Build();
/// </code></example>
public sealed class ComputeBudget
{
    private readonly Lock _lock = new();
    private readonly Queue<IComputeClient> _waiting = [];
    private int _free;

    /// <summary>Creates a budget.</summary>
    /// <param name="slots">How many batches run at the same time, ≥ 1.</param>
    public ComputeBudget(int slots)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        Slots = slots;
        _free = slots;
    }

    /// <summary>Gets how many batches run at the same time.</summary>
    public int Slots { get; }

    /// <summary>Takes a slot if one is free.</summary>
    internal bool TryTake()
    {
        lock (_lock)
        {
            if (_free == 0) return false;
            _free--;
            return true;
        }
    }

    /// <summary>Takes a slot if one is free; otherwise the client is given one later. A client waits once at a time.</summary>
    internal bool TryTakeOrWait(IComputeClient client)
    {
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return true;
            }

            _waiting.Enqueue(client);
            return false;
        }
    }

    /// <summary>Gives a slot back: to the client that has waited longest.</summary>
    internal void Return()
    {
        IComputeClient? next;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out next)) _free++;
        }

        next?.OnSlot();
    }
}
