using Mlops.Data;

namespace Mlops.Validation;

/// <summary>What one column must look like. Immutable.</summary>
/// <param name="Column">Its name, type and role.</param>
/// <param name="Constraints">What must hold for it.</param>
public sealed record ColumnRules(ColumnSchema Column, params IReadOnlyList<ColumnConstraint> Constraints)
{
    /// <summary>Gets how bad it is when the column is missing, or of another type or width; constraints have their own severity.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <summary>Gets whether the column may be absent; where it is there, its constraints apply.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IsOptional { get; init; }

    /// <summary>Gets the environments in which the column is absent, and not judged where it is there: the label while serving.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> AbsentIn { get; init; } = [];

    /// <summary>Gets a remark for those who review the schema; <see langword="null"/> for none.</summary>
    public string? Description { get; init; }

    internal bool IsAbsentIn(string? environment) => environment is not null && AbsentIn.Contains(environment, StringComparer.Ordinal);
}
