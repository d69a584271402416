using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>What decisions at a threshold come to. Counts are sums of weights.</summary>
/// <param name="Threshold">The score from which on the positive class is decided for; infinite where it never is.</param>
/// <param name="TruePositives">Rows rightly taken for the positive class.</param>
/// <param name="FalsePositives">Rows wrongly taken for it.</param>
/// <param name="TrueNegatives">Rows rightly not taken for it.</param>
/// <param name="FalseNegatives">Rows of it that were not taken for it.</param>
public sealed record ThresholdResult(double Threshold, double TruePositives, double FalsePositives, double TrueNegatives, double FalseNegatives)
{
    /// <summary>Gets the mean cost of a row, in the unit of the costs; <see langword="null"/> where no costs were given.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public double? ExpectedCost { get; init; }

    /// <summary>Gets the share of the rows taken for the positive class that are of it; <see langword="null"/> where none was taken for it.</summary>
    public double? Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Gets the share of the positive rows that were taken for it; <see langword="null"/> where there is none.</summary>
    public double? Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Gets the share of the other rows that were wrongly taken for it; <see langword="null"/> where there is none.</summary>
    public double? FalsePositiveRate => Ratio(FalsePositives, FalsePositives + TrueNegatives);

    /// <summary>Gets the share of all rows that were taken for it; <see langword="null"/> where there is no row.</summary>
    public double? SelectionRate => Ratio(TruePositives + FalsePositives, TruePositives + FalsePositives + TrueNegatives + FalseNegatives);

    /// <summary>Writes the threshold and what it comes to, in the invariant culture.</summary>
    /// <returns>The text: <c>≥ 0.32: precision 0.81, recall 0.64, cost 0.12</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"≥ {Threshold:0.####}: precision {Write(Precision)}, recall {Write(Recall)}{(ExpectedCost is { } cost ? string.Create(CultureInfo.InvariantCulture, $", cost {cost:0.####}") : "")}");

    private static double? Ratio(double part, double whole) => whole > 0 ? part / whole : null;

    private static string Write(double? ratio) => ratio?.ToString("0.00", CultureInfo.InvariantCulture) ?? "undefined";
}
