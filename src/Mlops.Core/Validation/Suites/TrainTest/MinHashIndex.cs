using System.Runtime.InteropServices;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Finds, among many sets, those that are similar to one: by minima of hashes, in bands of which one must be equal.</summary>
/// <remarks>
/// Sources: A. Broder, "On the resemblance and containment of documents", SEQUENCES 1997; bands: J. Leskovec, A. Rajaraman, J. Ullman, "Mining of massive datasets", chapter 3. There
/// are 96 minima, in bands as long as a pair of the threshold's similarity is found with a probability of at least 0.999.
/// </remarks>
internal sealed class MinHashIndex
{
    private const int Minima = 96;
    private const double MissedRatio = 0.001;

    private readonly int _length;
    private readonly List<(ulong Key, int Set)>[] _bands;
    private readonly ulong[] _minima = new ulong[Minima];
    private bool _isSorted;

    /// <summary>Creates an index for sets of at least a similarity.</summary>
    public MinHashIndex(double threshold)
    {
        _length = 1;
        foreach (var length in (ReadOnlySpan<int>)[2, 3, 4, 6, 8, 12])
        {
            if (Math.Pow(1 - Math.Pow(threshold, length), Minima / (double)length) <= MissedRatio) _length = length;
        }

        _bands = [.. Enumerable.Range(0, Minima / _length).Select(_ => new List<(ulong, int)>())];
    }

    /// <summary>Adds a set.</summary>
    public void Add(ReadOnlySpan<ulong> set, int number)
    {
        ComputeMinima(set);
        for (var band = 0; band < _bands.Length; band++) _bands[band].Add((GetKey(band), number));
        _isSorted = false;
    }

    /// <summary>Finds the sets that are likely to be similar, in ascending order of their numbers.</summary>
    public SortedSet<int> Find(ReadOnlySpan<ulong> set)
    {
        if (!_isSorted)
        {
            foreach (var band in _bands) band.Sort();
            _isSorted = true;
        }

        ComputeMinima(set);
        var found = new SortedSet<int>();
        for (var band = 0; band < _bands.Length; band++)
        {
            var key = GetKey(band);
            var entries = CollectionsMarshal.AsSpan(_bands[band]);
            var (low, high) = (0, entries.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (entries[middle].Key < key) low = middle + 1;
                else high = middle;
            }

            for (; low < entries.Length && entries[low].Key == key; low++) found.Add(entries[low].Set);
        }

        return found;
    }

    private void ComputeMinima(ReadOnlySpan<ulong> set)
    {
        for (var i = 0; i < Minima; i++)
        {
            var (seed, minimum) = (SplitMix64.At(0, (ulong)i), ulong.MaxValue);
            foreach (var item in set) minimum = Math.Min(minimum, SplitMix64.Mix(item ^ seed));
            _minima[i] = minimum;
        }
    }

    private ulong GetKey(int band)
    {
        var key = 0UL;
        for (var i = band * _length; i < (band + 1) * _length; i++) key = SplitMix64.Mix(key ^ _minima[i]) + _minima[i];
        return key;
    }
}
