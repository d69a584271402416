using System.Numerics;

namespace Mlops.Data;

/// <summary>The generator SplitMix64: the same numbers from the same seed on every machine. Not for secrets.</summary>
/// <remarks>Source: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.</remarks>
internal struct SplitMix64(ulong seed)
{
    /// <summary>What the state grows by from number to number.</summary>
    public const ulong Increment = 0x9E3779B97F4A7C15;

    private const ulong FirstFactor = 0xBF58476D1CE4E5B9;
    private const ulong SecondFactor = 0x94D049BB133111EB;

    private ulong _state = seed;

    /// <summary>Starts the sequence of a number such as a user gives; near numbers give sequences that are far apart.</summary>
    public static SplitMix64 FromSeed(int seed) => new(Mix(unchecked((ulong)(long)seed * 0xD1342543DE82EF95)));

    /// <summary>Makes the next number.</summary>
    public ulong Next() => Mix(_state += Increment);

    /// <summary>Makes the next number of [0, 1): a multiple of 2⁻⁵³, each equally likely.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Makes the next number below a bound, each equally likely.</summary>
    /// <remarks>Source: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019.</remarks>
    public ulong Next(ulong bound)
    {
        var high = Math.BigMul(Next(), bound, out ulong low);
        if (low >= bound) return high;
        var threshold = (0 - bound) % bound;
        while (low < threshold) high = Math.BigMul(Next(), bound, out low);
        return high;
    }

    /// <summary>Gets the number at a place of the sequence of a seed, without making those before it.</summary>
    public static ulong At(ulong seed, ulong index) => Mix(seed + ((index + 1) * Increment));

    /// <summary>Mixes the bits of a number, so that each depends on all.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * FirstFactor;
        z = (z ^ (z >> 27)) * SecondFactor;
        return z ^ (z >> 31);
    }

    /// <summary>Mixes the bits of several numbers likewise.</summary>
    public static Vector<ulong> Mix(Vector<ulong> z)
    {
        z = (z ^ (z >> 30)) * new Vector<ulong>(FirstFactor);
        z = (z ^ (z >> 27)) * new Vector<ulong>(SecondFactor);
        return z ^ (z >> 31);
    }
}
