using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlops.Onnx;

/// <summary>What a node of a masked tree asks, "value ≤ threshold?", and which leaves of a word it keeps when the answer is no.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct MaskedQuestion<T>
    where T : unmanaged
{
    public readonly T Threshold;

    /// <summary>The leaves, as bits that vectors of the type are made of.</summary>
    public readonly T Kept;

    /// <summary>Where the values of a tile's rows lie in it.</summary>
    public readonly int Place;

    /// <summary>Creates the question.</summary>
    /// <param name="threshold">The threshold.</param>
    /// <param name="kept">The leaves that are kept; only as many bits as the type has.</param>
    /// <param name="place">Where the values lie.</param>
    public MaskedQuestion(T threshold, ulong kept, int place)
    {
        (Threshold, Place) = (threshold, place);

        // Not by way of a number of the type: where one that is no number passes through a register of the x87, a bit changes.
        MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in kept))[..Unsafe.SizeOf<T>()].CopyTo(MemoryMarshal.AsBytes(new Span<T>(ref Kept)));
    }
}
