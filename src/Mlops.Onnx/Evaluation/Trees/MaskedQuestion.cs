using System.Runtime.InteropServices;

namespace Mlops.Onnx;

/// <summary>What a node of a masked tree asks, "value ≤ threshold?", and which leaves of a word it keeps when the answer is no.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct MaskedQuestion<T>(T threshold, T kept, int place)
    where T : unmanaged
{
    public readonly T Threshold = threshold;

    /// <summary>The leaves as bits, in a number for vectors to be made of.</summary>
    public readonly T Kept = kept;

    /// <summary>Where the values of eight rows lie in a tile.</summary>
    public readonly int Place = place;
}
