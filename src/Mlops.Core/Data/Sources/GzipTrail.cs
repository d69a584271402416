using System.Buffers.Binary;

namespace Mlops.Data;

/// <summary>Looks at gzip's compressed bytes as they go by: for a second member, and for the number at the end.</summary>
internal sealed class GzipTrail(Stream source) : ForwardStream(source)
{
    private const int HeaderBytes = 10;

    private readonly byte[] _last = new byte[HeaderBytes - 1];
    private int _held;
    private long _seen;

    /// <summary>Gets whether another member begins after the first, as far as bytes can tell.</summary>
    public bool HasSeveralMembers { get; private set; }

    /// <summary>Gets the number in the last four bytes.</summary>
    public uint LastNumber => _held < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(_last.AsSpan(_held - 4));

    private static ReadOnlySpan<byte> Magic => [0x1F, 0x8B, 0x08];

    public override int Read(Span<byte> buffer)
    {
        var count = Inner.Read(buffer);
        Look(buffer[..count]);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Look(buffer.Span[..count]);
        return count;
    }

    private void Look(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        if (!HasSeveralMembers)
        {
            // A header may lie across two reads.
            Span<byte> seam = stackalloc byte[(2 * HeaderBytes) - 2];
            var head = Math.Min(bytes.Length, HeaderBytes - 1);
            _last.AsSpan(0, _held).CopyTo(seam);
            bytes[..head].CopyTo(seam[_held..]);
            HasSeveralMembers = HasLaterHeader(seam[..(_held + head)], _seen - _held) || HasLaterHeader(bytes, _seen);
        }

        var taken = Math.Min(_last.Length, bytes.Length);
        var kept = Math.Min(_last.Length - taken, _held);
        _last.AsSpan(_held - kept, kept).CopyTo(_last);
        bytes[^taken..].CopyTo(_last.AsSpan(kept));
        _held = kept + taken;
        _seen += bytes.Length;
    }

    /// <summary>Looks for what begins a member after the first: magic, method, and values of flags and system that occur.</summary>
    private static bool HasLaterHeader(ReadOnlySpan<byte> bytes, long position)
    {
        for (var start = bytes.IndexOf(Magic); start >= 0; start = bytes.IndexOf(Magic))
        {
            var isHeader = start + HeaderBytes <= bytes.Length && bytes[start + 3] < 32 && (bytes[start + 8] is 0 or 2 or 4) && (bytes[start + 9] is <= 13 or 255);
            if (isHeader && position + start > 0) return true;
            position += start + Magic.Length;
            bytes = bytes[(start + Magic.Length)..];
        }

        return false;
    }
}
