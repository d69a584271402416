using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Mlops;

/// <summary>Creates identifiers.</summary>
/// <remarks>
/// UUIDs of version 7: the time in milliseconds, then a counter, then 62 random bits. Those that one process creates with one clock grow, also within one millisecond and when the clock is set back; those
/// of several processes are in the order of their clocks. Source: RFC 9562, sections 5.7 and 6.2, method 1.
/// </remarks>
public static class Ids
{
    private const int CounterBits = 12;

    // The clocks of tests tell other times than the system's, which must not be mixed.
    private static readonly ConditionalWeakTable<TimeProvider, Moment> s_clocks = [];
    private static readonly Moment s_system = new();

    /// <summary>Creates an identifier of 32 lower-case hexadecimal digits whose order is the order of creation (UUID version 7).</summary>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The identifier.</returns>
    public static string Create(TimeProvider timeProvider) => CreateGuid(timeProvider).ToString("N");

    /// <summary>Creates a UUID version 7, whose order is the order of creation.</summary>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The identifier.</returns>
    public static Guid CreateGuid(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        var now = timeProvider.GetUtcNow();
        var moment = ReferenceEquals(timeProvider, TimeProvider.System) ? s_system : s_clocks.GetOrCreateValue(timeProvider);
        var next = moment.Next(now.ToUnixTimeMilliseconds() << CounterBits);
        Span<byte> bytes = stackalloc byte[16];
#pragma warning disable RS0030 // The one place that makes identifiers.
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
#pragma warning restore RS0030
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(next >> (16 + CounterBits)));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)(next >> CounterBits));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | (next & ((1 << CounterBits) - 1))));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The milliseconds and the counter that were given out last. More identifiers than the counter has in one millisecond take from the next one.</summary>
    private sealed class Moment
    {
        private long _last;

        public long Next(long now)
        {
            while (true)
            {
                var last = Volatile.Read(ref _last);
                var next = Math.Max(now, last + 1);
                if (Interlocked.CompareExchange(ref _last, next, last) == last) return next;
            }
        }
    }
}
