namespace Mlops.Data;

/// <summary>Sorts rows by keys such that rows of equal keys keep their order.</summary>
internal static class StableSort
{
    /// <summary>Sorts keys and their rows.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="rows">The row of each key, ascending among equal keys or not: they are ascending afterwards.</param>
    public static void Sort<TKey>(Span<TKey> keys, Span<int> rows)
        where TKey : IComparable<TKey>
    {
        // Introspective sort is not stable, but rows are numbers: among equal keys they are put in order afterwards.
        keys.Sort(rows);
        for (var start = 0; start < keys.Length;)
        {
            var end = EndOfRun<TKey>(keys, start);
            if (end - start > 1) rows[start..end].Sort();
            start = end;
        }
    }

    /// <summary>Finds the end of a run of equal keys.</summary>
    public static int EndOfRun<TKey>(ReadOnlySpan<TKey> keys, int start)
        where TKey : IComparable<TKey>
    {
        var end = start + 1;
        while (end < keys.Length && keys[end].CompareTo(keys[start]) == 0) end++;
        return end;
    }
}
