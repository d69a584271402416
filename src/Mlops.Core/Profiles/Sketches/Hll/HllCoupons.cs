namespace Mlops.Profiles;

/// <summary>The coupons of a young HyperLogLog sketch: up to seven in a list, then a hash set.</summary>
internal sealed class HllCoupons
{
    internal const int LgListSize = 3;
    internal const int LgSmallestSet = 5;

    /// <summary>The smallest sketch that has a set between its list and its registers.</summary>
    internal const int SmallestLgKOfSet = 8;

    private readonly int _lgK;
    private uint[] _list = new uint[1 << LgListSize];
    private HllSlotTable? _set;
    private int _listCount;

    internal HllCoupons(int lgK) => _lgK = lgK;

    internal int Count => _set?.Count ?? _listCount;

    internal bool IsSet => _set is not null;

    /// <summary>Gets the binary logarithm of the number of places.</summary>
    internal int LgSize => _set?.LgSize ?? LgListSize;

    /// <summary>Adds a coupon unless it is there.</summary>
    /// <returns>Whether the coupons no longer fit and must become registers.</returns>
    internal bool Add(uint coupon)
    {
        if (_set is null) return AddToList(coupon);
        if (_set.IsAtHome(coupon)) return false;
        if (!_set.TryAdd(coupon) || !_set.IsFull) return false;
        if (_set.LgSize >= _lgK - 3) return true;
        _set.Grow();
        return false;
    }

    /// <summary>Gets the coupons in the order in which they are stored.</summary>
    internal uint[] ToArray() => _set?.ToArray() ?? _list[.._listCount];

    internal HllCoupons Clone()
    {
        var clone = (HllCoupons)MemberwiseClone();
        clone._list = (uint[])_list.Clone();
        clone._set = _set?.Clone();
        return clone;
    }

    /// <summary>Makes a set of coupons that were stored.</summary>
    /// <returns>The set; <see langword="null"/> when a coupon is there twice.</returns>
    internal static HllCoupons? FromSet(int lgK, int lgSize, ReadOnlySpan<uint> stored)
    {
        var set = new HllSlotTable(lgSize, uint.MaxValue);
        foreach (var coupon in stored)
        {
            if (!set.TryAdd(coupon)) return null;
        }

        set.KeepOrder(stored);
        return new HllCoupons(lgK) { _set = set };
    }

    private bool AddToList(uint coupon)
    {
        if (_list.AsSpan(0, _listCount).Contains(coupon)) return false;
        _list[_listCount++] = coupon;
        if (_listCount < _list.Length) return false;
        if (_lgK < SmallestLgKOfSet) return true;
        _set = new HllSlotTable(LgSmallestSet, uint.MaxValue);
        foreach (var listed in _list) _set.TryAdd(listed);
        return false;
    }
}
