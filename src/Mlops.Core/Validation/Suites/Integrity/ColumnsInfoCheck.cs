using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Lists the columns with their types and roles. It has no condition: it shows what the other checks looked at.</summary>
public sealed class ColumnsInfoCheck() : DataIntegrityCheck("columns_info", ValidationSeverity.Warning)
{
    /// <inheritdoc/>
    public override string Description => "What columns are there?";

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema) => new Scan(this, schema);

    private sealed class Scan(ColumnsInfoCheck check, DataSchema schema) : DataIntegrityScan(check)
    {
        protected override bool NeedsRows => false;

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var roles = schema.GroupBy(column => column.Role).OrderBy(group => group.Key).Select(group => $"{Wording.Count(group.Count())} {group.Key}");
            return new CheckResult(check.Name, $"{Wording.Count(schema.Count, "column")}: {string.Join(", ", roles)}.", [])
            {
                Values = new Dictionary<string, double?> { ["columns"] = schema.Count, ["features"] = schema.Count(column => column.Role == ColumnRole.Feature) },
                Tables = [new CheckTable("Columns", ["Column", "Type", "Role"], [.. schema.Where(column => !check.IgnoredColumns.Contains(column.Name)).Select(column => (IReadOnlyList<string>)
                    [column.Name, column.Width > 1 ? $"{column.Type} × {column.Width}" : column.Type.ToString(), column.Role.ToString()])])],
            };
        }
    }
}
