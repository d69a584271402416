using System.Buffers.Binary;

namespace Mlops.Data;

/// <summary>Writes bytes into an array that grows.</summary>
internal sealed class PayloadWriter
{
    private byte[] _bytes = new byte[4096];

    public int Position { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Position);

    public void Clear() => Position = 0;

    /// <summary>Appends room for some bytes.</summary>
    /// <returns>The room, of any content; valid until the next call.</returns>
    /// <exception cref="OverflowException">The whole would be longer than an array can be.</exception>
    public Span<byte> Append(long count)
    {
        var end = checked((int)(Position + count));
        if (end > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, _bytes.Length * 2L)));
        var room = _bytes.AsSpan(Position, end - Position);
        Position = end;
        return room;
    }

    public void AppendByte(byte value) => Append(1)[0] = value;

    public void AppendInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Append(4), value);

    public void SetInt32(int position, int value) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(position, 4), value);
}
