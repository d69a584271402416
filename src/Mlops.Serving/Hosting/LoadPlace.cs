namespace Mlops.Serving;

/// <summary>The place of a load that is going on. Whatever the load calls knows of it, so that loads which it waits for do not wait for a place in their turn. Safe for concurrent use.</summary>
/// <param name="slot">Whose load it is.</param>
/// <param name="places">Where the place is given back; <see langword="null"/> for a load that does without.</param>
internal sealed class LoadPlace(ModelSlot slot, SemaphoreSlim? places) : IDisposable
{
    private static readonly AsyncLocal<LoadPlace?> s_current = new();

    private readonly LoadPlace? _outer = Current;
    private ModelSlot? _slot = slot;

    /// <summary>Gets the load that the caller is part of; <see langword="null"/> where it is of none, or of one that has ended: what a model begins to do when it is made may outlive that.</summary>
    public static LoadPlace? Current => s_current.Value is { IsOpen: true } place ? place : null;

    private bool IsOpen => Volatile.Read(ref _slot) is not null;

    /// <summary>Has all that the caller calls from now on know that it is part of this load.</summary>
    public void Enter() => s_current.Value = this;

    /// <summary>Tells whether this is a load of a model, or one that such a load waits for.</summary>
    public bool IsWithin(ModelSlot other)
    {
        for (var place = this; place is not null; place = place._outer)
        {
            if (Volatile.Read(ref place._slot) == other) return true;
        }

        return false;
    }

    /// <summary>Gives the place back: the load has ended, or is let go.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _slot, null) is not null) places?.Release();
    }
}
