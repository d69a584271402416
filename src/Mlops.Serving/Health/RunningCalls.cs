using System.Numerics;

namespace Mlops.Serving;

/// <summary>Since when the calls of a generation are running that run now, for whoever looks for calls that hang.</summary>
/// <remarks>A call takes a free cell with one interlocked operation, in general one that no other processor uses, and empties it at its end. Cells are added when all are taken, and stay.</remarks>
internal sealed class RunningCalls(HangWatch watch)
{
    /// <summary>Cells lie a cache line apart.</summary>
    private const int Stride = 8;

    private static readonly int s_mask = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * Environment.ProcessorCount)) - 1;

    private readonly Block _first = new();

    /// <summary>Notes a call, which must be ended.</summary>
    public Call Begin()
    {
        var stamp = watch.Now;
        var preferred = Thread.GetCurrentProcessorId();
        for (var block = _first; ; block = block.GetNext())
        {
            var cells = block.Cells;
            for (var i = 0; i <= s_mask; i++)
            {
                var index = ((preferred + i) & s_mask) * Stride;
                if (cells[index] == 0 && Interlocked.CompareExchange(ref cells[index], stamp, 0) == 0) return new Call(cells, index);
            }
        }
    }

    /// <summary>Looks for calls that hang.</summary>
    /// <returns>How many do, and for how long the oldest call has been running, at least.</returns>
    public (int Hanging, TimeSpan Longest) Measure()
    {
        var (hanging, longest) = (0, TimeSpan.Zero);
        for (var block = _first; block is not null; block = block.Next)
        {
            for (var i = 0; i <= s_mask; i++)
            {
                var stamp = Volatile.Read(ref block.Cells[i * Stride]);
                if (stamp == 0) continue;
                if (watch.IsHanging(stamp)) hanging++;
                if (watch.ElapsedSince(stamp) is var elapsed && elapsed > longest) longest = elapsed;
            }
        }

        return (hanging, longest);
    }

    /// <summary>A call that is going on.</summary>
    public readonly struct Call(long[] cells, int index)
    {
        public void End() => Volatile.Write(ref cells[index], 0);
    }

    private sealed class Block
    {
        private Block? _next;

        public long[] Cells { get; } = new long[(s_mask + 1) * Stride];

        public Block? Next => Volatile.Read(ref _next);

        public Block GetNext()
        {
            if (Next is { } next) return next;
            var added = new Block();
            return Interlocked.CompareExchange(ref _next, added, null) ?? added;
        }
    }
}
