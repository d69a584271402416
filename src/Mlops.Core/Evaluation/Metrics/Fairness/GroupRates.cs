namespace Mlops.Evaluation;

/// <summary>The rates of decisions on the rows of a group, by weight. Immutable.</summary>
/// <param name="Group">The group.</param>
/// <param name="Weight">The sum of the weights of its rows.</param>
/// <param name="TruePositives">The weight of its positive rows that were selected.</param>
/// <param name="FalsePositives">The weight of its negative rows that were selected.</param>
/// <param name="TrueNegatives">The weight of its negative rows that were not.</param>
/// <param name="FalseNegatives">The weight of its positive rows that were not.</param>
public sealed record GroupRates(string Group, double Weight, double TruePositives, double FalsePositives, double TrueNegatives, double FalseNegatives)
{
    /// <summary>Gets the share of the rows that were selected.</summary>
    public MetricValue SelectionRate => Ratio(TruePositives + FalsePositives, Weight, "the group has no row");

    /// <summary>Gets the share of the positive rows that were selected.</summary>
    public MetricValue TruePositiveRate => Ratio(TruePositives, TruePositives + FalseNegatives, "the group has no positive row");

    /// <summary>Gets the share of the negative rows that were selected.</summary>
    public MetricValue FalsePositiveRate => Ratio(FalsePositives, FalsePositives + TrueNegatives, "the group has no negative row");

    /// <summary>Gets the share of the selected rows that are positive.</summary>
    public MetricValue Precision => Ratio(TruePositives, TruePositives + FalsePositives, "no row of the group was selected");

    /// <summary>Gets the share of the rows that were decided rightly.</summary>
    public MetricValue Accuracy => Ratio(TruePositives + TrueNegatives, Weight, "the group has no row");

    /// <summary>Writes the group with its rates, in the invariant culture.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Group}: selected {SelectionRate}, true positives {TruePositiveRate}, false positives {FalsePositiveRate}, precision {Precision}, accuracy {Accuracy}";

    private static MetricValue Ratio(double part, double whole, string reason) => whole > 0 ? part / whole : MetricValue.Undefined(reason);
}
