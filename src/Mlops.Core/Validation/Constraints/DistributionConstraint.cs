using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The distribution of a column must not be far from that of other data: of the training data, of the previous data.</summary>
/// <remarks>It is compared with a profile, and estimated as profiles are: ranks of numbers are off by at most 1.33 % of the rows, counts of texts are exact up to 1000 different ones.</remarks>
/// <param name="Profile">The name under which <see cref="DataValidationOptions.Profiles"/> holds the profile: <c>previous</c>, <c>training</c>.</param>
/// <param name="Maximum">The largest distance, 0..1.</param>
/// <param name="Distance">How the distance is measured; <see langword="null"/> for the Jensen–Shannon divergence of numbers and the largest difference of shares of texts.</param>
public sealed record DistributionConstraint(string Profile, double Maximum, DistanceMeasure? Distance = null) : ColumnConstraint
{
    internal override string Domain => Distance switch
    {
        DistanceMeasure.LInfinity => "texts and truth values",
        DistanceMeasure.KolmogorovSmirnov => "numbers, days and moments",
        _ => "columns of one element a row",
    };

    internal override object Subject => (GetType(), Profile, Distance);

    internal override bool CanJudge(ColumnSchema column) => column.Width == 1 && Distance switch
    {
        DistanceMeasure.LInfinity => column.Type is ElementType.String or ElementType.Boolean,
        DistanceMeasure.KolmogorovSmirnov => column.Type is not (ElementType.String or ElementType.Boolean),
        _ => true,
    };

    internal override string? FindProblem() => string.IsNullOrEmpty(Profile) ? "it does not name the profile" : CheckRatio(Maximum, "maximum");

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => FormattableString.Invariant($"a distribution at most {Maximum} from that of {Profile}");
}
