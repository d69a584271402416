namespace Mlops.Serving;

/// <summary>Listens to the operating system for changes of a directory, as far as it tells: of its files, and of its own entry, which a rename or a switched link changes.</summary>
internal sealed class DirectoryChanges(string path, FileWatchLimit? limit) : IDisposable
{
    private readonly Lock _lock = new();
    private FileSystemWatcher? _entry;
    private FileSystemWatcher? _files;
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Begins to listen, anew where something was told: the directory may be another one now.</summary>
    /// <returns>Completes with the next change that is told; perhaps never.</returns>
    public Task Listen()
    {
        lock (_lock)
        {
            if (_next.Task.IsCompleted) _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else if (_files is not null) return _next.Task;
            var next = _next;
            Close(ref _files);
            _entry ??= Open(Path.GetDirectoryName(path), Path.GetFileName(path));
            _files = Open(path, null);
            return next.Task;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Close(ref _entry);
            Close(ref _files);
        }
    }

    private FileSystemWatcher? Open(string? directory, string? entry)
    {
        if (directory is null || limit is null || !Directory.Exists(directory) || !limit.TryTake()) return null;
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory, entry ?? "*")
            {
                IncludeSubdirectories = entry is null,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Changed += (_, _) => Tell();
            watcher.Created += (_, _) => Tell();
            watcher.Deleted += (_, _) => Tell();
            watcher.Renamed += (_, _) => Tell();
            watcher.Error += (_, _) => Tell();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
        {
            // No watch is left, or the directory has gone: it is looked at from time to time.
            watcher?.Dispose();
            limit.Return();
            return null;
        }
    }

    private void Close(ref FileSystemWatcher? watcher)
    {
        if (watcher is null) return;
        watcher.Dispose();
        watcher = null;
        limit?.Return();
    }

    // Without the lock: disposing a watcher, which is done under it, may wait for this.
    private void Tell() => _next.TrySetResult();
}
