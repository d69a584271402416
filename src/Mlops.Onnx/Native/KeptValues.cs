using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Keeps the values of runs where a run with the same memory finds them. Safe for concurrent use, without locks.</summary>
/// <param name="library">ONNX Runtime.</param>
/// <param name="count">How many inputs and outputs a run has.</param>
internal sealed class KeptValues(OrtLibrary library, int count)
{
    private const int Bits = 4;

    /// <summary>2⁶⁴ divided by the golden ratio: spreads addresses, which are alike in their last digits.</summary>
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private readonly Slot[] _slots = new Slot[1 << Bits];

    /// <summary>Those whose place was taken by another one. They are used again as they are, but hold nothing that fits.</summary>
    private readonly SlotPool<RunValues> _others = new(Environment.ProcessorCount);

    /// <summary>Takes the values that were last used with some memory, or others.</summary>
    /// <param name="address">Where the first input lies.</param>
    public RunValues Rent(nint address)
    {
        var slot = SlotOf(address);
        var values = _slots[slot].Values is null ? null : Interlocked.Exchange(ref _slots[slot].Values, null);
        values ??= _others.TryRent() ?? new RunValues(library, count);
        values.Slot = slot;
        return values;
    }

    public void Return(RunValues values)
    {
        values.ClearOwned();
        if (Interlocked.CompareExchange(ref _slots[values.Slot].Values, values, null) is not null && !_others.TryReturn(values)) values.Release();
    }

    /// <summary>Releases all that are kept.</summary>
    public void Release()
    {
        for (var slot = 0; slot < _slots.Length; slot++) Interlocked.Exchange(ref _slots[slot].Values, null)?.Release();
        while (_others.TryRent() is { } values) values.Release();
    }

    private static int SlotOf(nint address) => (int)(((ulong)address * Multiplier) >> (64 - Bits));

    /// <summary>Spares the check of the type that every access to an array of references makes.</summary>
    private struct Slot
    {
        public RunValues? Values;
    }
}
