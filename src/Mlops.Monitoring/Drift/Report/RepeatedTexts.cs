using System.Collections;

namespace Mlops.Monitoring;

/// <summary>Texts of which it is known how often each occurs, as a list of all, in the order of the counts.</summary>
internal sealed class RepeatedTexts : IReadOnlyList<string?>
{
    private readonly KeyValuePair<string, long>[] _counts;
    private readonly long[] _ends;

    public RepeatedTexts(KeyValuePair<string, long>[] counts)
    {
        _counts = counts;
        _ends = new long[counts.Length];
        long end = 0;
        for (var i = 0; i < counts.Length; i++) _ends[i] = end += counts[i].Value;
    }

    /// <summary>Gets whether there are more texts than a list can have; such are only counted.</summary>
    public bool IsTooLong => _ends.Length > 0 && _ends[^1] > Array.MaxLength;

    public int Count => _ends.Length == 0 ? 0 : checked((int)_ends[^1]);

    public string? this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var place = Array.BinarySearch(_ends, index + 1L);
            return _counts[place < 0 ? ~place : place].Key;
        }
    }

    public IEnumerator<string?> GetEnumerator()
    {
        foreach (var (text, count) in _counts)
        {
            for (long i = 0; i < count; i++) yield return text;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
