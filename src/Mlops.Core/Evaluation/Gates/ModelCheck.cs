using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>What one validator says of a candidate.</summary>
/// <param name="Validator">The name of the validator.</param>
/// <param name="Verdict">What it comes to.</param>
/// <param name="Reason">Why, with the figures.</param>
public sealed record ModelCheck(string Validator, ValidationVerdict Verdict, string Reason);
