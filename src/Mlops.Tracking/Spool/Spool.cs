using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The spool of one tracker: its own file, and the files that trackers of dead processes left. Not safe for concurrent use.</summary>
/// <remarks>What the store refuses for good while it takes the rest goes to a file beside, <c>….refused</c>, so that nothing waits behind it. Renamed to <c>….spool</c>, it is delivered once more; its name is
/// never that of a file in use, nor was it before.</remarks>
/// <param name="options">Where it is, and how large it may become.</param>
/// <param name="identity">The store that it belongs to, 32 hexadecimal digits.</param>
/// <param name="name">The name of its own file, unique.</param>
/// <param name="observer">Told what becomes of the files.</param>
internal sealed class Spool(SpoolOptions options, string identity, string name, ISpoolObserver observer) : IDisposable
{
    public const string Backend = "spool";

    // A file may be read in pieces of this many bytes at most, so that what is logged meanwhile has its turn.
    private const int PieceRecords = 256;
    private const string RefusedSuffix = ".refused";

    private readonly string _directory = options.ResolveDirectory();
    private readonly string _path = Path.Combine(options.ResolveDirectory(), $"{identity}-{name}.spool");
    private readonly Lock _adopting = new();
    private readonly Lock _surveying = new();
    private SpoolFile? _file;
    private string? _refusedPath;
    private int _refusedFiles;
    private long _refusedBytes;
    private int _damagedFiles;

    /// <summary>Delivers records, in order.</summary>
    /// <param name="records">The records.</param>
    /// <param name="keep">Keeps what of them is refused, before anything behind it is delivered.</param>
    /// <returns>How many of them are done with, at least one.</returns>
    public delegate Task<int> Deliver(IReadOnlyList<SpoolRecord> records, Action<IReadOnlyList<SpoolRecord>> keep);

    /// <summary>Gets how many bytes wait in its own file. Safe to read at any time.</summary>
    public long Waiting { get; private set; }

    /// <summary>Gets how many bytes of this store were kept aside in the folder, because they were refused, when it was last looked at. Safe to read at any time.</summary>
    public long RefusedBytes => Interlocked.Read(ref _refusedBytes);

    /// <summary>Gets how many damaged files of this store were kept aside in the folder when it was last looked at. Safe to read at any time.</summary>
    public int DamagedFiles => Volatile.Read(ref _damagedFiles);

    public bool IsEmpty => Waiting == 0;

    /// <summary>Appends records, all or none, through to the disk.</summary>
    /// <exception cref="StorageException">They could not be written.</exception>
    public void Append(IReadOnlyList<SpoolRecord> records)
    {
        if (records.Count == 0) return;
        (_file ??= Create(_path)).Append(records, options.MaxBytes);
        Waiting = _file.Waiting;
    }

    /// <summary>Delivers a piece of its own file, from the oldest.</summary>
    /// <returns>Whether nothing is left.</returns>
    public async Task<bool> DeliverAsync(Deliver deliver)
    {
        if (_file is null) return true;
        if (await DeliverAsync(_file, deliver).ConfigureAwait(false))
        {
            if (_file.IsDamaged) Release();
            else _file.Reset();
        }

        Waiting = _file?.Waiting ?? 0;
        return IsEmpty;
    }

    /// <summary>Delivers what trackers of dead processes left for this store, each file whole, and removes it. A file that cannot be read or kept apart does not keep the others from it.</summary>
    /// <param name="deliver">Delivers records, in order.</param>
    /// <returns>A task that completes when nothing is left that can be delivered.</returns>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    public async Task AdoptAsync(Deliver deliver)
    {
        foreach (var path in FindFiles())
        {
            if (path == _path) continue;
            try
            {
                await AdoptAsync(path, deliver).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or StorageException { Backend: Backend })
            {
                observer.OnUnreadable(path, error);
            }
        }
    }

