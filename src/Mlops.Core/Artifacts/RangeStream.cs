namespace Mlops.Artifacts;

/// <summary>Reads a number of bytes from where a stream stands.</summary>
internal sealed class RangeStream(Stream content, long length) : ForwardStream(content)
{
    private long _read;

    public override int Read(Span<byte> buffer)
    {
        var count = Inner.Read(buffer[..(int)Math.Min(buffer.Length, length - _read)]);
        _read += count;
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await Inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, length - _read)], cancellationToken).ConfigureAwait(false);
        _read += count;
        return count;
    }
}
