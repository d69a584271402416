using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlops.Profiles;

/// <summary>The registers of a HyperLogLog sketch, one byte each, with the sums from which it estimates.</summary>
/// <remarks>
/// <para>Kept up to date: the sum of 2^−register in two exact parts, the historic inverse probability estimate, the lowest register and how many are that low.</para>
/// <para>Source: P. Flajolet, É. Fusy, O. Gandouet, F. Meunier, "HyperLogLog", 2007; the historic estimate: D. Ting, KDD 2014, and E. Cohen, 2014.</para>
/// </remarks>
internal sealed class HllRegisters
{
    /// <summary>The height above the lowest register from which four bits no longer hold it.</summary>
    internal const int ExceptionHeight = 15;

    private static ReadOnlySpan<byte> LgExceptions => [0, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 11, 12, 13];

    private readonly HyperLogLogType _type;
    private byte[] _registers;
    private HllSlotTable? _exceptions;

    internal HllRegisters(int lgK, HyperLogLogType type)
    {
        LgK = lgK;
        _type = type;
        _registers = new byte[1 << lgK];
        CountAtMinimum = Zeros = 1 << lgK;
        LowSum = 1 << lgK;
    }

    internal int LgK { get; }

    internal ReadOnlySpan<byte> Values => _registers;

    /// <summary>Gets the lowest register.</summary>
    internal int Minimum { get; private set; }

    /// <summary>Gets how many registers equal the lowest.</summary>
    internal int CountAtMinimum { get; private set; }

    /// <summary>Gets how many registers are 0.</summary>
    internal int Zeros { get; private set; }

    /// <summary>Gets the sum of 2^−register of the registers below 32.</summary>
    internal double LowSum { get; private set; }

    /// <summary>Gets the sum of 2^−register of the registers from 32.</summary>
    internal double HighSum { get; private set; }

    /// <summary>Gets or sets the historic inverse probability estimate.</summary>
    internal double Historic { get; set; }

    /// <summary>Gets or sets whether sketches were merged, so that the historic estimate is lost.</summary>
    internal bool IsMerged { get; set; }

    /// <summary>Gets the registers that four bits do not hold, for the four-bit type only.</summary>
    internal HllSlotTable? Exceptions => _exceptions;

    /// <summary>Adds coupons in order.</summary>
    internal void Add(ReadOnlySpan<uint> coupons)
    {
        ref var registers = ref MemoryMarshal.GetArrayDataReference(_registers);
        var mask = (uint)_registers.Length - 1;
        foreach (var coupon in coupons)
        {
            var slot = coupon & mask;
            var value = coupon >> HllSlotTable.AddressBits;
            if (value > Unsafe.Add(ref registers, slot)) Raise(slot, (int)value);
        }
    }

    /// <summary>Takes over registers that are higher in another sketch, whose number is at least this one's.</summary>
    internal void Merge(ReadOnlySpan<byte> other)
    {
        Fold(other, _registers);
        IsMerged = true;
        Historic = 0;
        Recount();
    }

    /// <summary>Makes registers of another number or type, with the same estimate.</summary>
    internal HllRegisters Copy(int lgK, HyperLogLogType type)
    {
        var copy = new HllRegisters(lgK, type) { Historic = Historic, IsMerged = IsMerged };
        Fold(_registers, copy._registers);
        copy.Recount();
        if (type == _type && lgK == LgK) copy._exceptions = _exceptions?.Clone();
        return copy;
    }

    /// <summary>Makes registers of stored ones.</summary>
    internal static HllRegisters FromStored(int lgK, HyperLogLogType type, byte[] registers, HllSlotTable? exceptions)
    {
        var result = new HllRegisters(lgK, type) { _registers = registers };
        result.Recount();
        if (type == HyperLogLogType.Hll4) result._exceptions = exceptions;
        return result;
    }

    /// <summary>Gets the smallest size of the table of exceptions.</summary>
    internal static int LgSmallestExceptions(int lgK) => LgExceptions[lgK];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Raise(uint slot, int value)
    {
        int old = _registers[slot];
        // Before the sums change: the probability that this value would change the sketch.
        if (!IsMerged) Historic += _registers.Length / (LowSum + HighSum);
        if (old < 32) LowSum -= InversePower(old);
        else HighSum -= InversePower(old);
        if (value < 32) LowSum += InversePower(value);
        else HighSum += InversePower(value);
        _registers[slot] = (byte)value;
        if (old == 0) Zeros--;
        if (_type == HyperLogLogType.Hll4 && value - Minimum >= ExceptionHeight) PutException(slot, value);
        if (old == Minimum && --CountAtMinimum == 0) RaiseMinimum();
    }

    private void RaiseMinimum()
    {
        do
        {
            Minimum++;
            CountAtMinimum = _registers.AsSpan().Count((byte)Minimum);
            DropExceptions();
        }
        while (CountAtMinimum == 0);
    }

    /// <summary>Keeps the exceptions that are still too high above the new minimum, in the order of a new table.</summary>
    private void DropExceptions()
    {
        if (_exceptions is null) return;
        var old = _exceptions.ToArray();
        _exceptions = null;
        foreach (var coupon in old)
        {
            var value = (int)(coupon >> HllSlotTable.AddressBits);
            if (value - Minimum >= ExceptionHeight) PutException(coupon & HllSlotTable.AddressMask, value);
        }
    }

    private void PutException(uint slot, int value)
        => (_exceptions ??= new HllSlotTable(LgSmallestExceptions(LgK), (uint)_registers.Length - 1)).Put(slot | ((uint)value << HllSlotTable.AddressBits));

    /// <summary>Finds minimum, counts and sums anew; all sums of powers of two are exact, so the order does not matter.</summary>
    private void Recount()
    {
        Span<int> counts = stackalloc int[HllHasher.MaximumValue + 1];
        counts.Clear();
        foreach (var value in _registers) counts[value]++;
        LowSum = HighSum = 0;
        for (var value = 0; value < 32; value++) LowSum += counts[value] * InversePower(value);
        for (var value = 32; value < counts.Length; value++) HighSum += counts[value] * InversePower(value);
        Zeros = counts[0];
        Minimum = counts.IndexOfAnyExcept(0);
        CountAtMinimum = counts[Minimum];
        _exceptions = null;
        if (_type != HyperLogLogType.Hll4) return;
        for (var slot = 0; slot < _registers.Length; slot++)
        {
            if (_registers[slot] - Minimum >= ExceptionHeight) PutException((uint)slot, _registers[slot]);
        }
    }

    private static void Fold(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (var start = 0; start < source.Length; start += target.Length)
            TensorPrimitives.Max(target, source.Slice(start, target.Length), target);
    }

    private static double InversePower(int exponent) => BitConverter.Int64BitsToDouble((1023L - exponent) << 52);
}
