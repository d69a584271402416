using System.Buffers;
using System.Text;

namespace Mlops.Validation;

/// <summary>Puts the name of the kind in the place of a value: <c>[email]</c>, <c>[phone]</c>, <c>[iban]</c>, <c>[card]</c>, <c>[ip]</c>.</summary>
public sealed class PiiRedaction : PiiMask
{
    internal override void Write(PiiKind? kind, ReadOnlySpan<byte> value, IBufferWriter<byte> target, Dictionary<string, ReadOnlyMemory<byte>> tokens)
        => Encoding.ASCII.GetBytes($"[{LabelOf(kind)}]", target);
}
