using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Mlops.Artifacts;

namespace Mlops.Tracking;

/// <summary>An append-only file of records that wait to be delivered. It is locked while it is open. Not safe for concurrent use.</summary>
/// <remarks>
/// The header has 96 bytes: the magic text, the identity of the store, a checksum of both; then how far the records are delivered, and how far they are acknowledged, each with a checksum
/// of its own. A record is a marker, the length of its content, the CRC-32C of the content, and the content. What is no record behind what is acknowledged is the end of a write that was
/// interrupted, and is cut. Anywhere else it is damage: it is passed over, and the file is kept.
/// </remarks>
internal sealed class SpoolFile : IDisposable
{
    public const int HeaderLength = 96;
    public const string DamagedSuffix = ".damaged";
    private const int FrameLength = 12;
    private const int MarkOffset = 48;
    private const int AcknowledgedOffset = 64;
    private const int PlaceLength = 12;
    private const int IdentityLength = 32;
    private const uint Marker = 0x4C4F5053; // "SPOL"
    private const int LongestRecord = 1 << 28;

    // Larger changes are divided, and what is appended goes to the file in pieces of about this length.
    private const int PieceLength = 1 << 24;

    private static readonly byte[] s_magic = "MLOPSPL2"u8.ToArray();
    private readonly SpoolOptions _options;
    private readonly string _identity;
    private readonly Stream _stream;

    // Behind it nothing is acknowledged; the end of the file where it is not known.
    private long _acknowledged;

