using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Mlops.Profiles;

/// <summary>The number of distinct values of a stream, in a few kilobytes.</summary>
/// <remarks>
/// <para>With 2^12 registers the estimate is off by 1.3 % (one standard deviation), by 1.6 % after merging sketches (<see cref="GetLowerBound"/>);
/// up to some hundreds of values it is exact but for a part in a million. Memory 2^lgK bytes at most; a few dozen bytes for a few values.</para>
/// <para>Numbers are hashed as 8 little-endian bytes with −0 taken for 0, texts as UTF-8. NaN, <see langword="null"/> and empty texts are left out.
/// An integer and the equal floating-point number count as two values. Not safe for concurrent use.</para>
/// <para>Binary form, hash and estimates are those of Apache DataSketches' HLL sketch, whose libraries read it, and the reverse.
/// Sources: P. Flajolet, É. Fusy, O. Gandouet, F. Meunier, "HyperLogLog", 2007; D. Ting, KDD 2014 (the historic inverse probability estimate).</para>
/// </remarks>
/// <example><code>
/// var users = new HyperLogLogSketch();
/// users.Add(ids);
/// var distinct = users.Estimate; // between users.GetLowerBound(2) and users.GetUpperBound(2) in 95 of 100 cases
/// </code></example>
public sealed class HyperLogLogSketch : ISketch<HyperLogLogSketch, double>, ISketch<HyperLogLogSketch, long>, ISketch<HyperLogLogSketch, string>
{
    /// <summary>The default of <see cref="LgK"/>.</summary>
    public const int DefaultLgK = 12;

    internal const int SmallestLgK = 4;
    internal const int LargestLgK = 21;
    private const int BlockLength = 512;
    private const int StackTextBytes = 256;

