using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mlops.Profiles;

/// <summary>An open-addressed table of coupons: 26 bits of address below 6 bits of value.</summary>
/// <remarks>
/// <para>The coupons that a young HyperLogLog sketch keeps are looked up by the whole coupon; the registers that are too high for four bits, by the address alone.</para>
/// <para>Source: the hash set and the auxiliary map of Apache DataSketches' HLL sketch, whose order of slots its binary form shows.</para>
/// </remarks>
internal sealed class HllSlotTable
{
    internal const int AddressBits = 26;
    internal const uint AddressMask = (1u << AddressBits) - 1;

    private readonly uint _keyMask;
    private uint[] _slots;

    // The order in which a read table was stored: other than the order of its slots when probes had wrapped round.
    private uint[]? _stored;

    /// <param name="lgSize">The binary logarithm of the number of slots.</param>
    /// <param name="keyMask">The bits of a coupon that make its key.</param>
    internal HllSlotTable(int lgSize, uint keyMask)
    {
        LgSize = lgSize;
        _keyMask = keyMask;
        _slots = new uint[1 << lgSize];
    }

    internal int LgSize { get; private set; }

    internal int Count { get; private set; }

    /// <summary>Gets whether more than three quarters of the slots are taken.</summary>
    internal bool IsFull => 4 * Count > 3 * _slots.Length;

    /// <summary>Gets whether a coupon is in the slot where its search starts: a quick yes for most that are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsAtHome(uint coupon)
    {
        var slots = _slots;
        return slots[coupon & (uint)(slots.Length - 1)] == coupon;
    }

    /// <summary>Adds a coupon unless there is one with its key; does not grow.</summary>
    /// <returns>Whether it was added.</returns>
    internal bool TryAdd(uint coupon)
    {
        var index = Find(_slots, LgSize, coupon & _keyMask);
        if (_slots[index] != 0) return false;
        _slots[index] = coupon;
        Count++;
        _stored = null;
        return true;
    }

    /// <summary>Puts a coupon in the place of the one with its key, or adds it, and grows when full.</summary>
    internal void Put(uint coupon)
    {
        var index = Find(_slots, LgSize, coupon & _keyMask);
        if (_slots[index] == 0) Count++;
        _slots[index] = coupon;
        _stored = null;
        if (IsFull) Grow();
    }

    internal void Grow()
    {
        var grown = new uint[_slots.Length * 2];
        foreach (var coupon in _slots)
        {
            if (coupon != 0) grown[Find(grown, LgSize + 1, coupon & _keyMask)] = coupon;
        }

        _slots = grown;
        LgSize++;
    }

    /// <summary>Remembers the order in which the coupons were read, so that they are written in it again.</summary>
    internal void KeepOrder(ReadOnlySpan<uint> stored) => _stored = stored.ToArray();

    /// <summary>Gets the coupons in the order in which they are stored.</summary>
    internal uint[] ToArray()
    {
        if (_stored is not null) return _stored;
        var coupons = new uint[Count];
        var next = 0;
        foreach (var coupon in _slots)
        {
            if (coupon != 0) coupons[next++] = coupon;
        }

        return coupons;
    }

    internal HllSlotTable Clone()
    {
        var clone = (HllSlotTable)MemberwiseClone();
        clone._slots = (uint[])_slots.Clone();
        return clone;
    }

    /// <summary>Gets the slot of a key, or the empty slot where it belongs; the table is never full.</summary>
    private int Find(uint[] slots, int lgSize, uint key)
    {
        var mask = (uint)slots.Length - 1;
        var probe = key & mask;
        var stride = ((key & AddressMask) >> lgSize) | 1;
        while (slots[probe] is not 0 and var coupon && (coupon & _keyMask) != key) probe = (probe + stride) & mask;
        return (int)probe;
    }

    /// <summary>Gets the smallest size that holds a number of coupons.</summary>
    internal static int LgSizeFor(int count, int minimum)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, count));
        if (4L * count > 3L * size) size <<= 1;
        return Math.Max(minimum, BitOperations.Log2(size));
    }
}
