using System.Buffers.Binary;
using System.IO.Compression;

namespace Mlops.Data;

/// <summary>Decompresses gzip (RFC 1952), and notices when the source ends too early, which the platform's stream passes over in silence.</summary>
/// <remarks>
/// A member ends with the length of its content, modulo 2^32. Of one member that must be the number of bytes delivered. Where the bytes hold the header of another member
/// that cannot be told, and such a source is believed.
/// </remarks>
internal sealed class GzipSource : Stream
{
    private readonly WatchedStream _source;
    private readonly GZipStream _content;
    private long _delivered;

    public GzipSource(Stream source)
    {
        _source = new WatchedStream(source);
        _content = new GZipStream(_source, CompressionMode.Decompress);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer) => Count(_content.Read(buffer), buffer.Length);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => Count(await _content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Length);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _content.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _content.Dispose();
        base.Dispose(disposing);
    }

    private int Count(int count, int wanted)
    {
        _delivered += count;
        if (count == 0 && wanted > 0 && !_source.HasSeveralMembers && _source.LastNumber != (uint)_delivered)
            throw new InvalidDataException("It ends before its content does.");
        return count;
    }

    /// <summary>Looks at the compressed bytes as they go by.</summary>
    private sealed class WatchedStream(Stream source) : Stream
    {
        private const int HeaderBytes = 10;

        private readonly byte[] _last = new byte[HeaderBytes - 1];
        private int _held;
        private bool _isFirst = true;

        public bool HasSeveralMembers { get; private set; }

        private static ReadOnlySpan<byte> Magic => [0x1F, 0x8B, 0x08];

        /// <summary>Gets the number in the last four bytes.</summary>
        public uint LastNumber => _held < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(_last.AsSpan(_held - 4));

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var count = source.Read(buffer);
            Look(buffer[..count]);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            Look(buffer.Span[..count]);
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask DisposeAsync()
        {
            await source.DisposeAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) source.Dispose();
            base.Dispose(disposing);
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
                HasSeveralMembers = HasHeader(seam[..(_held + head)]) || HasHeader(_isFirst ? bytes[1..] : bytes);
                _isFirst = false;
            }

            var kept = Math.Min(_last.Length - Math.Min(_last.Length, bytes.Length), _held);
            _last.AsSpan(_held - kept, kept).CopyTo(_last);
            var taken = Math.Min(_last.Length, bytes.Length);
            bytes[^taken..].CopyTo(_last.AsSpan(kept));
            _held = kept + taken;
        }

        /// <summary>Looks for what begins a member: magic, method, and values of flags and system that occur.</summary>
        private static bool HasHeader(ReadOnlySpan<byte> bytes)
        {
            for (var start = bytes.IndexOf(Magic); start >= 0; start = bytes.IndexOf(Magic))
            {
                if (start + HeaderBytes <= bytes.Length && bytes[start + 3] < 32 && (bytes[start + 8] is 0 or 2 or 4) && (bytes[start + 9] is <= 13 or 255)) return true;
                bytes = bytes[(start + 3)..];
            }

            return false;
        }
    }
}
