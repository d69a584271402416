using System.Collections;
using System.Numerics;

namespace Mlops.Tracking;

/// <summary>A set of runs by their numbers, a bit for each. Not safe for concurrent use.</summary>
internal sealed class RunBits : IEnumerable<long>
{
    private const int FewWords = 64;
    private ulong[] _words = new ulong[FewWords];

    /// <summary>Gets how many runs are in it.</summary>
    public int Count { get; private set; }

    public bool Contains(long run) => (ulong)run >> 6 is var word && word < (ulong)_words.Length && (_words[word] & Bit(run)) != 0;

    public void Add(long run)
    {
        var word = checked((int)((ulong)run >> 6));
        if (word >= _words.Length) Array.Resize(ref _words, Math.Max(word + 1, 2 * _words.Length));
        if ((_words[word] & Bit(run)) != 0) return;
        _words[word] |= Bit(run);
        Count++;
    }

    public void Remove(long run)
    {
        if (!Contains(run)) return;
        _words[(ulong)run >> 6] &= ~Bit(run);
        Count--;
    }

    public IEnumerator<long> GetEnumerator()
    {
        for (var word = 0; word < _words.Length; word++)
        {
            for (var bits = _words[word]; bits != 0; bits &= bits - 1) yield return (64L * word) + BitOperations.TrailingZeroCount(bits);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static ulong Bit(long run) => 1UL << (int)(run & 63);
}
