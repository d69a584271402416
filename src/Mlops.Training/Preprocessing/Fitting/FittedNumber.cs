namespace Mlops.Training;

/// <summary>What the steps of a rule have learned of one column of numbers.</summary>
/// <param name="Parts">The operators, in order: of which kind, and with which parameters.</param>
/// <param name="IsMissing">For each imputation, in order, whether the column has missing values before it.</param>
internal sealed record FittedNumber(IReadOnlyList<FittedNumberPart> Parts, IReadOnlyList<bool> IsMissing);
