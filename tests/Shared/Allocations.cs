namespace Mlops.Tests;

/// <summary>Measures what calls allocate once all is warm.</summary>
internal static class Allocations
{
    private const int Calls = 1000;
    private const int Rounds = 3;

    /// <summary>Calls on this thread, and counts its bytes.</summary>
    /// <param name="call">The call.</param>
    /// <returns>The bytes of the best round of 1,000 calls. In another one the thread may come to a processor whose places in a pool are still empty.</returns>
    public static long Measure(Action call)
    {
        var least = long.MaxValue;
        for (var round = 0; round <= Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Calls; i++) call();
            if (round > 0) least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
