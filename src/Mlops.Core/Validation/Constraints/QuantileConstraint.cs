using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A quantile of the values of a column must lie within bounds, ends included.</summary>
/// <remarks>The quantile is estimated (<see cref="Profiles.KllSketch"/>): its rank is off by at most 1.33 % of the rows. Up to some 600 rows it is exact.</remarks>
/// <param name="Quantile">Which quantile, 0..1; 0.5 is the median.</param>
/// <param name="Minimum">The smallest value of the quantile; <see langword="null"/> for none.</param>
/// <param name="Maximum">The largest value of the quantile; <see langword="null"/> for none.</param>
public sealed record QuantileConstraint(double Quantile, double? Minimum = null, double? Maximum = null) : ColumnConstraint
{
    internal override string Domain => "numbers";

    internal override object Subject => (GetType(), Quantile);

    internal override bool CanJudge(ColumnSchema column) => IsNumber(column);

    internal override string? FindProblem() => CheckRatio(Quantile, "quantile") ?? CheckBounds(Minimum, Maximum);

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => FormattableString.Invariant($"a quantile {Quantile} {ShowBounds(Minimum, Maximum)}");
}
