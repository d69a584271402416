using Mlops.Artifacts;

namespace Mlops.Serving;

/// <summary>The local directory of a loader: model directories by their digest, and temporary ones whose names begin with a dot.</summary>
internal sealed class ModelCache(string root, TimeSpan retention, TimeProvider time)
{
    private static readonly TimeSpan s_temporaryRetention = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_sweepInterval = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private long? _sweptAt;

    public LastGood LastGood { get; } = new(root, time);

    /// <summary>Gets the file that is locked by whoever takes away what is bad: see <see cref="FileLock"/>.</summary>
    public string LockFile { get; } = Path.Combine(root, ".lock");

    public string PathOf(string digest) => Path.Combine(root, digest);

    public string NewTemporary(string prefix = "") => Path.Combine(root, $".{prefix}{Ids.Create(time)}");

    /// <summary>Notes that a directory was used, so that it is kept.</summary>
    public void Touch(string directory)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(directory, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is fetched again if it should go too early.
        }
    }

    /// <summary>Moves a directory to where nothing is.</summary>
    /// <returns>Whether nothing was there.</returns>
    public static bool TryMove(string temporary, string target)
    {
        try
        {
            Directory.Move(temporary, target);
            return true;
        }
        catch (IOException) when (Directory.Exists(target))
        {
            return false;
        }
    }

    /// <summary>Removes a directory. Renames it first, so that nobody opens one that is half deleted.</summary>
    public void Discard(string directory)
    {
        var trash = NewTemporary();
        try
        {
            Directory.Move(directory, trash);
        }
        catch (IOException) when (!Directory.Exists(directory))
        {
            return; // Another load discarded it.
        }

        Directory.Delete(trash, recursive: true);
    }

    /// <summary>Removes, once a day, what processes left that died, and what nobody has used for long.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            if (_sweptAt is { } before && time.GetElapsedTime(before) < s_sweepInterval) return;
            _sweptAt = time.GetTimestamp();
        }

        if (!Directory.Exists(root)) return;
        var now = time.GetUtcNow().UtcDateTime;
        HashSet<string>? lastGood = null; // Read only where something is out of date: a load waits meanwhile.
        foreach (var directory in new DirectoryInfo(root).EnumerateDirectories())
        {
            var isTemporary = directory.Name.StartsWith('.');
            if (!isTemporary && directory.Name.Length != 64) continue; // Somebody else's.
            if (now - directory.LastWriteTimeUtc <= (isTemporary ? s_temporaryRetention : retention)) continue;
            if ((lastGood ??= LastGood.ListDigests()).Contains(directory.Name)) continue;
            try
            {
                if (isTemporary) directory.Delete(recursive: true);
                else Discard(directory.FullName);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // In use, or not ours to delete; swept up another day.
            }
        }
    }
}
