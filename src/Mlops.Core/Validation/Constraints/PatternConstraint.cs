using System.Text.RegularExpressions;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Texts must match a regular expression, somewhere in the text unless it is anchored by <c>^</c> and <c>$</c>.</summary>
/// <remarks>
/// Where backtracking takes longer than <see cref="DataValidationOptions.PatternTimeout"/> for one text, the expression goes on without it, in time linear in the text.
/// Look-around, back references and atomic groups cannot do without; such an expression is given up then, which is a finding of its own.
/// </remarks>
/// <param name="Pattern">The expression, in the syntax of .NET, for the invariant culture.</param>
public sealed record PatternConstraint(string Pattern) : ValueConstraint
{
    internal override string Domain => "texts";

    internal override object Subject => (GetType(), Pattern);

    internal override bool CanJudge(ColumnSchema column) => column.Type == ElementType.String;

    internal override string? FindProblem()
    {
        if (string.IsNullOrEmpty(Pattern)) return "its regular expression is empty";
        try
        {
            _ = new Regex(Pattern, RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
        }
        catch (ArgumentException error)
        {
            return $"its regular expression is malformed: {error.Message}";
        }

        return base.FindProblem();
    }

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"matches {Pattern}{ShowRatio(MinimumRatio, "values")}";
}
