namespace Mlops.Tracking;

/// <summary>The spool of one tracker: its own file, and the files that trackers of dead processes left. Not safe for concurrent use.</summary>
/// <param name="options">Where it is, and how large it may become.</param>
/// <param name="identity">The store that it belongs to, 32 hexadecimal digits.</param>
/// <param name="name">The name of its own file, unique.</param>
internal sealed class Spool(SpoolOptions options, string identity, string name) : IDisposable
{
    // A file may be read in pieces of this many bytes at most, so that what is logged meanwhile has its turn.
    private const int PieceRecords = 256;

    private readonly string _directory = options.ResolveDirectory();
    private readonly string _path = Path.Combine(options.ResolveDirectory(), $"{identity}-{name}.spool");
    private SpoolFile? _file;

    /// <summary>Gets how many bytes wait in its own file. Safe to read at any time.</summary>
    public long Waiting { get; private set; }

    public bool IsEmpty => Waiting == 0;

    /// <summary>Appends records, all or none, through to the disk.</summary>
    /// <exception cref="StorageException">They could not be written.</exception>
    public void Append(IReadOnlyList<SpoolRecord> records)
    {
        if (records.Count == 0) return;
        (_file ??= Create()).Append(records, options.MaxBytes);
        Waiting = _file.Waiting;
    }

    /// <summary>Delivers a piece of its own file, from the oldest.</summary>
    /// <returns>Whether nothing is left.</returns>
    public async Task<bool> DeliverAsync(Func<IReadOnlyList<SpoolRecord>, Task> deliver)
    {
        if (_file is null) return true;
        if (await DeliverAsync(_file, deliver).ConfigureAwait(false)) _file.Reset();
        Waiting = _file.Waiting;
        return IsEmpty;
    }

    /// <summary>Delivers what trackers of dead processes left for this store, each file whole, and removes it.</summary>
    /// <param name="deliver">Delivers records, in order.</param>
    /// <param name="delivered">Told of each file: its path, and whether parts of it could not be read.</param>
    /// <returns>A task that completes when nothing is left.</returns>
    public async Task AdoptAsync(Func<IReadOnlyList<SpoolRecord>, Task> deliver, Action<string, bool> delivered)
    {
        foreach (var path in FindFiles())
        {
            if (path == _path) continue;
            var file = SpoolFile.TryAdopt(options, path, identity);
            if (file is null) continue;
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
                if (hadAny) delivered(path, file.IsDamaged);
            }
            finally
            {
                if (!isWhole) file.Dispose();
            }
        }
    }

    /// <summary>Closes its file, and removes it when nothing is left in it.</summary>
    public void Dispose()
    {
        if (_file is null) return;
        if (_file.Waiting == 0) _file.Remove();
        else _file.Dispose();
        _file = null;
    }

    private static async Task<bool> DeliverAsync(SpoolFile file, Func<IReadOnlyList<SpoolRecord>, Task> deliver)
    {
        var (position, records) = (file.Delivered, new List<SpoolRecord>());
        try
        {
            while (records.Count < PieceRecords && file.Read(ref position) is { } record) records.Add(record);
        }
        catch (IOException error)
        {
            throw new StorageException("spool", "read spool", $"The spool '{file.Path}' cannot be read: {error.Message} Check the disk; to go on without what is in it, move the file away.", error);
        }

        if (records.Count == 0) return true;
        await deliver(records).ConfigureAwait(false);
        file.Mark(position);
        return position >= file.Length;
    }

    private string[] FindFiles()
    {
        try
        {
            return Directory.Exists(_directory) ? [.. Directory.EnumerateFiles(_directory, $"{identity}-*.spool").Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException("spool", "adopt spool", $"The folder of the spool '{_directory}' cannot be read: {error.Message} Check its permissions, or name another one in SpoolOptions.Directory.", error);
        }
    }

    private SpoolFile Create()
    {
        try
        {
            Directory.CreateDirectory(_directory);
            return SpoolFile.Create(options, _path, identity);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException("spool", "write spool", $"A spool cannot be created in '{_directory}': {error.Message} Make room or check the permissions, or name another folder in SpoolOptions.Directory.", error);
        }
    }
}
