namespace Mlops.Profiles;

/// <summary>How many values each level of a KLL sketch may keep, rounded as Apache DataSketches rounds, because its files rely on it.</summary>
internal static class KllCapacity
{
    // Beyond this depth k·2^depth overflows; the power is then taken in two steps.
    private const int DirectDepth = 30;

    /// <summary>Gets the capacities for a number of levels: the top one holds k, each below two thirds of the next, and none less than eight.</summary>
    public static int[] OfLevels(int k, int count)
    {
        var capacities = new int[count];
        for (var level = 0; level < count; level++) capacities[level] = Math.Max(KllLevels.MinimumCapacity, OfDepth(k, count - level - 1));
        return capacities;
    }

    /// <summary>Gets the sum of the capacities.</summary>
    public static int Total(int k, int count)
    {
        var total = 0;
        foreach (var capacity in OfLevels(k, count)) total += capacity;
        return total;
    }

    private static int OfDepth(int k, int depth)
        => depth <= DirectDepth ? Round(k, depth) : Round(Round(k, depth / 2), depth - (depth / 2));

    /// <summary>k·(2/3)^depth, rounded half up in integers.</summary>
    private static int Round(int k, int depth)
    {
        var powerOfThree = 1UL;
        for (var i = 0; i < depth; i++) powerOfThree *= 3;
        return (int)(((((ulong)k << (depth + 1)) / powerOfThree) + 1) >> 1);
    }
}
