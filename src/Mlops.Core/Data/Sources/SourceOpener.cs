namespace Mlops.Data;

/// <summary>Opens the content of a file or of a caller's stream, from the beginning, as often as wanted.</summary>
internal sealed class SourceOpener
{
    private readonly Func<CancellationToken, ValueTask<Stream>> _open;

    private SourceOpener(string name, string place, Func<CancellationToken, ValueTask<Stream>> open)
    {
        Name = name;
        Place = place;
        _open = open;
    }

    /// <summary>Gets the name of the dataset.</summary>
    public string Name { get; }

    /// <summary>Gets what messages call the source.</summary>
    public string Place { get; }

    public static SourceOpener OfFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new SourceOpener(Path.GetFileName(path), path, _ => new ValueTask<Stream>(SourceFile.Open(path)));
    }

    public static SourceOpener OfStream(string name, Func<CancellationToken, ValueTask<Stream>> open)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(open);
        return new SourceOpener(name, name, open);
    }

    /// <summary>Opens the content; what gzip has compressed, by its first two bytes, is decompressed.</summary>
    public async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        var stream = await _open(cancellationToken).ConfigureAwait(false);
        try
        {
            var start = new byte[2];
            var length = await stream.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (stream.CanSeek) stream.Seek(-length, SeekOrigin.Current);
            else stream = new PrefixedStream(start.AsMemory(0, length), stream);
            return start is [0x1F, 0x8B] ? new GzipSource(stream) : stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
