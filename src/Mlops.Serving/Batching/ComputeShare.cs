namespace Mlops.Serving;

/// <summary>What a scheduler has of a budget that models share; as much as it wants, where there is none. Guarded by the scheduler's lock.</summary>
/// <param name="budget">The budget.</param>
/// <param name="client">Told of a slot that was waited for, and is to begin with <see cref="OnSlot"/> then.</param>
internal sealed class ComputeShare(ComputeBudget? budget, IComputeClient client)
{
    private long _ticket;
    private bool _isWaiting;
    private bool _isContending;

    /// <summary>Gets how many batches can run at the same time.</summary>
    public int Slots => budget?.Slots ?? int.MaxValue;

    /// <summary>Gets whether a slot is free.</summary>
    public bool HasFree => budget?.HasFree ?? true;

    /// <summary>Takes a slot if one is free.</summary>
    public bool TryTake() => budget is null || budget.TryTake();

    /// <summary>Takes a slot if one is free, and otherwise waits for one, unless it does already.</summary>
    public bool TryTakeOrWait()
    {
        if (budget is null) return true;
        if (_isWaiting) return false;
        if (budget.TryTakeOrWait(client, out _ticket)) return true;
        _isWaiting = true;
        return false;
    }

    /// <summary>Takes the slot that was waited for.</summary>
    public void OnSlot() => (_isWaiting, _ticket) = (false, 0);

    /// <summary>Gives a slot back.</summary>
    /// <param name="heldSeconds">How long the batch took; <see langword="null"/> where none was run, or it tells nothing of others.</param>
    public void Return(double? heldSeconds = null) => budget?.Return(heldSeconds);

    /// <summary>Tells whether the model waits for more than it runs.</summary>
    public void Contend(bool isContending)
    {
        if (isContending == _isContending) return;
        _isContending = isContending;
        budget?.OnContending(isContending);
    }

    /// <inheritdoc cref="ComputeBudget.Expect"/>
    public (double Slot, double Others, double Turn) Expect() => budget?.Expect(_ticket, _isContending) ?? default;
}
