namespace Mlops.Profiles;

/// <summary>How many bits a stored <see cref="HyperLogLogSketch"/> spends on a register.</summary>
/// <remarks>The estimates do not depend on it; in memory every register takes a byte.</remarks>
public enum HyperLogLogType
{
    /// <summary>Four bits: the height above the lowest register, with a table of the few that are too high for it. Half a byte per register and a little more.</summary>
    Hll4 = 0,

    /// <summary>Six bits: three quarters of a byte per register.</summary>
    Hll6 = 1,

    /// <summary>Eight bits: one byte per register, the fastest to write and read.</summary>
    Hll8 = 2,
}
