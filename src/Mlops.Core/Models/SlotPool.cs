namespace Mlops.Models;

/// <summary>Keeps up to a number of things for reuse. Safe for concurrent use, without locks and without allocations.</summary>
internal sealed class SlotPool<T>(int capacity)
    where T : class
{
    private readonly Slot[] _others = new Slot[capacity - 1];

    /// <summary>Apart, because mostly no other is asked.</summary>
    private T? _first;

    /// <summary>Takes one that is kept.</summary>
    /// <returns>It; <see langword="null"/> where none is found.</returns>
    public T? TryRent()
    {
        var kept = _first;
        return kept is not null && Interlocked.CompareExchange(ref _first, null, kept) == kept ? kept : TryRentOther();
    }

    /// <summary>Keeps one, unless all places are taken.</summary>
    public bool TryReturn(T item) => (_first is null && Interlocked.CompareExchange(ref _first, item, null) is null) || TryReturnOther(item);

    private T? TryRentOther()
    {
        foreach (ref var slot in _others.AsSpan())
        {
            var kept = slot.Item;
            if (kept is not null && Interlocked.CompareExchange(ref slot.Item, null, kept) == kept) return kept;
        }

        return null;
    }

    private bool TryReturnOther(T item)
    {
        foreach (ref var slot in _others.AsSpan())
        {
            if (slot.Item is null && Interlocked.CompareExchange(ref slot.Item, item, null) is null) return true;
        }

        return false;
    }

    /// <summary>Spares the check of the type that every access to an array of references makes.</summary>
    private struct Slot
    {
        public T? Item;
    }
}
