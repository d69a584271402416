using Mlops.Data;

namespace Mlops.Validation;

/// <summary>So large a share of the values must occur only once. Missing values are not judged.</summary>
/// <remarks>The uniqueness is the number of values that occur once divided by the number of rows with a value. It is exact; memory grows with the number of different values, by up to 26 bytes each (texts: 49).</remarks>
/// <param name="MinimumRatio">The smallest uniqueness, 0..1.</param>
/// <param name="MaximumRatio">The largest uniqueness, 0..1; <see langword="null"/> for none.</param>
public sealed record UniquenessConstraint(double MinimumRatio = 1, double? MaximumRatio = null) : ColumnConstraint
{
    internal override string Domain => "columns of one element a row";

    internal override bool CanJudge(ColumnSchema column) => column.Width == 1;

    internal override string? FindProblem()
        => CheckRatio(MinimumRatio) ?? (MaximumRatio is { } maximum ? CheckRatio(maximum, "maximumRatio") ?? CheckBounds(MinimumRatio, maximum) : null);

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => MinimumRatio == 1 ? "no value twice" : $"a uniqueness of {ShowBounds(MinimumRatio, MaximumRatio)}";
}
