using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The JSON form of <see cref="ColumnRules"/>. What has its default is left out.</summary>
internal sealed record ColumnRulesDocument(string Name, ElementType Type)
{
    public ColumnRole? Role { get; init; }

    public int? Width { get; init; }

    public bool? IsNullable { get; init; }

    public ValidationSeverity? Severity { get; init; }

    public bool? IsOptional { get; init; }

    public IReadOnlyList<string>? AbsentIn { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<ColumnConstraint>? Constraints { get; init; }

    public static ColumnRulesDocument Of(ColumnRules rules) => new(rules.Column.Name, rules.Column.Type)
    {
        Role = rules.Column.Role == ColumnRole.Feature ? null : rules.Column.Role,
        Width = rules.Column.Width == 1 ? null : rules.Column.Width,
        IsNullable = rules.Column.IsNullable ? null : false,
        Severity = rules.Severity == ValidationSeverity.Error ? null : rules.Severity,
        IsOptional = rules.IsOptional ? true : null,
        AbsentIn = rules.AbsentIn.Count == 0 ? null : rules.AbsentIn,
        Description = rules.Description,
        Constraints = rules.Constraints.Count == 0 ? null : rules.Constraints,
    };

    public ColumnRules ToRules() => new(new ColumnSchema(Name, Type, Role ?? ColumnRole.Feature) { Width = Width ?? 1, IsNullable = IsNullable ?? true }, Constraints ?? [])
    {
        Severity = Severity ?? ValidationSeverity.Error,
        IsOptional = IsOptional ?? false,
        AbsentIn = AbsentIn ?? [],
        Description = Description,
    };
}
