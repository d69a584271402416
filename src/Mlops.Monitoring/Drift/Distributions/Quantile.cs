namespace Mlops.Monitoring;

/// <summary>Finds the value that a falling tail takes on.</summary>
internal static class Quantile
{
    private const int MaximumSteps = 400;

    /// <summary>Finds x with <c>tail(x) = probability</c>, by bisection.</summary>
    /// <param name="tail">A falling function.</param>
    /// <param name="probability">What it shall be.</param>
    /// <param name="low">Where it is larger.</param>
    /// <param name="high">Where it may be smaller; doubled until it is.</param>
    public static double Find(Func<double, double> tail, double probability, double low, double high)
    {
        for (var i = 0; i < 1100 && tail(high) > probability; i++) (low, high) = (high, 2 * high);
        for (var i = 0; i < MaximumSteps && high - low > 1e-14 * Math.Max(Math.Abs(low), Math.Abs(high)); i++)
        {
            var middle = (low + high) / 2;
            if (tail(middle) > probability) low = middle;
            else high = middle;
        }

        return high;
    }
}
