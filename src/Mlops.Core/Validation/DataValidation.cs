using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A check of rows against a schema that is under way. Not safe for concurrent use.</summary>
/// <example><code>
/// var (validation, profile) = (validator.Begin(data.Name, data.Schema), new DatasetProfile(data.Schema));
/// using var fingerprint = new DatasetFingerprint(data.Schema);
/// await data.ScanAsync([validation.Add, profile.Add, fingerprint.Add]);
/// </code></example>
public sealed class DataValidation
{
    private readonly string _name;
    private readonly ValidationSchema _schema;
    private readonly List<ValidationFinding> _findings = [];
    private readonly ConstraintCheck[] _checks;
    private long _rows;

    internal DataValidation(string name, ValidationSchema schema, DataSchema actual)
    {
        _name = name;
        _schema = schema;
        CompareColumns(actual, _findings);
        _checks = [.. _schema.Constraints.OfType<ColumnConstraint>().Where(constraint => CanCheck(constraint, actual)).Select(ConstraintCheck.Create)];
    }

    /// <summary>Checks rows.</summary>
    /// <param name="batch">The rows, of the schema that the check was begun with.</param>
    public void Add(DataBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var check in _checks) check.Add(batch[check.Column], _rows);
        _rows += batch.RowCount;
    }

    /// <summary>Ends the check.</summary>
    /// <returns>What was found.</returns>
    public DataValidationReport Finish()
    {
        var findings = new List<ValidationFinding>(_findings);
        foreach (var check in _checks)
        {
            if (check.Finish(_rows) is { } finding) findings.Add(finding);
        }

        foreach (var constraint in _schema.Constraints.OfType<RowCountConstraint>())
        {
            if (_rows < constraint.Minimum)
                findings.Add(new(AnomalyKind.TooFewRows, constraint.Severity, null, $"{_rows} rows, at least {constraint.Minimum} expected."));
        }

        return new DataValidationReport(_name, _rows, _schema.Constraints.Count + _schema.Columns.Count, Order(findings));
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
