namespace Mlops.Serving;

/// <summary>The room of one load in the memory budget: from before the model is made until it is disposed.</summary>
/// <param name="budget">The budget.</param>
/// <param name="slot">Whose load it is.</param>
/// <param name="mustFit">Whether the load is given up where nothing can be evicted for it.</param>
internal sealed class MemoryReservation(MemoryBudget budget, ModelSlot slot, bool mustFit) : IDisposable
{
    public ModelSlot Slot => slot;

    public bool MustFit => mustFit;

    /// <summary>Gets or sets the bytes; under the lock of the budget.</summary>
    public long Bytes { get; set; }

    /// <summary>Gets or sets whether the model is in memory, and not still to be made; under the lock of the budget.</summary>
    public bool IsLoaded { get; set; }

    /// <summary>Gets or sets whether it was given back; under the lock of the budget.</summary>
    public bool IsReturned { get; set; }

    /// <summary>Takes room for a model that is about to be made, as far as one can tell.</summary>
    /// <exception cref="ModelLoadException">There is no room, and cannot be made.</exception>
    public Task ReserveAsync(long bytes, CancellationToken cancellationToken) => budget.ReserveAsync(this, bytes, cancellationToken);

    /// <summary>Counts the model, which is in memory from now on, by what it really takes.</summary>
    /// <returns>Whether the models keep to the budget.</returns>
    /// <exception cref="ModelLoadException">There is no room, and cannot be made.</exception>
    public Task<bool> ConfirmAsync(long bytes, CancellationToken cancellationToken) => budget.ConfirmAsync(this, bytes, cancellationToken);

    /// <summary>Gives the room back. Doing so again does nothing.</summary>
    public void Dispose() => budget.Return(this);
}
