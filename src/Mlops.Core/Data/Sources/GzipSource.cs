using System.IO.Compression;

namespace Mlops.Data;

/// <summary>Decompresses gzip (RFC 1952), and notices when the source ends too early, which the platform's stream passes over in silence.</summary>
/// <remarks>
/// A member ends with the length of its content, modulo 2^32. Of one member that must be the number of bytes delivered. Where the bytes hold the header of another member
/// that cannot be told, and such a source is believed.
/// </remarks>
internal sealed class GzipSource : ForwardStream
{
    private readonly GzipTrail _trail;
    private long _delivered;

    public GzipSource(Stream source)
        : this(new GzipTrail(source))
    {
    }

    private GzipSource(GzipTrail trail)
        : base(new GZipStream(trail, CompressionMode.Decompress)) => _trail = trail;

    public override int Read(Span<byte> buffer) => Count(Inner.Read(buffer), buffer.Length);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => Count(await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Length);

    private int Count(int count, int wanted)
    {
        _delivered += count;
        if (count == 0 && wanted > 0 && !_trail.HasSeveralMembers && _trail.LastNumber != (uint)_delivered)
            throw new InvalidDataException("It ends before its content does.");
        return count;
    }
}
