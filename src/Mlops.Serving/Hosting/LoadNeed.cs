namespace Mlops.Serving;

/// <summary>Whether loads of other models wait for a model, and for which models its own load waits. Safe for concurrent use.</summary>
/// <param name="slot">The model's slot.</param>
internal sealed class LoadNeed(ModelSlot slot)
{
    // Of all hosts: a model may be made of one of another host.
    private static readonly Lock s_lock = new();

    private readonly List<LoadNeed> _needs = [];
    private TaskCompletionSource _needed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    /// <summary>Completes when a load waits; asked again when none does any more.</summary>
    public Task Needed
    {
        get
        {
            lock (s_lock) return _needed.Task;
        }
    }

    /// <summary>Notes that the caller waits for the model, if it is part of a load.</summary>
    /// <returns>Is disposed when it waits no more.</returns>
    /// <exception cref="ModelLoadException">The model's own load waits for that of the caller, perhaps by way of others: none would end.</exception>
    public Waiter BeginWait()
    {
        if (LoadPlace.Current?.Slot is not { } loading) return default;
        var need = loading.LoadNeed;
        lock (s_lock)
        {
            if (Reaches(need))
            {
                throw new ModelLoadException(
                    slot.Source.Address,
                    $"The model '{slot.Name}' is asked for by what loads it, or by a model that it needs itself ('{loading.Name}'): each would wait for the other. Have one of them made without the other.");
            }

            need._needs.Add(this);
            _waiting++;
            _needed.TrySetResult();
        }

        return new Waiter(this, need);
    }

    private bool Reaches(LoadNeed other) => this == other || _needs.Exists(need => need.Reaches(other));

    private void End(LoadNeed need)
    {
        lock (s_lock)
        {
            need._needs.Remove(this);
            if (--_waiting == 0) _needed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public readonly struct Waiter(LoadNeed? needed, LoadNeed? needing) : IDisposable
    {
        public void Dispose() => needed?.End(needing!);
    }
}
