using System.Buffers.Binary;

namespace Mlops.Data;

/// <summary>Reads bytes and never beyond their end.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="source">What they are, for messages.</param>
internal struct PayloadReader(ReadOnlyMemory<byte> bytes, string source)
{
    private int _position;

    public readonly int Remaining => bytes.Length - _position;

    /// <exception cref="DataFormatException">There are fewer bytes.</exception>
    public ReadOnlyMemory<byte> Read(long count, string? column = null)
    {
        if (count < 0 || count > Remaining) throw Damaged($"it ends too early: {count} bytes are needed, {Remaining} are left", column);
        var part = bytes.Slice(_position, (int)count);
        _position += (int)count;
        return part;
    }

    public byte ReadByte(string? column = null) => Read(1, column).Span[0];

    public int ReadInt32(string? column = null) => BinaryPrimitives.ReadInt32LittleEndian(Read(4, column).Span);

    public readonly DataFormatException Damaged(string problem, string? column = null) => DataBatchCodec.Damaged(source, problem, column);
}
