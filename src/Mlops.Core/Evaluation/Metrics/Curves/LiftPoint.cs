using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>What choosing the rows of the highest scores finds.</summary>
/// <param name="Threshold">The score from which on rows are chosen; +∞ of the first point, where none is.</param>
/// <param name="Share">The share of all rows that are chosen, by weight, 0..1.</param>
/// <param name="Gain">The share of the positive rows that are among them, 0..1.</param>
/// <param name="Lift">How many times as many positive rows are among them as chance would find: gain over share; of the first point that of the second.</param>
public readonly record struct LiftPoint(double Threshold, double Share, double Gain, double Lift)
{
    /// <summary>Writes the point, in the invariant culture.</summary>
    /// <returns>The text: <c>0.1 of the rows: 0.35 of the positive ones, lift 3.5</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Share:0.####} of the rows: {Gain:0.####} of the positive ones, lift {Lift:0.####}");
}
