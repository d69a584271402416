namespace Mlops.Validation;

/// <summary>Widens constraints by what a report found.</summary>
internal sealed class ConstraintRelaxation(DataValidationReport report)
{
    /// <summary>Widens a constraint; null where it is to be left out.</summary>
    /// <param name="constraint">The constraint.</param>
    /// <param name="column">Its column; null where it is on the dataset.</param>
    public Constraint? Relax(Constraint constraint, string? column)
        // A report that was read from JSON has other instances.
        => report.Findings.FirstOrDefault(finding => finding.Column == column && finding.Constraint is { } violated && violated.GetType() == constraint.GetType() && ConstraintMerge.Same(violated, constraint)) is { } finding
            ? Relax(constraint, finding) : constraint;

    /// <summary>Tells whether a constraint applied where the report was made.</summary>
    public bool Applied(Constraint constraint) => constraint.AppliesIn(report.Environment);

    private Constraint? Relax(Constraint constraint, ValidationFinding finding)
    {
        if (finding.Kind is AnomalyKind.ColumnMissing or AnomalyKind.InvalidConstraint or AnomalyKind.StatisticsMissing or AnomalyKind.NotFinite or AnomalyKind.PatternTimeout) return null;
        return constraint switch
        {
            ValueConstraint typed => typed with { MinimumRatio = GetShare(finding, typed.MinimumRatio) },
            UniqueKeyConstraint typed => typed with { MinimumRatio = GetShare(finding, typed.MinimumRatio) },
            RowPredicateConstraint typed => typed with { MinimumRatio = GetShare(finding, typed.MinimumRatio) },
            CompletenessConstraint typed => RelaxCompleteness(typed, finding),
            UniquenessConstraint typed => RelaxUniqueness(typed, finding),
            DistinctCountConstraint typed => finding.Kind == AnomalyKind.TooFewDistinct
                ? Sound(typed with { Minimum = (long?)finding.Measured })
                : Sound(typed with { Maximum = (long?)finding.Measured }),
            AggregateConstraint typed => Sound(typed with { Minimum = Lower(typed.Minimum, finding.Measured), Maximum = Raise(typed.Maximum, finding.Measured) }),
            QuantileConstraint typed => Sound(typed with { Minimum = Lower(typed.Minimum, finding.Measured), Maximum = Raise(typed.Maximum, finding.Measured) }),
            DistributionConstraint typed => finding.Measured is { } distance ? Sound(typed with { Maximum = Math.Max(distance, Math.Min(1, Math.Ceiling(distance * 1000) / 1000)) }) : null,
            RowCountConstraint typed => Sound(typed with
            {
                Minimum = finding.Kind == AnomalyKind.TooFewRows ? report.RowCount : typed.Minimum,
                Maximum = finding.Kind == AnomalyKind.TooManyRows ? report.RowCount : typed.Maximum,
            }),
            RowCountChangeConstraint typed => RelaxChange(typed, finding),
            _ => null,
        };
    }

    private static CompletenessConstraint RelaxCompleteness(CompletenessConstraint constraint, ValidationFinding finding)
    {
        // The finding is about one of the two, but tells enough for both.
        var present = finding.JudgedCount - finding.ViolationCount;
        return constraint with { MinimumRatio = GetShare(finding, constraint.MinimumRatio), MinimumCount = present < constraint.MinimumCount ? present : constraint.MinimumCount };
    }

    private static UniquenessConstraint RelaxUniqueness(UniquenessConstraint constraint, ValidationFinding finding)
    {
        if (finding.Kind == AnomalyKind.UniquenessHigh) return constraint with { MaximumRatio = finding.Measured };
        return constraint with { MinimumRatio = Math.Min(constraint.MinimumRatio, Math.Floor((finding.Measured ?? 0) * 1000) / 1000) };
    }

    private static RowCountChangeConstraint? RelaxChange(RowCountChangeConstraint constraint, ValidationFinding finding)
        => finding.Kind == AnomalyKind.RowCountFallen
            ? Sound(constraint with { MinimumRatio = finding.Measured is { } low ? Math.Floor(low * 1000) / 1000 : null })
            : Sound(constraint with { MaximumRatio = finding.Measured is { } high ? Math.Ceiling(high * 1000) / 1000 : null });

    /// <summary>The share that was right, rounded down so that the same data pass.</summary>
    private static double GetShare(ValidationFinding finding, double before)
    {
        var right = finding.JudgedCount - finding.ViolationCount;
        if (right >= before * finding.JudgedCount) return before;
        var share = Math.Floor(1000.0 * right / finding.JudgedCount) / 1000;
        // The quotient may have been rounded up to a thousandth.
        while (share > 0 && right < share * finding.JudgedCount) share = Math.Max(0, Math.Round(share - 0.001, 3));
        return Math.Min(before, share);
    }

    private static double? Lower(double? minimum, double? measured) => Finite(measured is null || minimum is null ? null : Math.Min(minimum.Value, measured.Value));

    private static double? Raise(double? maximum, double? measured) => Finite(measured is null || maximum is null ? null : Math.Max(maximum.Value, measured.Value));

    private static double? Finite(double? bound) => bound is { } value && double.IsFinite(value) ? value : null;

    /// <summary>A constraint that has lost both bounds says nothing.</summary>
    private static TConstraint? Sound<TConstraint>(TConstraint constraint)
        where TConstraint : Constraint
        => constraint.FindProblem() is null ? constraint : null;
}
