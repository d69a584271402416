namespace Mlops.Validation;

/// <summary>A constraint that data violates.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Column">The column; <see langword="null"/> where the whole dataset is meant.</param>
/// <param name="Message">What was expected and how much of the data violates it. Holds no value of the data.</param>
public sealed record ValidationFinding(AnomalyKind Kind, ValidationSeverity Severity, string? Column, string Message)
{
    /// <summary>Gets the number of rows that violate the constraint; 0 where it is not about rows.</summary>
    public long ViolationCount { get; init; }

    /// <summary>Gets the first rows that violate the constraint, counted from 0; at most ten.</summary>
    public IReadOnlyList<long> FirstRows { get; init; } = [];
}
