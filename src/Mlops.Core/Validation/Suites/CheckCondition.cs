namespace Mlops.Validation;

/// <summary>Something that a check expects, and whether it holds.</summary>
/// <param name="Expected">What is expected, with its limit: <c>at most 5 % of the rows are duplicates</c>.</param>
/// <param name="Status">Whether it holds: <see cref="CheckStatus.Pass"/>, or what its severity makes of it.</param>
/// <param name="Measured">What was found: <c>7.2 % (72 of 1,000 rows)</c>. Holds no value of the data.</param>
public sealed record CheckCondition(string Expected, CheckStatus Status, string Measured)
{
    /// <summary>Makes a condition that holds or does not.</summary>
    internal static CheckCondition Judge(string expected, bool isMet, ValidationSeverity severity, string measured) => new(expected, StatusOf(isMet, severity), measured);

    /// <summary>Tells what it means, at a severity, that something is as expected or is not.</summary>
    internal static CheckStatus StatusOf(bool isMet, ValidationSeverity severity)
        => isMet ? CheckStatus.Pass : severity == ValidationSeverity.Error ? CheckStatus.Fail : CheckStatus.Warn;
}
