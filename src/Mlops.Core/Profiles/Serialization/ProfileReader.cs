using System.Buffers.Binary;
using System.Text;

namespace Mlops.Profiles;

/// <summary>Reads the parts of a profile.</summary>
internal ref struct ProfileReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public readonly bool IsEnd => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public static FormatException Malformed() => new("The bytes are not a profile of this version, or are damaged. Create the profile anew.");

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double ReadDouble() => BitConverter.Int64BitsToDouble(ReadInt64());

    /// <summary>Reads a number that is not negative and at most a limit, so that damage asks for no memory.</summary>
    public int ReadCount(int limit)
    {
        var count = ReadInt64();
        return count >= 0 && count <= limit ? (int)count : throw Malformed();
    }

    public string ReadText() => Encoding.UTF8.GetString(Take(ReadCount(Remaining)));

    public T ReadEnum<T>()
        where T : struct, Enum
        => Enum.TryParse<T>(ReadText(), out var value) && Enum.IsDefined(value) ? value : throw Malformed();

    public T? ReadSketch<T>()
        where T : class, ISketch<T>
    {
        var bytes = Take(ReadCount(Remaining));
        return bytes.IsEmpty ? null : T.ReadFrom(bytes);
    }

    public T ReadRequiredSketch<T>()
        where T : class, ISketch<T>
        => ReadSketch<T>() ?? throw Malformed();

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw Malformed();
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
