using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Compares the distribution of a column with that of a profile.</summary>
internal sealed class DistributionScan(DistributionConstraint constraint, ColumnProfile reference, ColumnSchema column, int rowsShown)
    : ConstraintScan<DistributionConstraint>(constraint, column, rowsShown)
{
    private readonly ColumnProfile _profile = new(column.Name, column.Type);

    public override void Add(ColumnView view)
    {
        Judged += view.Column.Length;
        _profile.Add(view.Column);
    }

    public override ValidationFinding? Finish()
    {
        if (_profile.RowCount == _profile.MissingCount || reference.RowCount == reference.MissingCount)
            return Found(AnomalyKind.StatisticsMissing, $"There are no values {(_profile.RowCount == _profile.MissingCount ? "" : $"in {Constraint.Profile} ")}to compare distributions by.");
        if (_profile.Values is { IsExact: false } || reference.Values is { IsExact: false })
            return Found(AnomalyKind.StatisticsMissing, FormattableString.Invariant($"There are more than {_profile.Values!.Capacity:N0} different values, too many to compare distributions by."));
        var measure = Constraint.Distance ?? (Column.Type is ElementType.String or ElementType.Boolean ? DistanceMeasure.LInfinity : DistanceMeasure.JensenShannon);
        var distance = ProfileDistance.Measure(measure, reference, _profile);
        return distance <= Constraint.Maximum ? null : Found(AnomalyKind.DistributionChanged, FormattableString.Invariant(
            $"The distribution is {distance:0.####} ({measure}) from that of {Constraint.Profile}; at most {Constraint.Maximum} expected.")) with { Measured = distance };
    }
}
