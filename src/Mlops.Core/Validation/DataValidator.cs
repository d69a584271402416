using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks datasets against a schema: all constraints in one scan.</summary>
/// <remarks>
/// Columns are found by name. A column that is not in the schema is a warning; a missing one is an error, and its constraints are skipped.
/// Whole numbers may stand where numbers are expected.
/// </remarks>
/// <param name="schema">What the data must look like.</param>
public sealed class DataValidator(ValidationSchema schema) : IDataValidator
{
    private readonly ValidationSchema _schema = schema ?? throw new ArgumentNullException(nameof(schema));

    /// <inheritdoc/>
    public async Task<DataValidationReport> ValidateAsync(IDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var findings = new List<ValidationFinding>();
        CompareColumns(dataset.Schema, findings);
        var checks = _schema.Constraints.OfType<ColumnConstraint>()
            .Where(constraint => CanCheck(constraint, dataset.Schema))
            .Select(ConstraintCheck.Create)
            .ToArray();
        long rows = 0;
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            foreach (var check in checks) check.Add(batch[check.Column], rows);
            rows += batch.RowCount;
        }

        foreach (var check in checks)
        {
            if (check.Finish(rows) is { } finding) findings.Add(finding);
        }

        foreach (var constraint in _schema.Constraints.OfType<RowCountConstraint>())
        {
            if (rows < constraint.Minimum)
                findings.Add(new(AnomalyKind.TooFewRows, constraint.Severity, null, $"{rows} rows, at least {constraint.Minimum} expected."));
        }

        return new DataValidationReport(dataset.Name, rows, _schema.Constraints.Count + _schema.Columns.Count, Order(findings));
    }

    private void CompareColumns(DataSchema actual, List<ValidationFinding> findings)
    {
        foreach (var column in _schema.Columns)
        {
            if (!actual.TryIndexOf(column.Name, out var index))
                findings.Add(new(AnomalyKind.ColumnMissing, ValidationSeverity.Error, column.Name, $"The column is missing; {column.Type} expected."));
            else if (!TypeFits(column.Type, actual[index].Type))
                findings.Add(new(AnomalyKind.TypeChanged, ValidationSeverity.Error, column.Name, $"The column is {actual[index].Type}; {column.Type} expected."));
        }

        foreach (var column in actual)
        {
            if (!_schema.Columns.TryIndexOf(column.Name, out _))
                findings.Add(new(AnomalyKind.ColumnNew, ValidationSeverity.Warning, column.Name, $"The column ({column.Type}) is not in the schema."));
        }
    }

    private bool CanCheck(ColumnConstraint constraint, DataSchema actual)
        => actual.TryIndexOf(constraint.Column, out var index)
            && _schema.Columns.TryIndexOf(constraint.Column, out var expected)
            && TypeFits(_schema.Columns[expected].Type, actual[index].Type);

    private static bool TypeFits(ElementType expected, ElementType actual)
        => expected == actual
            || (expected.IsFloatingPoint() && actual.IsNumeric() && actual != ElementType.Boolean)
            || (expected == ElementType.Int64 && actual is ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32);

    private ValidationFinding[] Order(List<ValidationFinding> findings)
        => [.. findings.OrderBy(finding => finding.Column is not null && _schema.Columns.TryIndexOf(finding.Column, out var index) ? index : int.MaxValue).ThenBy(finding => finding.Kind)];
}