    private HllCoupons _coupons;
    private HllRegisters? _registers;

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="lgK">The binary logarithm of the number of registers, 4 to 21; one more halves the variance and doubles the memory.</param>
    /// <param name="type">How registers are stored.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lgK"/> or <paramref name="type"/> is out of its range.</exception>
    public HyperLogLogSketch(int lgK = DefaultLgK, HyperLogLogType type = HyperLogLogType.Hll8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lgK, SmallestLgK);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lgK, LargestLgK);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)type, (uint)HyperLogLogType.Hll8, nameof(type));
        LgK = lgK;
        Type = type;
        _coupons = new HllCoupons(lgK);
    }

    internal HyperLogLogSketch(int lgK, HyperLogLogType type, HllCoupons coupons, HllRegisters? registers)
        => (LgK, Type, _coupons, _registers) = (lgK, type, coupons, registers);

    /// <summary>Gets the binary logarithm of the number of registers; merging a sketch with fewer lowers it.</summary>
    public int LgK { get; private set; }

    /// <summary>Gets how registers are stored.</summary>
    public HyperLogLogType Type { get; }

    /// <summary>Gets whether no value was added.</summary>
    public bool IsEmpty => _registers is null ? _coupons.Count == 0 : _registers.Zeros == _registers.Values.Length;

    /// <summary>Gets the estimated number of distinct values: the best of the estimates that the sketch's history allows.</summary>
    public double Estimate => _registers is { IsMerged: false } ? _registers.Historic : CompositeEstimate;

    /// <summary>Gets the estimated number of distinct values from the registers alone, which does not depend on the order of values and merges.</summary>
    public double CompositeEstimate => _registers is null ? HllEstimation.FromCoupons(_coupons.Count) : HllEstimation.Composite(_registers);

    internal HllCoupons Coupons => _coupons;

    internal HllRegisters? Registers => _registers;

    /// <summary>Gets a number that the number of distinct values is probably not below.</summary>
    /// <param name="standardDeviations">1, 2 or 3: wrong in 15.9 %, 2.3 % or 0.13 % of cases.</param>
    /// <returns>The bound.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="standardDeviations"/> is not 1, 2 or 3.</exception>
    public double GetLowerBound(int standardDeviations)
    {
        ThrowIfNotOneToThree(standardDeviations);
        if (_registers is null) return HllEstimation.BoundFromCoupons(_coupons.Count, -standardDeviations);
        var hit = _registers.Values.Length - _registers.Zeros;
        return Math.Max(hit, Estimate / (1 + HllEstimation.RelativeError(false, _registers.IsMerged, LgK, standardDeviations)));
    }

    /// <summary>Gets a number that the number of distinct values is probably not above.</summary>
    /// <param name="standardDeviations">1, 2 or 3: wrong in 15.9 %, 2.3 % or 0.13 % of cases.</param>
    /// <returns>The bound.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="standardDeviations"/> is not 1, 2 or 3.</exception>
    public double GetUpperBound(int standardDeviations)
    {
        ThrowIfNotOneToThree(standardDeviations);
        if (_registers is null) return HllEstimation.BoundFromCoupons(_coupons.Count, standardDeviations);
        return Estimate / (1 + HllEstimation.RelativeError(true, _registers.IsMerged, LgK, standardDeviations));
    }

    /// <summary>Adds numbers; NaN is left out.</summary>
    /// <param name="values">The numbers, shape (n).</param>
    public void Add(ReadOnlySpan<double> values) => AddNumbers(values);

    /// <summary>Adds integers.</summary>
    /// <param name="values">The integers, shape (n).</param>
    public void Add(ReadOnlySpan<long> values) => AddNumbers(values);

    /// <summary>Adds texts; <see langword="null"/> and empty ones are left out.</summary>
    /// <param name="values">The texts, shape (n).</param>
    public void Add(ReadOnlySpan<string> values)
    {
        foreach (var value in values) Add(value);
    }

    /// <summary>Adds one text.</summary>
    /// <param name="value">The text; <see langword="null"/> or an empty one is left out.</param>
    [SkipLocalsInit]
    public void Add(string? value)
    {
        if (string.IsNullOrEmpty(value)) return;
        var longest = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (longest > StackTextBytes)
        {
            Add(Encoding.UTF8.GetBytes(value));
            return;
        }

        Span<byte> utf8 = stackalloc byte[StackTextBytes];
        Add((ReadOnlySpan<byte>)utf8[..Encoding.UTF8.GetBytes(value, utf8)]);
    }

    /// <summary>Adds one text of UTF-8, or one value of any bytes.</summary>
    /// <param name="value">The bytes of one value; an empty one is left out.</param>
    public void Add(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return;
        var (first, second) = MurmurHash3.Hash(value);
        AddCoupons([HllHasher.ToCoupon(first, second)]);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// As Apache DataSketches' union: when both have registers, the result has as many as the smaller and estimates from them alone
    /// (<see cref="CompositeEstimate"/>). The type stays this sketch's.
    /// </remarks>
    public void Merge(HyperLogLogSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.IsEmpty || ReferenceEquals(this, other)) return;
        if (other._registers is null)
        {
            if (IsEmpty && _registers is null && other.LgK == LgK) _coupons = other._coupons.Clone();
            else AddCoupons(other._coupons.ToArray());
            return;
        }

        var lgK = Math.Min(LgK, other._registers.LgK);
        if (_registers is null)
        {
            var own = _coupons.ToArray();
            _registers = other._registers.Copy(lgK, Type);
            _registers.Add(own);
            _coupons = new HllCoupons(lgK);
        }
        else
        {
            if (lgK < _registers.LgK) _registers = _registers.Copy(lgK, Type);
            _registers.Merge(other._registers.Values);
        }

        LgK = lgK;
    }

    /// <inheritdoc/>
    /// <remarks>The compact form of Apache DataSketches' HLL sketch, serial version 1.</remarks>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        HllFormat.Write(this, writer);
    }

    /// <inheritdoc/>
    /// <remarks>Reads the compact and the updatable form of Apache DataSketches' HLL sketch.</remarks>
    public static HyperLogLogSketch ReadFrom(ReadOnlySpan<byte> source) => HllFormat.Read(source);

    [SkipLocalsInit]
    private void AddNumbers<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Span<uint> coupons = stackalloc uint[BlockLength + HllHasher.Slack];
        while (!values.IsEmpty)
        {
            var block = values[..Math.Min(values.Length, BlockLength)];
            values = values[block.Length..];
            // What does not exceed the lowest register changes nothing, now and later.
            var count = HllHasher.Hash(block, _registers?.Minimum ?? 0, coupons);
            AddCoupons(coupons[..count]);
        }
    }

    private void AddCoupons(ReadOnlySpan<uint> coupons)
    {
        for (var i = 0; _registers is null && i < coupons.Length; i++)
        {
            if (!_coupons.Add(coupons[i])) continue;
            Promote();
            coupons = coupons[(i + 1)..];
        }

        _registers?.Add(coupons);
    }

    private void Promote()
    {
        _registers = new HllRegisters(LgK, Type);
        _registers.Add(_coupons.ToArray());
        _registers.Historic = HllEstimation.FromCoupons(_coupons.Count);
        _coupons = new HllCoupons(LgK);
    }

    private static void ThrowIfNotOneToThree(int standardDeviations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(standardDeviations, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(standardDeviations, 3);
    }
}
