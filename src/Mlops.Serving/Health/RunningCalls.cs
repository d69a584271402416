namespace Mlops.Serving;

/// <summary>Since when the calls of a generation are running that run now, for whoever looks for calls that hang.</summary>
/// <remarks>A call is noted by its thread while it has one, which costs a few stores, and in a list while it is awaited.</remarks>
internal sealed class RunningCalls(HangWatch watch)
{
    private readonly long _owner = ThreadCalls.CreateOwner();
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private long[] _awaited = [];

    /// <summary>Notes a call on its thread.</summary>
    /// <param name="stamp">When it began.</param>
    /// <returns>The calls of the thread, of which it is the last one, to be popped.</returns>
    public ThreadCalls Begin(out long stamp)
    {
        stamp = watch.Now;
        var thread = ThreadCalls.Own;
        thread.Push(_owner, stamp);
        return thread;
    }

    /// <summary>Notes a call that goes on without its thread.</summary>
    /// <returns>Its place, to be given up by <see cref="EndAwait"/>.</returns>
    public int BeginAwait(long stamp)
    {
        lock (_lock)
        {
            if (_free.Count == 0) Grow();
            var place = _free.Pop();
            _awaited[place] = stamp;
            return place;
        }
    }

    public void EndAwait(int place)
    {
        lock (_lock)
        {
            _awaited[place] = 0;
            _free.Push(place);
        }
    }

    /// <summary>Looks for calls that hang.</summary>
    /// <returns>How many do, and for how long the oldest call has been running, at least.</returns>
    public (int Hanging, TimeSpan Longest) Measure()
    {
        var stamps = new List<long>();
        ThreadCalls.Find(_owner, stamps);
        lock (_lock) stamps.AddRange(_awaited.Where(static stamp => stamp != 0));
        var (hanging, longest) = (0, TimeSpan.Zero);
        foreach (var stamp in stamps)
        {
            if (watch.IsHanging(stamp)) hanging++;
            if (watch.ElapsedSince(stamp) is var elapsed && elapsed > longest) longest = elapsed;
        }

        return (hanging, longest);
    }

    private void Grow()
    {
        var before = _awaited.Length;
        Array.Resize(ref _awaited, Math.Max(16, 2 * before));
        for (var place = _awaited.Length - 1; place >= before; place--) _free.Push(place);
    }
}
