namespace Mlops.Evaluation;

/// <summary>What decisions of two classes cost, in any unit of account; a benefit is a negative cost.</summary>
/// <param name="FalsePositive">The cost of a row that is wrongly taken for the positive class.</param>
/// <param name="FalseNegative">The cost of a row of the positive class that is not taken for it.</param>
/// <param name="TruePositive">The cost of a row that is rightly taken for the positive class.</param>
/// <param name="TrueNegative">The cost of a row that is rightly not taken for it.</param>
public sealed record ThresholdCosts(double FalsePositive, double FalseNegative, double TruePositive = 0, double TrueNegative = 0)
{
    /// <summary>Writes the costs, in the invariant culture.</summary>
    /// <returns>The text: <c>false positive 1, false negative 5, true positive 0, true negative 0</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"false positive {FalsePositive}, false negative {FalseNegative}, true positive {TruePositive}, true negative {TrueNegative}");
}
