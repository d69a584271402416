using System.Runtime.InteropServices;

namespace Mlops.Data;

/// <summary>Keeps so many of the rows that are added, each equally likely.</summary>
/// <remarks>
/// Source: algorithm R of J. S. Vitter, "Random sampling with a reservoir", ACM TOMS 11(1), 1985. Not the faster algorithm L: that one takes logarithms,
/// whose last bit differs between platforms, and a sample must not.
/// </remarks>
internal sealed class RowReservoir(DataSchema schema, int count, ulong seed)
{
    private const int SmallestSpare = 4096;
    private readonly List<DataBatch> _parts = [];
    // For each place the number of its row among the held ones, which lie in the dataset's order.
    private readonly List<int> _places = [];
    private readonly List<int> _taken = [];
    private SplitMix64 _random = new(seed);
    private long _seen;
    private int _held;

    public void Add(DataBatch batch)
    {
        _taken.Clear();
        for (var row = 0; row < batch.RowCount; row++, _seen++)
        {
            if (_places.Count < count)
            {
                _places.Add(_held + _taken.Count);
                _taken.Add(row);
                continue;
            }

            var place = _random.Next((ulong)_seen + 1);
            if (place >= (ulong)count) continue;
            _places[(int)place] = _held + _taken.Count;
            _taken.Add(row);
        }

        if (_taken.Count == 0) return;
        _parts.Add(batch.Take(CollectionsMarshal.AsSpan(_taken)));
        _held += _taken.Count;
        // Rows that others took the place of are let go when they outnumber the others.
        if (_held > _places.Count * 2L + SmallestSpare) Compact();
    }

    /// <summary>Gets the rows that are kept now, in the order in which they came.</summary>
    public DataBatch ToBatch()
    {
        Compact();
        return DataBatch.Concat(schema, _parts);
    }

    private void Compact()
    {
        var places = _places.ToArray();
        var order = new int[places.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        places.AsSpan().Sort(order);
        var kept = DataBatch.Concat(schema, _parts).Take(places);
        for (var i = 0; i < order.Length; i++) _places[order[i]] = i;
        _parts.Clear();
        _parts.Add(kept);
        _held = places.Length;
    }
}
