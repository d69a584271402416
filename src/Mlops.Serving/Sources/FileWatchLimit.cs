namespace Mlops.Serving;

/// <summary>How many watches of the file system a host takes: each is an instance of inotify and a thread, of which a user of Linux has 128 by default.</summary>
internal sealed class FileWatchLimit
{
    public const int Most = 32;

    private int _taken;

    public int Taken => Volatile.Read(ref _taken);

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= Most) return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    public void Return() => Interlocked.Decrement(ref _taken);
}
