namespace Mlops.Validation;

/// <summary>Widens schemas, so that data that violated them would pass.</summary>
public static class SchemaRelaxation
{
    /// <summary>Widens a schema so far that the data of a report would pass it: the change of the schema to review when it is the schema that is wrong and not the data.</summary>
    /// <remarks>
    /// <para>A new column is added; a missing one becomes optional. A column of another type gets that type, and loses the constraints that were not judged for it: all but completeness.
    /// Where a share of values must be right, the share becomes that of the data, rounded down to thousandths. Bounds of figures, of distances and of numbers of rows are widened to what was measured.</para>
    /// <para>Left out is what cannot be widened: constraints for columns of other types, those without anything to compare with or to measure, finite numbers, regular expressions that took too long,
    /// comparisons and keys whose other columns are missing, and bounds of figures that the report does not hold.</para>
    /// <para>Warnings count as errors do. What the report does not find fault with is kept as it is; so is what applies in other environments only.</para>
    /// </remarks>
    /// <param name="report">What was found.</param>
    /// <param name="schema">The schema by which it was found, which is left as it is.</param>
    /// <returns>The widened schema; the same one where the report has no findings.</returns>
    /// <example><code>
    /// var report = await validator.ValidateAsync(data);
    /// await File.WriteAllBytesAsync("schema.proposed.json", report.Relax(schema).ToJson()); // compare it with the schema, and take over what is right
    /// </code></example>
    public static ValidationSchema Relax(this DataValidationReport report, ValidationSchema schema)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(schema);
        if (report.Findings.Count == 0) return schema;
        var relaxation = new ConstraintRelaxation(report);
        return schema.Replace(
            schema.Columns.Select(rules => Relax(rules, report, relaxation)).Concat(GetNewColumns(report, schema)),
            schema.Constraints.Select(constraint => relaxation.Relax(constraint, null)).OfType<DatasetConstraint>());
    }

    private static ColumnRules Relax(ColumnRules rules, DataValidationReport report, ConstraintRelaxation relaxation)
    {
        ValidationFinding[] findings = [.. report.Findings.Where(finding => finding.Column == rules.Column.Name)];
        if (findings.Length == 0) return rules;
        if (findings.Any(finding => finding is { Kind: AnomalyKind.ColumnMissing, Constraint: null })) return rules with { IsOptional = true };
        var constraints = rules.Constraints.Select(constraint => relaxation.Relax(constraint, rules.Column.Name)).OfType<ColumnConstraint>();
        if (findings.FirstOrDefault(IsOfOtherType)?.ActualColumn is not { } actual) return rules with { Constraints = [.. constraints] };
        return rules with
        {
            Column = rules.Column with { Type = actual.Type, Width = actual.Width },
            Constraints = [.. constraints.Where(constraint => constraint is CompletenessConstraint || !relaxation.Applied(constraint)).Where(constraint => constraint.CanJudge(actual))],
        };
    }

    private static bool IsOfOtherType(ValidationFinding finding)
        => finding.Kind is AnomalyKind.TypeChanged or AnomalyKind.NotANumber or AnomalyKind.TooFewValues or AnomalyKind.TooManyValues;

    private static IEnumerable<ColumnRules> GetNewColumns(DataValidationReport report, ValidationSchema schema) => report.Findings
        .Where(finding => finding is { Kind: AnomalyKind.ColumnNew, ActualColumn: not null } && !schema.DataSchema.TryIndexOf(finding.ActualColumn.Name, out _))
        .Select(finding => new ColumnRules(finding.ActualColumn!, []));
}
