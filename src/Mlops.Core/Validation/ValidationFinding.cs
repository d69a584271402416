using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Something that is wrong with data.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Column">The column; <see langword="null"/> where the whole dataset is meant.</param>
/// <param name="Message">What was expected and how much of the data violates it. Holds no value of the data.</param>
public sealed record ValidationFinding(AnomalyKind Kind, ValidationSeverity Severity, string? Column, string Message)
{
    /// <summary>Gets the constraint that is violated; <see langword="null"/> where it is none: a column that is missing, new or of another type.</summary>
    public Constraint? Constraint { get; init; }

    /// <summary>Gets the number of rows that were judged; 0 where it is not about rows.</summary>
    public long JudgedCount { get; init; }

    /// <summary>Gets the number of rows that violate the constraint; 0 where it is not about rows.</summary>
    public long ViolationCount { get; init; }

    /// <summary>Gets the share of the judged rows that violate the constraint, 0..1; 0 where it is not about rows.</summary>
    public double ViolationRatio => JudgedCount == 0 ? 0 : (double)ViolationCount / JudgedCount;

    /// <summary>Gets the first rows that violate the constraint, counted from 0 (<see cref="DataValidationOptions.RowsShown"/>).</summary>
    public IReadOnlyList<long> FirstRows { get; init; } = [];

    /// <summary>Gets the figure that is out of its bounds, in the unit of the constraint; <see langword="null"/> where it is not about a figure, or the figure is infinite. A minimum or maximum is a value of the data.</summary>
    public double? Measured { get; init; }

    /// <summary>Gets the column as the data have it, where it is new or differs from the schema; <see langword="null"/> elsewhere.</summary>
    public ColumnSchema? ActualColumn { get; init; }

    /// <summary>Describes the finding in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString()
    {
        var rows = FirstRows.Count == 0 ? "" : FormattableString.Invariant($" First rows: {string.Join(", ", FirstRows)}.");
        return $"{Severity.ToString().ToLowerInvariant()} {Column ?? "(dataset)"}: {Message}{rows}";
    }
}
