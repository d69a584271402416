using System.Globalization;

namespace Mlops.Reports;

/// <summary>A range of values with ticks at round numbers.</summary>
/// <remarks>Steps are 1, 2 or 5 times a power of ten.</remarks>
internal sealed class ValueAxis
{
    private ValueAxis(double minimum, double maximum, double step)
    {
        // At the ends of the range of numbers, there may be no round number beyond the values.
        (Minimum, Maximum, Step) = (Math.Max(minimum, -double.MaxValue), Math.Min(maximum, double.MaxValue), step);
        double first = Math.Round(Minimum / step), count = Math.Round((Maximum / step) - (Minimum / step));
        Ticks = [.. Enumerable.Range(0, (int)count + 1).Select(i => (first + i) * step).Where(double.IsFinite)];
    }

    public double Minimum { get; }

    public double Maximum { get; }

    public double Step { get; }

    public double[] Ticks { get; }

    /// <summary>Makes an axis that holds all finite values; it begins at 0 when that is not far below them.</summary>
    public static ValueAxis Create(IEnumerable<double> values, int maximumTicks, bool includesZero = false)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (var value in values.Where(double.IsFinite)) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        // Between values so close to 0, there are no round steps.
        if (Math.Max(Math.Abs(low), Math.Abs(high)) < 1e-300) (low, high) = (0, 0);
        if (low > high) (low, high) = (0, 1);
        if (includesZero || (low > 0 && low <= 0.6 * high)) low = Math.Min(0, low);
        if (includesZero) high = Math.Max(0, high);
        if (high - low <= 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high)) || low == high)
        {
            var margin = low == 0 ? 1 : Math.Abs(low) * 0.1;
            (low, high) = (Math.Max(low - margin, -double.MaxValue), Math.Min(high + margin, double.MaxValue));
        }

        // Divided first, because the difference of the ends may be infinite.
        var parts = Math.Max(2, maximumTicks - 1);
        var step = GetStep((high / parts) - (low / parts));
        return new ValueAxis(Math.Floor((low / step) + 1e-9) * step, Math.Ceiling((high / step) - 1e-9) * step, step);
    }

    /// <summary>Gets where a value lies between the ends: 0 at the first, 1 at the last.</summary>
    public double GetRatio(double value) => ((value / 2) - (Minimum / 2)) / ((Maximum / 2) - (Minimum / 2));

    public string Format(double tick)
    {
        var magnitude = Math.Max(Math.Abs(Minimum), Math.Abs(Maximum));
        var (scale, suffix) = magnitude switch { >= 1e9 => (1e9, "G"), >= 1e6 => (1e6, "M"), >= 1e5 => (1e3, "k"), _ => (1.0, "") };
        if (magnitude is < 1e-4 or >= 1e12) return tick.ToString("0.##e+0", CultureInfo.InvariantCulture);
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(Step / scale) - 1e-9), 0, 8);
        return (tick / scale).ToString($"#,0{(decimals > 0 ? "." + new string('0', decimals) : "")}", CultureInfo.InvariantCulture) + suffix;
    }

    private static double GetStep(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var fraction = rough / power;
        return power * (fraction <= 1 + 1e-9 ? 1 : fraction <= 2 + 1e-9 ? 2 : fraction <= 5 + 1e-9 ? 5 : 10);
    }
}
