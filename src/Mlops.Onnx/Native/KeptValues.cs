using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Keeps the values of runs where a run with the same memory finds them. Safe for concurrent use, without locks.</summary>
/// <remarks>Each holds the session for as long as it lives, kept or in use, so that a run has nothing to hold.</remarks>
/// <param name="session">The session of the runs.</param>
/// <param name="count">How many inputs and outputs a run has.</param>
internal sealed class KeptValues(OrtSession session, int count)
{
    private const int Bits = 4;

    /// <summary>2⁶⁴ divided by the golden ratio: spreads addresses, which are alike in their last digits.</summary>
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private readonly Slot[] _slots = new Slot[1 << Bits];

    /// <summary>Those whose place was taken by another one. They are used again as they are, but hold nothing that fits.</summary>
    private readonly SlotPool<RunValues> _others = new(Environment.ProcessorCount);

    private volatile bool _isClosed;

    /// <summary>Takes the values that were last used with some memory, or others.</summary>
    /// <param name="address">Where the first input lies.</param>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public RunValues Rent(nint address)
    {
        var slot = SlotOf(address);
        var values = _slots[slot].Values is null ? null : Interlocked.Exchange(ref _slots[slot].Values, null);
        values ??= _others.TryRent() ?? Make();
        values.Slot = slot;
        return values;
    }

    public void Return(RunValues values)
    {
        values.ClearOwned();
        if (Interlocked.CompareExchange(ref _slots[values.Slot].Values, values, null) is not null && !_others.TryReturn(values)) Drop(values);
        // After the exchange: either this sees that nothing is kept any more, or closing sees these values.
        if (_isClosed) DropAll();
    }

    /// <summary>Releases all that are kept, and from now on those that are returned.</summary>
    public void Close()
    {
        _isClosed = true;
        DropAll();
    }

    private RunValues Make()
    {
        ObjectDisposedException.ThrowIf(_isClosed, session); // The session itself says so only when its last run has ended.
        var values = new RunValues(session.Library, count);
        var isHeld = false;
        session.DangerousAddRef(ref isHeld);
        return values;
    }

    private void Drop(RunValues values)
    {
        values.Release();
        session.DangerousRelease();
    }

    private void DropAll()
    {
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            if (Interlocked.Exchange(ref _slots[slot].Values, null) is { } values) Drop(values);
        }

        while (_others.TryRent() is { } values) Drop(values);
    }

    private static int SlotOf(nint address) => (int)(((ulong)address * Multiplier) >> (64 - Bits));

    /// <summary>Spares the check of the type that every access to an array of references makes.</summary>
    private struct Slot
    {
        public RunValues? Values;
    }
}
