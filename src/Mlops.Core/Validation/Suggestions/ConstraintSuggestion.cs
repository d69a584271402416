namespace Mlops.Validation;

/// <summary>A constraint that one half of the rows suggests, and how it did on the other half.</summary>
/// <param name="Column">The column; <see langword="null"/> where the constraint is on the dataset.</param>
/// <param name="Constraint">The constraint: a <see cref="ColumnConstraint"/>, or a <see cref="DatasetConstraint"/> where <paramref name="Column"/> is <see langword="null"/>.</param>
/// <param name="Reason">Why it is suggested, for people. Holds no value of the data.</param>
public sealed record ConstraintSuggestion(string? Column, Constraint Constraint, string Reason)
{
    /// <summary>Gets the number of values, or rows, of the first half that the suggestion rests on.</summary>
    public long SupportCount { get; init; }

    /// <summary>Gets the number of rows of the second half.</summary>
    public long HeldOutRowCount { get; init; }

    /// <summary>Gets whether the second half meets the constraint.</summary>
    public bool Held { get; init; }

    /// <summary>Gets the number of rows that violate it: of the second half; of all rows for order and uniqueness, where a row can be wrong because of one of the first half.</summary>
    public long ViolationCount { get; init; }

    /// <summary>Gets the share of the judged rows that violate it, 0..1; 0 where it is not about rows. A constraint with a minimum share can hold although it is above 0.</summary>
    public double ViolationRatio { get; init; }

    /// <summary>Gets the figure of the second half that is out of its bounds; <see langword="null"/> where the constraint held, or is not about a figure.</summary>
    public double? Measured { get; init; }

    /// <summary>Describes the suggestion in one line, in the invariant culture.</summary>
    /// <returns>The column, the constraint, why it is suggested, and how it did.</returns>
    public override string ToString() => FormattableString.Invariant(
        $"{Column ?? "(dataset)"}: {Constraint} – {Reason} ({SupportCount:N0}); {(Held ? "held" : "did not hold")} on {HeldOutRowCount:N0} other rows{(ViolationCount == 0 ? "" : FormattableString.Invariant($", {100 * ViolationRatio:0.##} % violate it"))}");
}
