namespace Mlops.Data;

/// <summary>Cards, each of which names a part, that are drawn without putting them back: so many rows go to each part, and every choice of rows is equally likely.</summary>
/// <remarks>
/// Source: selection sampling, C. T. Fan, M. E. Muller, I. Rezucha, JASA 57, 1962; algorithm S of D. E. Knuth, TAOCP 2, 3.4.2; here for several parts at once.
/// The same generator draws the same parts, whatever the batches: nothing is kept for a row.
/// </remarks>
/// <param name="counts">The number of cards of each part.</param>
internal sealed class PartDeck(ReadOnlySpan<long> counts)
{
    private readonly long[] _left = counts.ToArray();
    private long _total = Sum(counts);

    /// <summary>Draws a card at random.</summary>
    /// <returns>The part that it names.</returns>
    public int Draw(ref SplitMix64 random)
    {
        var card = (long)random.Next((ulong)_total--);
        var part = 0;
        while (card >= _left[part]) card -= _left[part++];
        _left[part]--;
        return part;
    }

    /// <summary>Draws the next card of a deck that is sorted by parts.</summary>
    /// <returns>The part that it names.</returns>
    public int DrawFirst()
    {
        var part = 0;
        while (_left[part] == 0) part++;
        _left[part]--;
        _total--;
        return part;
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (var count in counts) sum += count;
        return sum;
    }
}
