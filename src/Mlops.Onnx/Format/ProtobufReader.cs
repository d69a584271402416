using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Mlops.Onnx;

/// <summary>Reads a message in the binary format of Protocol Buffers, field by field; whatever the bytes hold, it reads none beyond them.</summary>
/// <remarks>
/// <para>Every field that <see cref="Next"/> finds must be read or skipped before the next one.</para>
/// <para>Source: "Encoding", Protocol Buffers documentation, protobuf.dev/programming-guides/encoding.</para>
/// </remarks>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, int start = 0)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;
    private const int MaxVarintLength = 10;

    private readonly ReadOnlySpan<byte> _message = message;
    private readonly int _start = start;
    private int _position;
    private int _wireType;

    /// <summary>Gets the number of the field that <see cref="Next"/> found.</summary>
    public int Field { get; private set; }

    /// <summary>Gets whether the field that <see cref="Next"/> found has a length: text, bytes, a message, or several numbers at once.</summary>
    public readonly bool IsDelimited => _wireType == LengthDelimited;

    /// <summary>Gets the position in the outermost message, from 0, in bytes.</summary>
    public readonly int Position => _start + _position;

    /// <summary>Goes to the next field; <see langword="false"/> at the end of the message.</summary>
    public bool Next()
    {
        if (_position == _message.Length) return false;
        var tag = ReadVarint();
        if (tag >> 3 is 0 or > int.MaxValue >> 2) throw Corrupt("a field has a number that none can have");
        (Field, _wireType) = ((int)(tag >> 3), (int)(tag & 7));
        return true;
    }

    public long ReadInteger()
    {
        Expect(Varint);
        return (long)ReadVarint();
    }

    public float ReadFloat()
    {
        Expect(Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    public ReadOnlySpan<byte> ReadBytes()
    {
        Expect(LengthDelimited);
        return TakeDelimited();
    }

    public ProtobufReader ReadMessage()
    {
        Expect(LengthDelimited);
        var content = TakeDelimited();
        return new ProtobufReader(content, Position - content.Length);
    }

    /// <summary>Reads one integer of a repeated field, or all that are packed into one field.</summary>
    public void ReadIntegers(List<long> target)
    {
        if (_wireType == Varint)
        {
            target.Add((long)ReadVarint());
            return;
        }

        var packed = ReadMessage();
        while (packed._position < packed._message.Length) target.Add((long)packed.ReadVarint());
    }

    /// <summary>Reads one number of a repeated field, or all that are packed into one field.</summary>
    public void ReadFloats(List<float> target)
    {
        if (_wireType == Fixed32) target.Add(ReadFloat());
        else Unpack(target);
    }

    /// <summary>Reads one number of a repeated field, or all that are packed into one field.</summary>
    public void ReadDoubles(List<double> target)
    {
        if (_wireType == Fixed64) target.Add(BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double))));
        else Unpack(target);
    }

    public void Skip()
    {
        switch (_wireType)
        {
            case Varint: ReadVarint(); break;
            case Fixed64: Take(sizeof(double)); break;
            case Fixed32: Take(sizeof(float)); break;
            case LengthDelimited: TakeDelimited(); break;
            default: throw Corrupt($"field {Field} is of a kind ({_wireType}) that is not used");
        }
    }

    public readonly ProtobufException Corrupt(string what) => new(what, Position);

    private void Unpack<T>(List<T> target)
        where T : unmanaged
    {
        var bytes = ReadBytes();
        var size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        if (bytes.Length % size != 0) throw Corrupt($"the {bytes.Length} bytes of field {Field} are not a whole number of elements of {size} bytes");
        var count = target.Count;
        CollectionsMarshal.SetCount(target, count + (bytes.Length / size));
        var added = CollectionsMarshal.AsSpan(target)[count..];
        bytes.CopyTo(MemoryMarshal.AsBytes(added));
        if (!BitConverter.IsLittleEndian) Reverse(MemoryMarshal.AsBytes(added), size);
    }

    private static void Reverse(Span<byte> bytes, int size)
    {
        for (var i = 0; i < bytes.Length; i += size) bytes.Slice(i, size).Reverse();
    }

    private readonly void Expect(int wireType)
    {
        if (_wireType != wireType) throw Corrupt($"field {Field} is of another kind ({_wireType}) than it should be ({wireType})");
    }

    private ReadOnlySpan<byte> TakeDelimited()
    {
        var length = ReadVarint();
        if (length > (ulong)(_message.Length - _position)) throw Corrupt($"field {Field} should have {length} bytes, but {_message.Length - _position} are left");
        return Take((int)length);
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _message.Length - _position) throw Corrupt($"field {Field} is cut off");
        var bytes = _message.Slice(_position, length);
        _position += length;
        return bytes;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarintLength; i++)
        {
            if (_position == _message.Length) throw Corrupt("a number is cut off");
            var next = _message[_position++];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80) return value;
        }

        throw Corrupt($"a number is longer than {MaxVarintLength} bytes");
    }
}
