using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Mlops.Tracking;

/// <summary>An append-only file of records that wait to be delivered. It is locked while it is open. Not safe for concurrent use.</summary>
/// <remarks>
/// The header has 64 bytes: the magic text, the identity of the store, a checksum of both; then how far the records are delivered, with a checksum of its own. A record is a marker, the
/// length of its content, the CRC-32C of the content, and the content. What follows the last whole record is the end of a write that was interrupted; it was never acknowledged and is cut.
/// </remarks>
internal sealed class SpoolFile : IDisposable
{
    public const int HeaderLength = 64;
    private const int FrameLength = 12;
    private const int MarkOffset = 48;
    private const int IdentityLength = 32;
    private const uint Marker = 0x4C4F5053; // "SPOL"
    private const int LongestRecord = 1 << 28;

    private static readonly byte[] s_magic = "MLOPSPL1"u8.ToArray();

    private readonly Stream _stream;

    private SpoolFile(string path, Stream stream, long length, long delivered) => (Path, _stream, Length, Delivered) = (path, stream, length, delivered);

    public string Path { get; }

    /// <summary>Gets where the last whole record ends.</summary>
    public long Length { get; private set; }

    /// <summary>Gets where the first record begins that is not delivered.</summary>
    public long Delivered { get; private set; }

    /// <summary>Gets how many bytes wait.</summary>
    public long Waiting => Length - Delivered;

    /// <summary>Gets whether something was found that is no record and is more than an interrupted write.</summary>
    public bool IsDamaged { get; private set; }

