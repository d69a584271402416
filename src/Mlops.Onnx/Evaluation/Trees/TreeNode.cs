using System.Runtime.InteropServices;

namespace Mlops.Onnx;

/// <summary>A node of a compact tree: 8 bytes in single precision.</summary>
/// <remarks>
/// Its children lie side by side: the walk goes on by <see cref="Step"/> nodes, and by one more when the value of <see cref="Slot"/> is ≤ <see cref="Threshold"/>.
/// A leaf stays where it is: its step is 0, and nothing is ≤ its threshold, NaN.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct TreeNode<T>
    where T : unmanaged
{
    public T Threshold;
    public ushort Slot;
    public ushort Step;
}
