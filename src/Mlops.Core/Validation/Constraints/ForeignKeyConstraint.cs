using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Values must occur in a column of another dataset.</summary>
/// <param name="Keys">The name under which <see cref="DataValidationOptions.Keys"/> holds the values of that column.</param>
public sealed record ForeignKeyConstraint(string Keys) : ValueConstraint
{
    internal override string Domain => "columns of one element a row";

    internal override object Subject => (GetType(), Keys);

    internal override bool CanJudge(ColumnSchema column) => column.Width == 1;

    internal override string? FindProblem() => string.IsNullOrEmpty(Keys) ? "it does not name the keys" : base.FindProblem();

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"a key of {Keys}{ShowRatio(MinimumRatio, "values")}";
}