    private SpoolFile(SpoolOptions options, string identity, string path, Stream stream, long delivered)
        => (_options, _identity, Path, _stream, Length, Delivered, _acknowledged) = (options, identity, path, stream, stream.Length, delivered, stream.Length);

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
        var header = MakeHeader(identity);
        var stream = options.OpenNew(path);
        try
        {
            DurableFolder.Flush(System.IO.Path.GetDirectoryName(path)!);
            stream.Write(header);
            Flush(stream);
            return new SpoolFile(options, identity, path, stream, HeaderLength);
        }
        catch
        {
            stream.Dispose();
            TryDelete(path);
            throw;
        }
    }

    /// <summary>Opens a file that its process has left.</summary>
    /// <param name="options">How files are opened.</param>
    /// <param name="path">The file, whose name says that it belongs to the store.</param>
    /// <param name="identity">The store.</param>
    /// <returns>The file, perhaps damaged; <see langword="null"/> when its process lives, or it is gone, was not made completely, or belongs to another store.</returns>
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

        try
        {
            var file = TryOpen(options, stream, path, identity);
            if (file is null) stream.Dispose();
            return file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Appends records, all or none, through to the disk.</summary>
    /// <exception cref="StorageException">There is no room, or a record is too large; what was appended before stays readable.</exception>
    public void Append(IReadOnlyList<SpoolRecord> records, long maxBytes)
    {
        var end = Length;
        try
        {
            using var buffer = new MemoryStream();
            using var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true);
            foreach (var record in records.SelectMany(record => record.Split(PieceLength)))
            {
                AppendTo(buffer, writer, record);
                if (end + buffer.Length > maxBytes)
                    throw Failed(string.Create(CultureInfo.InvariantCulture, $"The spool '{Path}' is full: it may have {maxBytes} bytes. Make the store available so that it is delivered, or raise SpoolOptions.MaxBytes."));
                if (buffer.Length >= PieceLength) end = Write(end, buffer);
            }

            end = Write(end, buffer);
            WritePlace(AcknowledgedOffset, end);
            Flush(_stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StorageException)
        {
            Cut();
            if (error is StorageException) throw;
            throw Failed($"The spool '{Path}' cannot be written: {error.Message} Make room on the disk, or make the store available; what was acknowledged is kept.", error);
        }

        Length = _acknowledged = end;
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
            if (found is null && position >= _acknowledged)
            {
                // Nothing whole follows, and nothing was acknowledged: the end of an interrupted write.
                Length = position;
                Cut();
                return null;
            }

            IsDamaged = true;
            position = found ?? Length;
        }

        return null;
    }

    /// <summary>Notes how far the records are delivered.</summary>
    public void Mark(long position)
    {
        Delivered = position;
        // A damaged file is kept as it is; what is delivered once more counts once.
        if (IsDamaged) return;
        WritePlace(MarkOffset, position);
        Flush(_stream);
    }

    /// <summary>Empties the file after everything was delivered.</summary>
    public void Reset()
    {
        // Told first that nothing is acknowledged: else it would seem that something is missing. A mark beyond the end is none, and then there is nothing to deliver.
        WritePlace(AcknowledgedOffset, HeaderLength);
        Flush(_stream);
        _stream.SetLength(HeaderLength);
        Length = _acknowledged = HeaderLength;
        Mark(HeaderLength);
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Closes the file and removes it; one that is damaged is kept under another name.</summary>
    /// <remarks>What somebody has put in its place meanwhile, and is not delivered, stays.</remarks>
    public void Remove()
    {
        // Closed first, as Windows wants it; whoever takes it between finds nothing to deliver.
        _stream.Dispose();
        if (IsDamaged) File.Move(Path, FindName(Path));
        else if (IsDelivered()) TryDelete(Path);
    }

    private bool IsDelivered()
    {
        try
        {
            using var there = TryAdopt(_options, Path, _identity);
            return there is { Waiting: 0, IsDamaged: false };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string FindName(string path)
    {
        var name = path + DamagedSuffix;
        for (var i = 2; File.Exists(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{path}.{i}{DamagedSuffix}");
        return name;
    }

    private static byte[] MakeHeader(string identity)
    {
        var header = new byte[HeaderLength];
        s_magic.CopyTo(header, 0);
        Encoding.ASCII.GetBytes(identity, header.AsSpan(s_magic.Length, IdentityLength));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(s_magic.Length + IdentityLength), Checksum(header.AsSpan(0, s_magic.Length + IdentityLength)));
        MakePlace(header.AsSpan(MarkOffset), HeaderLength);
        MakePlace(header.AsSpan(AcknowledgedOffset), HeaderLength);
        return header;
    }

    private static SpoolFile? TryOpen(SpoolOptions options, Stream stream, string path, string identity)
    {
        var header = new byte[HeaderLength];
        var length = stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        // It was being made: nothing was acknowledged.
        if (length < HeaderLength && MakeHeader(identity).AsSpan(0, length).SequenceEqual(header.AsSpan(0, length))) return null;
        var isWhole = length == HeaderLength
            && header.AsSpan(0, s_magic.Length).SequenceEqual(s_magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(s_magic.Length + IdentityLength)) == Checksum(header.AsSpan(0, s_magic.Length + IdentityLength));
        // Its name says whose it is, and records are found by their markers.
        if (!isWhole) return new SpoolFile(options, identity, path, stream, 0) { IsDamaged = true };
        if (Encoding.ASCII.GetString(header, s_magic.Length, IdentityLength) != identity) return null;

        // Everything is idempotent, so a mark that was interrupted means to begin again.
        var file = new SpoolFile(options, identity, path, stream, ReadPlace(header.AsSpan(MarkOffset)) is { } mark && mark <= stream.Length ? mark : HeaderLength);
        if (ReadPlace(header.AsSpan(AcknowledgedOffset)) is not { } acknowledged) return file;
        file._acknowledged = acknowledged;
        file.IsDamaged = acknowledged > stream.Length;
        return file;
    }

    private static StorageException Failed(string message, Exception? error = null) => new(Spool.Backend, "write spool", message, error);

    private void AppendTo(MemoryStream buffer, BinaryWriter writer, SpoolRecord record)
    {
        var start = (int)buffer.Length;
        writer.Write(Marker);
        writer.Write(0);
        writer.Write(0U);
        SpoolCodec.Write(writer, record);
        writer.Flush();
        var frame = buffer.GetBuffer().AsSpan(start, (int)buffer.Length - start);
        if (frame.Length - FrameLength > LongestRecord)
            throw Failed(string.Create(CultureInfo.InvariantCulture, $"An entry of run '{record.RunId}' has {frame.Length} bytes, which is more than the spool '{Path}' takes. Store what is so large as an artifact."));
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], frame.Length - FrameLength);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], Checksum(frame[FrameLength..]));
    }

    private long Write(long position, MemoryStream buffer)
    {
        _stream.Position = position;
        _stream.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
        position += buffer.Length;
        buffer.SetLength(0);
        return position;
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
            var read = _stream.ReadAtLeast(window, window.Length, throwOnEndOfStream: false);
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
            WritePlace(AcknowledgedOffset, _acknowledged);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next write begins at the same place, and a reader stops at what is no record.
        }
    }

    private void WritePlace(int offset, long position)
    {
        Span<byte> place = stackalloc byte[PlaceLength];
        MakePlace(place, position);
        _stream.Position = offset;
        _stream.Write(place);
    }

    private static void MakePlace(Span<byte> target, long position)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, position);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Checksum(target[..8]));
    }

    private static long? ReadPlace(ReadOnlySpan<byte> place)
    {
        var position = BinaryPrimitives.ReadInt64LittleEndian(place);
        return Checksum(place[..8]) == BinaryPrimitives.ReadUInt32LittleEndian(place[8..]) && position >= HeaderLength ? position : null;
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
