using System.Globalization;
using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>Something that must hold for data.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "constraint")]
[JsonDerivedType(typeof(CompletenessConstraint), "completeness")]
[JsonDerivedType(typeof(RangeConstraint), "range")]
[JsonDerivedType(typeof(FiniteConstraint), "finite")]
[JsonDerivedType(typeof(SetConstraint), "set")]
[JsonDerivedType(typeof(RowCountConstraint), "row_count")]
public abstract record Constraint
{
    /// <summary>Gets how bad a violation is.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;
}

/// <summary>Something that must hold for one column.</summary>
/// <param name="Column">The column.</param>
public abstract record ColumnConstraint(string Column) : Constraint;

/// <summary>A share of the rows must have a value; NaN is not one.</summary>
/// <param name="Column">The column.</param>
/// <param name="MinimumRatio">The smallest share, 0..1.</param>
public sealed record CompletenessConstraint(string Column, double MinimumRatio = 1) : ColumnConstraint(Column)
{
    /// <summary>Describes the constraint in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Column}: a value in at least {MinimumRatio} of the rows");
}

/// <summary>Numbers, dates (days since 1970-01-01) or timestamps (seconds since then) must lie within a range, ends included. Missing values are not judged.</summary>
/// <param name="Column">The column.</param>
/// <param name="Minimum">The smallest value; <see langword="null"/> for none.</param>
/// <param name="Maximum">The largest value; <see langword="null"/> for none.</param>
/// <param name="MinimumRatio">The smallest share of values within the range, 0..1.</param>
public sealed record RangeConstraint(string Column, double? Minimum, double? Maximum, double MinimumRatio = 1) : ColumnConstraint(Column)
{
    /// <summary>Describes the constraint in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Column}: {(object?)Minimum ?? "−∞"} to {(object?)Maximum ?? "∞"} in at least {MinimumRatio} of the values");
}

/// <summary>Numbers must be finite.</summary>
/// <param name="Column">The column.</param>
public sealed record FiniteConstraint(string Column) : ColumnConstraint(Column);

/// <summary>Texts or booleans (<c>true</c>, <c>false</c>) must be of a set. Missing values are not judged.</summary>
/// <param name="Column">The column.</param>
/// <param name="Values">The set.</param>
/// <param name="MinimumRatio">The smallest share of values in the set, 0..1.</param>
public sealed record SetConstraint(string Column, IReadOnlyList<string> Values, double MinimumRatio = 1) : ColumnConstraint(Column)
{
    /// <summary>Describes the constraint in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Column}: one of {Values.Count} known values in at least {MinimumRatio} of the values");
}

/// <summary>There must be enough rows.</summary>
/// <param name="Minimum">The smallest number of rows.</param>
public sealed record RowCountConstraint(long Minimum) : Constraint;
