using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Mlops.Artifacts.AzureBlobs;

/// <summary>Reads a part of a blob from its beginning to its end. When the connection breaks it goes on where it was, provided that the blob is still the same.</summary>
internal sealed class BlobReadStream(BlobClient blob, BlobErrors errors, string path, ETag etag, Stream first, long position, long end) : ForwardStream(first)
{
    // In a row without a byte between them; the client's own retries of each request come on top.
    private const int MaxFailures = 4;

    private Stream? _inner = first;
    private long _position = position;
    private int _failures;

    public override int Read(Span<byte> buffer)
    {
        if (_position == end || buffer.IsEmpty) return 0;
        while (true)
        {
            try
            {
                _inner ??= blob.DownloadStreaming(Rest()).Value.Content;
                if (Advance(_inner.Read(buffer[..(int)Math.Min(buffer.Length, end - _position)])) is var count and > 0) return count;
            }
            catch (Exception error) when (BlobErrors.IsFailure(error, CancellationToken.None))
            {
                Resume(error);
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == end || buffer.IsEmpty) return 0;
        while (true)
        {
            try
            {
                _inner ??= (await blob.DownloadStreamingAsync(Rest(), cancellationToken).ConfigureAwait(false)).Value.Content;
                if (Advance(await _inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, end - _position)], cancellationToken).ConfigureAwait(false)) is var count and > 0) return count;
            }
            catch (Exception error) when (BlobErrors.IsFailure(error, cancellationToken))
            {
                Resume(error);
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_inner is not null) await _inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner?.Dispose();
        base.Dispose(disposing);
    }

    private BlobDownloadOptions Rest() => new() { Range = new HttpRange(_position, end - _position), Conditions = new BlobRequestConditions { IfMatch = etag } };

    private int Advance(int count)
    {
        if (count == 0) throw new IOException("The connection ended before the content did.");
        _position += count;
        _failures = 0;
        return count;
    }

    private void Resume(Exception error)
    {
        if (error is RequestFailedException { Status: 404 or 412 }) throw errors.Replaced(path);
        if (!BlobErrors.IsTransient(error) || ++_failures > MaxFailures) throw errors.Failed("read artifact", path, error);
        _inner?.Dispose();
        _inner = null;
    }
}