    /// <summary>Looks at what is kept aside in the folder, from which people and other trackers take files. Safe to call at any time.</summary>
    public void Survey()
    {
        // One after the other, so that none tells what an earlier one has seen.
        lock (_surveying)
        {
            try
            {
                var files = Directory.Exists(_directory) ? new DirectoryInfo(_directory).GetFiles($"{identity}-*") : [];
                Interlocked.Exchange(ref _refusedBytes, files.Where(file => file.Extension == RefusedSuffix).Sum(file => file.Length));
                Volatile.Write(ref _damagedFiles, files.Count(file => file.Extension == SpoolFile.DamagedSuffix));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // One was removed meanwhile; what was known before is about right.
            }
        }
    }

    /// <summary>Closes its file, and removes it when nothing is left in it.</summary>
    public void Dispose()
    {
        if (_file is { Waiting: 0 }) Release();
        _file?.Dispose();
        _file = null;
    }

    private async Task AdoptAsync(string path, Deliver deliver)
    {
        var file = SpoolFile.TryAdopt(options, path, identity);
        if (file is null) return;
        var isWhole = false;
        try
        {
            var hadAny = file.Waiting > 0;
            while (!await DeliverAsync(file, deliver).ConfigureAwait(false))
            {
                // The next piece.
            }

            isWhole = true;
            file.Remove();
            if (file.IsDamaged) observer.OnDamaged(path);
            else if (hadAny) observer.OnAdopted(path);
        }
        finally
        {
            if (!isWhole) file.Dispose();
        }
    }

    private async Task<bool> DeliverAsync(SpoolFile file, Deliver deliver)
    {
        var (position, records, ends) = (file.Delivered, new List<SpoolRecord>(), new List<long>());
        try
        {
            while (records.Count < PieceRecords && file.Read(ref position) is { } record)
            {
                records.Add(record);
                ends.Add(position);
            }
        }
        catch (IOException error)
        {
            throw new StorageException(Backend, "read spool", $"The spool '{file.Path}' cannot be read: {error.Message} Check the disk; to go on without what is in it, move the file away.", error);
        }

        if (records.Count > 0)
        {
            var count = await deliver(records, Keep).ConfigureAwait(false);
            if (count < records.Count) position = ends[count - 1];
        }

        if (position > file.Delivered) file.Mark(position);
        return position >= file.Length;
    }

    // Before the mark moves on: what is interrupted between is kept twice rather than not at all.
    private void Keep(IReadOnlyList<SpoolRecord> refused)
    {
        var entries = refused.Sum(record => record.EntryCount);
        // Of two adoptions and a delivery at once, one after the other.
        lock (_adopting)
        {
            Survey();
            if (RefusedBytes >= options.MaxRefusedBytes)
            {
                observer.OnRefusedDropped(_directory, entries);
                return;
            }

            using var file = (File.Exists(_refusedPath) ? SpoolFile.TryAdopt(options, _refusedPath!, identity) : null) ?? Create(NameRefused());
            var before = file.Length;
            file.Append([.. refused.Select(record => record.LeaveBehind())], long.MaxValue);
            Survey();
            observer.OnRefused(file.Path, entries, file.Length - before);
        }
    }

    // Each file has a name of its own, so that whoever gives it the ending of a spool replaces none, and finds none that he has renamed before.
    private string NameRefused() => _refusedPath = Path.ChangeExtension(_path, null) + string.Create(CultureInfo.InvariantCulture, $"-{++_refusedFiles}{RefusedSuffix}");

    private void Release()
    {
        var isDamaged = _file!.IsDamaged;
        _file.Remove();
        _file = null;
        if (!isDamaged) return;
        Survey();
        observer.OnDamaged(_path);
    }

    private string[] FindFiles()
    {
        try
        {
            if (!Directory.Exists(_directory)) return [];
            options.CheckDirectory();
            return [.. Directory.EnumerateFiles(_directory, $"{identity}-*.spool").Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(Backend, "adopt spool", $"The folder of the spool '{_directory}' cannot be read: {error.Message} Check its permissions, or name another one in SpoolOptions.Directory.", error);
        }
    }

    private SpoolFile Create(string path)
    {
        try
        {
            options.CreateDirectory();
            return SpoolFile.Create(options, path, identity);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(Backend, "write spool", $"A spool cannot be created in '{_directory}': {error.Message} Make room or check the permissions, or name another folder in SpoolOptions.Directory.", error);
        }
    }
}
