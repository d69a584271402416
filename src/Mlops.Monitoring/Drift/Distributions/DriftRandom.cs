using MathNet.Numerics;

namespace Mlops.Monitoring;

/// <summary>The generator SplitMix64: the same numbers from the same seed on every machine.</summary>
/// <remarks>Source: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.</remarks>
internal struct DriftRandom(int seed)
{
    private ulong _state = Mix(unchecked((ulong)(long)seed * 0xD1342543DE82EF95));

    /// <summary>Makes the next number, in [0, 1).</summary>
    public double NextDouble()
    {
        _state += 0x9E3779B97F4A7C15;
        return (Mix(_state) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Mixes the bits of a number, so that each depends on all.</summary>
    public static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        }

        return z ^ (z >> 31);
    }

    /// <summary>Makes the next number of the standard normal law.</summary>
    public double NextNormal() => Constants.Sqrt2 * SpecialFunctions.ErfInv((2 * Math.Max(NextDouble(), 1.0 / (1UL << 53))) - 1);
}
