namespace Mlops.Monitoring;

/// <summary>What a statistic must exceed to be significant, by values of it that were simulated without drift.</summary>
/// <remarks>The p-value is (1 + those at least as large) / (1 + their number), so a value that ties with one of them may not be significant where one above it is.</remarks>
internal static class SimulatedLimit
{
    /// <summary>Finds what must be exceeded.</summary>
    /// <param name="simulated">The simulated values, ascending.</param>
    /// <param name="significance">The significance.</param>
    /// <returns>One of the values; infinity where so few tell no such significance.</returns>
    public static double Find(ReadOnlySpan<double> simulated, double significance)
    {
        // Of (1 + most) / (1 + count) ≤ significance; rounding must not cost one.
        var most = (int)Math.Floor(significance * (simulated.Length + 1) * (1 + 1e-12)) - 1;
        return most < 0 ? double.PositiveInfinity : simulated[Math.Max(0, simulated.Length - 1 - most)];
    }
}