    public static SpoolFile Create(SpoolOptions options, string path, string identity)
    {
        var header = new byte[HeaderLength];
        s_magic.CopyTo(header, 0);
        Encoding.ASCII.GetBytes(identity, header.AsSpan(s_magic.Length, IdentityLength));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(s_magic.Length + IdentityLength), Checksum(header.AsSpan(0, s_magic.Length + IdentityLength)));
        WriteMark(header.AsSpan(MarkOffset), HeaderLength);
        var stream = options.Open(path, FileMode.CreateNew);
        try
        {
            stream.Write(header);
            Flush(stream);
            return new SpoolFile(path, stream, HeaderLength, HeaderLength);
        }
        catch
        {
            stream.Dispose();
            TryDelete(path);
            throw;
        }
    }

    /// <summary>Opens the file of a process that has died.</summary>
    /// <returns>The file; <see langword="null"/> when its process lives, or it is gone, or belongs to another store.</returns>
    public static SpoolFile? TryAdopt(SpoolOptions options, string path, string identity)
    {
        Stream stream;
        try
        {
            stream = options.Open(path, FileMode.Open);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        var header = new byte[HeaderLength];
        var isOurs = stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) == HeaderLength
            && header.AsSpan(0, s_magic.Length).SequenceEqual(s_magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(s_magic.Length + IdentityLength)) == Checksum(header.AsSpan(0, s_magic.Length + IdentityLength))
            && Encoding.ASCII.GetString(header, s_magic.Length, IdentityLength) == identity;
        if (!isOurs)
        {
            stream.Dispose();
            return null;
        }

        // Everything is idempotent, so a mark that was interrupted means to begin again.
        var mark = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(MarkOffset));
        var isMark = Checksum(header.AsSpan(MarkOffset, 8)) == BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(MarkOffset + 8)) && mark >= HeaderLength && mark <= stream.Length;
        return new SpoolFile(path, stream, stream.Length, isMark ? mark : HeaderLength);
    }

    /// <summary>Appends records, all or none, through to the disk.</summary>
    /// <exception cref="StorageException">There is no room; what was appended before stays readable.</exception>
    public void Append(IReadOnlyList<SpoolRecord> records, long maxBytes)
    {
        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            foreach (var record in records) AppendTo(buffer, writer, record);
        }

        if (Length + buffer.Length > maxBytes)
            throw new StorageException("spool", "write spool", string.Create(CultureInfo.InvariantCulture, $"The spool '{Path}' is full: it may have {maxBytes} bytes. Make the store available so that it is delivered, or raise SpoolOptions.MaxBytes."));
        try
        {
            _stream.Position = Length;
            _stream.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
            Flush(_stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Cut();
            throw new StorageException("spool", "write spool", $"The spool '{Path}' cannot be written: {error.Message} Make room on the disk, or make the store available; what was acknowledged is kept.", error);
        }

        Length += buffer.Length;
    }

    /// <summary>Reads the record at a place.</summary>
    /// <param name="position">Where it begins; afterwards where the next one does.</param>
    /// <returns>The record; <see langword="null"/> at the end.</returns>
    public SpoolRecord? Read(ref long position)
    {
        while (position < Length)
        {
            if (TryRead(position, out var next) is { } record)
            {
                position = next;
                return record;
            }

            var found = FindRecord(position + 1);
            if (found is null)
            {
                // Nothing whole follows: the end of an interrupted write.
                Length = position;
                Cut();
                return null;
            }

            IsDamaged = true;
            position = found.Value;
        }

        return null;
    }

    /// <summary>Notes how far the records are delivered.</summary>
    public void Mark(long position)
    {
        Delivered = position;
        Span<byte> mark = stackalloc byte[12];
        WriteMark(mark, position);
        _stream.Position = MarkOffset;
        _stream.Write(mark);
        Flush(_stream);
    }

    /// <summary>Empties the file after everything was delivered.</summary>
    public void Reset()
    {
        // Truncated first: a mark beyond the end is none, and then there is nothing to deliver.
        _stream.SetLength(HeaderLength);
        Length = HeaderLength;
        Mark(HeaderLength);
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Closes the file and removes it; one that is damaged is kept under another name.</summary>
    public void Remove()
    {
        // Closed first, as Windows wants it; whoever takes it between finds nothing to deliver.
        _stream.Dispose();
        if (IsDamaged) File.Move(Path, Path + ".damaged", overwrite: true);
        else TryDelete(Path);
    }

    private static void AppendTo(MemoryStream buffer, BinaryWriter writer, SpoolRecord record)
    {
        var start = (int)buffer.Length;
        writer.Write(Marker);
        writer.Write(0);
        writer.Write(0U);
        SpoolCodec.Write(writer, record);
        writer.Flush();
        var frame = buffer.GetBuffer().AsSpan(start, (int)buffer.Length - start);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], frame.Length - FrameLength);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], Checksum(frame[FrameLength..]));
    }

    private SpoolRecord? TryRead(long position, out long next)
    {
        next = position;
        if (position + FrameLength > Length) return null;
        Span<byte> frame = stackalloc byte[FrameLength];
        _stream.Position = position;
        _stream.ReadExactly(frame);
        var length = BinaryPrimitives.ReadInt32LittleEndian(frame[4..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(frame) != Marker || length is < 1 or > LongestRecord || position + FrameLength + length > Length) return null;
        var content = new byte[length];
        _stream.ReadExactly(content);
        if (Checksum(content) != BinaryPrimitives.ReadUInt32LittleEndian(frame[8..])) return null;
        next = position + FrameLength + length;
        try
        {
            return SpoolCodec.Read(content);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private long? FindRecord(long from)
    {
        var window = new byte[1 << 16];
        Span<byte> marker = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(marker, Marker);
        while (from + FrameLength <= Length)
        {
            _stream.Position = from;
            var read = _stream.ReadAtLeast(window, 4, throwOnEndOfStream: false);
            var index = window.AsSpan(0, read).IndexOf(marker);
            if (index < 0)
            {
                // A marker may lie across the border of the windows.
                if (read < window.Length) return null;
                from += read - 3;
                continue;
            }

            if (TryRead(from + index, out _) is not null) return from + index;
            from += index + 1;
        }

        return null;
    }

    private void Cut()
    {
        try
        {
            _stream.SetLength(Length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next write begins at the same place, and a reader stops at what is no record.
        }
    }

    private static void WriteMark(Span<byte> target, long position)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, position);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Checksum(target[..8]));
    }

    private static void Flush(Stream stream)
    {
        if (stream is FileStream file) file.Flush(flushToDisk: true);
        else stream.Flush();
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // An empty file, or one that is delivered, does no harm: the next tracker removes it.
        }
    }

    // CRC-32C (Castagnoli, 1993), by the processor's instruction where there is one.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
