namespace Mlops.Serving;

/// <summary>Which calls are going on on one thread, the outermost first: noted by that thread alone, so that it costs no interlocked operation, and read by whoever wants to know.</summary>
/// <remarks>A call is popped on the thread that pushed it. What goes on after its thread has been given back is noted elsewhere.</remarks>
internal sealed class ThreadCalls
{
    /// <summary>Two cache lines: the calls of another thread are not beside them.</summary>
    private const int FirstLength = 8;

    private static readonly Lock s_lock = new();
    private static WeakReference<ThreadCalls>[] s_all = [];
    private static long s_lastOwner;

    [ThreadStatic]
    private static ThreadCalls? t_own;

    private Entry[] _entries = new Entry[FirstLength];
    private int _depth;

    /// <summary>Gets those of the present thread.</summary>
    public static ThreadCalls Own => t_own ?? Create();

    /// <summary>Makes a number by which calls are told apart; never 0.</summary>
    public static long CreateOwner() => Interlocked.Increment(ref s_lastOwner);

    /// <summary>Notes a call, until <see cref="Pop"/>.</summary>
    /// <param name="owner">Whose call it is.</param>
    /// <param name="stamp">When it began.</param>
    public void Push(long owner, long stamp)
    {
        var entries = _entries;
        var depth = _depth;
        if (depth >= entries.Length) entries = Grow();
        ref var entry = ref entries[depth];
        entry.Stamp = stamp;
        Volatile.Write(ref entry.Owner, owner);
        _depth = depth + 1;
    }

    /// <summary>Forgets the call that was noted last.</summary>
    public void Pop()
    {
        var depth = _depth - 1;
        _depth = depth;
        Volatile.Write(ref _entries[depth].Owner, 0);
    }

    /// <summary>Finds the calls of an owner on all threads, and adds when they began.</summary>
    public static void Find(long owner, List<long> stamps)
    {
        foreach (var reference in Volatile.Read(ref s_all))
        {
            if (!reference.TryGetTarget(out var calls)) continue;
            foreach (ref var entry in Volatile.Read(ref calls._entries).AsSpan())
            {
                if (Volatile.Read(ref entry.Owner) == owner) stamps.Add(Volatile.Read(ref entry.Stamp));
            }
        }
    }

    private static ThreadCalls Create()
    {
        var own = t_own = new ThreadCalls();
        // Those of threads that have ended are collected.
        lock (s_lock) Volatile.Write(ref s_all, [.. s_all.Where(static reference => reference.TryGetTarget(out _)), new WeakReference<ThreadCalls>(own)]);
        return own;
    }

    private Entry[] Grow()
    {
        var grown = new Entry[2 * _entries.Length];
        _entries.CopyTo(grown, 0);
        Volatile.Write(ref _entries, grown);
        return grown;
    }

    private struct Entry
    {
        public long Owner;
        public long Stamp;
    }
}
