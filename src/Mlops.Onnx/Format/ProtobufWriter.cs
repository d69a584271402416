using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Mlops.Onnx;

/// <summary>Writes a message in the binary format of Protocol Buffers.</summary>
/// <remarks>Source: "Encoding", Protocol Buffers documentation, protobuf.dev/programming-guides/encoding.</remarks>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Fixed32 = 5;
    private const int LengthDelimited = 2;

    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void WriteInteger(int field, long value)
    {
        WriteTag(field, Varint);
        WriteVarint((ulong)value);
    }

    public void WriteFloat(int field, float value)
    {
        WriteTag(field, Fixed32);
        WriteFixed(value);
    }

    public void WriteText(int field, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        WriteHeader(field, length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }

    public void WriteBytes(int field, ReadOnlySpan<byte> value)
    {
        WriteHeader(field, value.Length);
        _buffer.Write(value);
    }

    public void WriteMessage(int field, ProtobufWriter message) => WriteBytes(field, message.Written);

    /// <summary>Writes what stands before a field whose content is written elsewhere.</summary>
    public void WriteHeader(int field, long length)
    {
        WriteTag(field, LengthDelimited);
        WriteVarint((ulong)length);
    }

    /// <summary>Writes fields that have been encoded already.</summary>
    public void WriteRaw(ReadOnlySpan<byte> fields) => _buffer.Write(fields);

    /// <summary>Writes integers as one packed field.</summary>
    public void WritePacked(int field, ReadOnlySpan<long> values)
    {
        var packed = new ProtobufWriter();
        foreach (var value in values) packed.WriteVarint((ulong)value);
        WriteMessage(field, packed);
    }

    /// <summary>Writes numbers as one packed field.</summary>
    public void WritePacked(int field, ReadOnlySpan<float> values)
    {
        WriteHeader(field, (long)values.Length * sizeof(float));
        foreach (var value in values) WriteFixed(value);
    }

    /// <summary>Writes numbers as one packed field.</summary>
    public void WritePacked(int field, ReadOnlySpan<double> values)
    {
        WriteHeader(field, (long)values.Length * sizeof(double));
        foreach (var value in values)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(sizeof(double)), value);
            _buffer.Advance(sizeof(double));
        }
    }

    private void WriteTag(int field, int wireType) => WriteVarint(((ulong)field << 3) | (uint)wireType);

    private void WriteFixed(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(_buffer.GetSpan(sizeof(float)), value);
        _buffer.Advance(sizeof(float));
    }

    private void WriteVarint(ulong value)
    {
        var target = _buffer.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7) target[length++] = (byte)(value | 0x80);
        target[length++] = (byte)value;
        _buffer.Advance(length);
    }
}
