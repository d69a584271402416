using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>Which columns a report looks at, by the schemas alone.</summary>
internal static class DriftPlan
{
    public static IReadOnlyList<DriftStep> Create(IReadOnlyList<ColumnSchema> reference, IReadOnlyList<ColumnSchema> current, DriftReportOptions options)
    {
        var steps = new List<DriftStep>();
        var expected = reference.ToDictionary(column => column.Name, StringComparer.Ordinal);
        var actual = current.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (var column in reference.Where(column => IsCompared(column, options)))
            steps.Add(new DriftStep(column, FindProblem(column, actual.GetValueOrDefault(column.Name)), DriftFindingKind.Values));
        foreach (var column in current.Where(column => !expected.ContainsKey(column.Name) && IsCompared(column, options)))
            steps.Add(new DriftStep(column, $"The reference has no column '{column.Name}'. Compare with a reference that has it, or leave it out with {nameof(DriftReportOptions.ExcludedColumns)}.", DriftFindingKind.AddedColumn));
        foreach (var name in options.Tests.Keys.Where(name => !expected.ContainsKey(name) && !actual.ContainsKey(name)).Order(StringComparer.Ordinal))
            steps.Add(new DriftStep(new ColumnSchema(name, ElementType.Float64), $"A test is given for '{name}', and neither side has such a column. Correct the name in {nameof(DriftReportOptions.Tests)}.", DriftFindingKind.Values));
        foreach (var name in options.ExcludedColumns.Where(name => !expected.ContainsKey(name) && !actual.ContainsKey(name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            steps.Add(new DriftStep(new ColumnSchema(name, ElementType.Float64), $"'{name}' is to be left out, and neither side has such a column. Correct the name in {nameof(DriftReportOptions.ExcludedColumns)}.", DriftFindingKind.Values));
        return steps;
    }

    public static bool IsCompared(ColumnSchema column, DriftReportOptions options)
        => !options.ExcludedColumns.Contains(column.Name) && (options.Tests.ContainsKey(column.Name) || IsCompared(column.Role, column.Type));

    public static bool IsCompared(ColumnRole role, ElementType type) => role == ColumnRole.Feature && type is not (ElementType.Date or ElementType.Timestamp);

    private static string? FindProblem(ColumnSchema reference, ColumnSchema? current)
    {
        if (current is null) return $"The current data have no column '{reference.Name}'. Bring it back, or leave it out with {nameof(DriftReportOptions.ExcludedColumns)}.";
        // Numbers of any size are compared as numbers: a reader may find integers where there were fractions.
        var isSame = reference.Type == current.Type || (IsNumber(reference.Type) && IsNumber(current.Type));
        if (!isSame) return $"'{reference.Name}' is {reference.Type} in the reference and {current.Type} in the current data. Read it as the same type on both sides, or leave it out with {nameof(DriftReportOptions.ExcludedColumns)}.";
        return reference.Width == current.Width ? null : $"'{reference.Name}' has {reference.Width} elements a row in the reference and {current.Width} in the current data. Compare vectors of the same width, as of one model, or leave it out with {nameof(DriftReportOptions.ExcludedColumns)}.";
    }

    private static bool IsNumber(ElementType type) => type.IsNumeric() && type != ElementType.Boolean;
}
