using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Mlops.Data;

/// <summary>A chunk as it is stored: its digest, its content, compressed or not, and the number of its incarnation.</summary>
/// <remarks>
/// Form, little-endian: <c>MLDC</c>; version 1; the <see cref="ChunkCompression"/>; two zeros; the length of the content (4 bytes) and its SHA-256 digest, which is the chunk's
/// name; the content; 16 bytes that no other write has ever used. These make the file's own digest unique to the write, so that a delete under a condition can never meet a later
/// write of the same chunk (see <see cref="GarbageCollector"/>).
/// </remarks>
internal static class ChunkFrame
{
    public const int Overhead = HeaderBytes + IncarnationBytes;

    private const int HeaderBytes = 44;
    private const int IncarnationBytes = 16;
    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => "MLDC"u8;

    /// <summary>Frames a content.</summary>
    public static byte[] Write(ReadOnlySpan<byte> content, ReadOnlySpan<byte> digest, ChunkCompression compression, Guid incarnation)
    {
        var packed = compression == ChunkCompression.None ? null : Compress(content, compression);
        // Less than a twentieth saved does not pay for the decompression.
        if (packed is not null && packed.Length > content.Length - (content.Length / 20)) packed = null;
        var body = packed is null ? content : packed;
        var frame = new byte[Overhead + body.Length];
        Magic.CopyTo(frame);
        frame[4] = Version;
        frame[5] = (byte)(packed is null ? ChunkCompression.None : compression);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(8), content.Length);
        digest.CopyTo(frame.AsSpan(12));
        body.CopyTo(frame.AsSpan(HeaderBytes));
        SetIncarnation(frame, incarnation);
        return frame;
    }

    public static void SetIncarnation(Span<byte> frame, Guid incarnation) => incarnation.TryWriteBytes(frame[^IncarnationBytes..], bigEndian: true, out _);

    /// <summary>Reads the content of a frame and verifies it.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="id">The chunk.</param>
    /// <param name="length">The length of its content; no more memory than that is used, whatever the frame says.</param>
    /// <param name="problem">What is wrong; <see langword="null"/> when the content is the chunk's.</param>
    /// <returns>The content.</returns>
    public static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> frame, string id, int length, out string? problem)
    {
        var header = frame.Span;
        problem = header.Length < Overhead || !header.StartsWith(Magic) ? "it is not a chunk"
            : header[4] != Version ? $"its version is {header[4]}, and only {Version} is known"
            : header[5] > (byte)ChunkCompression.Brotli ? $"its compression {header[5]} is not known"
            : BinaryPrimitives.ReadInt32LittleEndian(header[8..]) is var told && told != length ? $"its content has {told} bytes instead of {length}"
            : null;
        if (problem is not null) return default;
        var body = frame[HeaderBytes..^IncarnationBytes];
        if (header[5] != (byte)ChunkCompression.None) body = Decompress(body, (ChunkCompression)header[5], length);
        problem = body.Length != length || Convert.ToHexStringLower(SHA256.HashData(body.Span)) != id ? "its content is not what was written" : null;
        return problem is null ? body : default;
    }

    private static byte[] Compress(ReadOnlySpan<byte> content, ChunkCompression compression)
    {
        using var target = new MemoryStream(content.Length);
        using (Stream packing = compression == ChunkCompression.Brotli ? new BrotliStream(target, CompressionLevel.Optimal, true) : new DeflateStream(target, CompressionLevel.Fastest, true))
            packing.Write(content);
        return target.ToArray();
    }

    private static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> body, ChunkCompression compression, int length)
    {
        MemoryMarshal.TryGetArray(body, out var array);
        using var packed = new MemoryStream(array.Array!, array.Offset, array.Count, writable: false);
        using Stream unpacking = compression == ChunkCompression.Brotli ? new BrotliStream(packed, CompressionMode.Decompress) : new DeflateStream(packed, CompressionMode.Decompress);
        var content = GC.AllocateUninitializedArray<byte>(length);
        try
        {
            return content.AsMemory(0, unpacking.ReadAtLeast(content, length, throwOnEndOfStream: false));
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException) // The latter is what Brotli says.
        {
            return default;
        }
    }
}
