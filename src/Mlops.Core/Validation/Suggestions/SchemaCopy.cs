namespace Mlops.Validation;

/// <summary>Makes schemas of schemas.</summary>
internal static class SchemaCopy
{
    /// <summary>Makes a schema of other columns and constraints; everything else is kept.</summary>
    public static ValidationSchema Replace(this ValidationSchema schema, IEnumerable<ColumnRules> columns, IEnumerable<DatasetConstraint> constraints)
        => new ValidationSchema(columns, constraints).WithEnvironments(schema.Environments).WithNewColumns(schema.NewColumns);
}
