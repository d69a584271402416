using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Days or moments must lie within a period, ends included.</summary>
/// <param name="Earliest">The first moment, in UTC; <see langword="null"/> for none.</param>
/// <param name="Latest">The last moment, in UTC; of days, those that begin by then; <see langword="null"/> for none.</param>
public sealed record TimeRangeConstraint(DateTime? Earliest = null, DateTime? Latest = null) : ValueConstraint
{
    internal override string Domain => "days and moments";

    internal override bool CanJudge(ColumnSchema column) => IsTime(column);

    internal override string? FindProblem()
        => Earliest is null && Latest is null ? "it has neither an earliest nor a latest moment"
        : Earliest > Latest ? FormattableString.Invariant($"its earliest moment ({Earliest:O}) is after its latest ({Latest:O})")
        : Earliest is { Kind: DateTimeKind.Local } || Latest is { Kind: DateTimeKind.Local } ? "a moment is in local time; give it in UTC"
        : base.FindProblem();

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => FormattableString.Invariant($"{(Earliest is null ? "" : FormattableString.Invariant($"from {Earliest:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF} "))}{(Latest is null ? "on" : FormattableString.Invariant($"to {Latest:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF}"))}{ShowRatio(MinimumRatio, "values")}");
}
