using Microsoft.Win32.SafeHandles;

namespace Mlops.Artifacts;

/// <summary>A new file that is on the disk when it is finished. The disk starts on what was written while more is, so that the end need not wait for all of it.</summary>
internal sealed class DurableFile : IAsyncDisposable
{
    private const long FlushBytes = 32L << 20;

    private readonly SafeFileHandle _handle;
    private Task _flush = Task.CompletedTask;
    private long _flushed;

    /// <summary>Creates the file.</summary>
    /// <param name="file">The file, which must not exist; a link in its place is not followed.</param>
    public DurableFile(string file) => _handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> block, long position, CancellationToken cancellationToken)
    {
        await RandomAccess.WriteAsync(_handle, block, position, cancellationToken).ConfigureAwait(false);
        var written = position + block.Length;
        if (written - _flushed < FlushBytes || !_flush.IsCompleted) return;
        await _flush.ConfigureAwait(false);
        _flushed = written;
        _flush = FlushAsync();
    }

    public async Task FinishAsync()
    {
        await _flush.ConfigureAwait(false);
        await FlushAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _flush.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _handle.Dispose();
    }

    private Task FlushAsync() => Task.Run(() => RandomAccess.FlushToDisk(_handle));
}
