using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>Where the true value of a metric lies with a stated probability.</summary>
/// <param name="Lower">The lower bound.</param>
/// <param name="Upper">The upper bound.</param>
/// <param name="Level">The probability, above 0 and below 1: 0.95.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper, double Level)
{
    /// <summary>Writes the bounds, in the invariant culture; very large or very small ones with four digits and a power of ten.</summary>
    /// <returns>The text: <c>0.8012–0.8234 (95 %)</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Format(Lower)}–{Format(Upper)} ({100 * Level:0.##} %)");

    private static string Format(double bound) => bound.ToString(Math.Abs(bound) is >= 1e7 or (> 0 and < 5e-5) ? "0.###e+0" : "0.0000", CultureInfo.InvariantCulture);
}
