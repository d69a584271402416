namespace Mlops.Serving;

/// <summary>How many batches run at the same time over all models that share it. Models that wait for a slot get one in turn, whatever their load. Safe for concurrent use.</summary>
/// <example><code>
/// var budget = new ComputeBudget(slots: 4);
/// var fraud = new PredictorBuilder(fraudModel.CreatePredictor()).UseBatching(budget: budget).Build();
/// var churn = new PredictorBuilder(churnModel.CreatePredictor()).UseBatching(budget: budget).Build();
/// </code></example>
public sealed class ComputeBudget
{
    /// <summary>About the last twenty batches count.</summary>
    private const double Fading = 0.05;

    private readonly Lock _lock = new();
    private readonly Queue<IComputeClient> _waiting = [];
    private int _free;
    private long _asked;
    private long _given;
    private double _heldSeconds;
    private int _contenders;

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

    /// <summary>Gets whether a slot is free.</summary>
    internal bool HasFree => Volatile.Read(ref _free) > 0;

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
    /// <param name="client">The client.</param>
    /// <param name="ticket">Its place among those that wait, for <see cref="Expect"/>; 0 where it has a slot.</param>
    internal bool TryTakeOrWait(IComputeClient client, out long ticket)
    {
        lock (_lock)
        {
            ticket = 0;
            if (_free > 0)
            {
                _free--;
                return true;
            }

            _waiting.Enqueue(client);
            ticket = ++_asked;
            return false;
        }
    }

    /// <summary>Gives a slot back: to the client that has waited longest.</summary>
    /// <param name="heldSeconds">How long the batch took; <see langword="null"/> where none was run, or it tells nothing of others.</param>
    internal void Return(double? heldSeconds = null)
    {
        IComputeClient? next;
        lock (_lock)
        {
            if (heldSeconds is { } seconds) _heldSeconds += (_heldSeconds > 0 ? Fading : 1) * (seconds - _heldSeconds);
            if (_waiting.TryDequeue(out next)) _given++;
            else _free++;
        }

        next?.OnSlot();
    }

    /// <summary>Counts the clients that have more to run than they run.</summary>
    internal void OnContending(bool isContending) => Interlocked.Add(ref _contenders, isContending ? 1 : -1);

    /// <summary>What a client has to expect, at the pace at which slots were given back.</summary>
    /// <param name="ticket">Its place where it waits, otherwise 0.</param>
    /// <param name="isContending">Whether it is counted as having more to run.</param>
    /// <returns>The seconds until it has a slot; those until all others have one that wait for one now; and those from one slot of its own to the next while others want some too.</returns>
    internal (double Slot, double Others, double Turn) Expect(long ticket, bool isContending)
    {
        lock (_lock)
        {
            if (_free > 0) return default;
            var pace = _heldSeconds / Slots;
            var isWaiting = ticket > _given;
            var slot = isWaiting ? ticket - _given : ticket > 0 ? 0 : _waiting.Count + 1;
            var contenders = Volatile.Read(ref _contenders) - (isContending ? 1 : 0);
            return (slot * pace, (_waiting.Count - (isWaiting ? 1 : 0)) * pace, contenders > 0 ? (contenders + 1) * pace : 0);
        }
    }
}
