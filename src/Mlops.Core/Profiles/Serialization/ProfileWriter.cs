using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Mlops.Profiles;

/// <summary>Writes the parts of a profile, little-endian.</summary>
internal sealed class ProfileWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    public void Write(double value) => Write(BitConverter.DoubleToInt64Bits(value));

    public void Write(string text)
    {
        Write(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, _buffer);
    }

    /// <summary>Writes a sketch with its length; an absent one as nothing.</summary>
    public void Write<T>(T? sketch)
        where T : class, ISketch<T>
    {
        if (sketch is null)
        {
            Write(0L);
            return;
        }

        var bytes = new ArrayBufferWriter<byte>();
        sketch.WriteTo(bytes);
        Write(bytes.WrittenCount);
        _buffer.Write(bytes.WrittenSpan);
    }
}
