namespace Mlops.Serving;

/// <summary>The place of a load that is going on. Whatever the load calls knows of it, so that loads which it waits for do not wait for a place in their turn. Safe for concurrent use.</summary>
/// <param name="slot">Whose load it is.</param>
/// <param name="places">Where the place is given back; <see langword="null"/> for a load that does without.</param>
internal sealed class LoadPlace(ModelSlot slot, SemaphoreSlim? places) : IDisposable
{
    private static readonly AsyncLocal<LoadPlace?> s_current = new();

    private ModelSlot? _slot = slot;

    /// <summary>Gets the load that the caller is part of; <see langword="null"/> where it is of none, or of one that has ended: what a model begins to do when it is made may outlive that.</summary>
    public static LoadPlace? Current => s_current.Value is { Slot: not null } place ? place : null;

    /// <summary>Gets whose load it is; <see langword="null"/> when it has ended.</summary>
    public ModelSlot? Slot => Volatile.Read(ref _slot);

    /// <summary>Has all that the caller calls from now on know that it is part of this load.</summary>
    public void Enter() => s_current.Value = this;

    /// <summary>Gives the place back: the load has ended, or is let go.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _slot, null) is not null) places?.Release();
    }
}
