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
    private readonly ValidationPlan _plan;
    private readonly List<ValidationFinding> _findings = [];
    private readonly List<(int Column, SharedScans Shared, ColumnScan[] Scans)> _columns = [];
    private readonly List<RowScan> _rowScans = [];
    private readonly ColumnView _view = new();
    private DataSchema _actual;
    private long _rows;

    internal DataValidation(string name, ValidationPlan plan, DataSchema actual)
    {
        (_name, _plan, _actual) = (name, plan, actual);
        foreach (var rules in plan.Columns) Begin(rules, actual);
        foreach (var constraint in plan.Constraints) Begin(constraint, actual);
        if (plan.Schema.NewColumns is not { } severity) return;
        foreach (var column in actual)
        {
            if (!plan.Schema.DataSchema.TryIndexOf(column.Name, out _))
                _findings.Add(new(AnomalyKind.ColumnNew, severity, column.Name, $"The column ({column.Type}) is not in the schema.") { ActualColumn = column });
        }
    }

    /// <summary>Checks rows.</summary>
    /// <param name="batch">The rows, of the schema that the check was begun with.</param>
    /// <exception cref="ArgumentException">The rows have other columns, or the same in another order.</exception>
    public void Add(DataBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        CheckSchema(batch.Schema);
        foreach (var (column, shared, scans) in _columns)
        {
            _view.Show(batch, column, _rows);
            shared.Add(_view);
            foreach (var scan in scans) scan.Add(_view);
        }

        foreach (var scan in _rowScans) scan.Add(batch, _rows);
        _rows += batch.RowCount;
    }

    /// <summary>Ends the check.</summary>
    /// <returns>What was found.</returns>
    public DataValidationReport Finish()
    {
        var findings = new List<ValidationFinding>(_findings);
        foreach (var (_, _, scans) in _columns)
        {
            foreach (var scan in scans)
            {
                if (scan.Finish() is { } finding) findings.Add(finding);
            }
        }

        foreach (var scan in _rowScans)
        {
            if (scan.Finish() is { } finding) findings.Add(finding);
        }

        foreach (var constraint in _plan.Constraints)
        {
            if (JudgeRowCount(constraint) is { } finding) findings.Add(finding);
        }

        return new DataValidationReport(_name, _rows, _plan.ConstraintCount, Order(findings)) { Environment = _plan.Options.Environment };
    }

    private void CheckSchema(DataSchema schema)
    {
        if (ReferenceEquals(schema, _actual)) return;
        if (!schema.Select(column => (column.Name, column.Type, column.Width)).SequenceEqual(_actual.Select(column => (column.Name, column.Type, column.Width))))
            throw new ArgumentException($"The check of '{_name}' was begun for other columns than these rows have. Begin it with the schema of the rows.", nameof(schema));
        _actual = schema;
    }

    private void Begin(ColumnRules rules, DataSchema actual)
    {
        var expected = rules.Column;
        if (!actual.TryIndexOf(expected.Name, out var index))
        {
            if (!rules.IsOptional) _findings.Add(new(AnomalyKind.ColumnMissing, rules.Severity, expected.Name, $"The column is missing; {expected.Type} expected."));
            return;
        }

        var column = actual[index];
        if (!ValidationPlan.Fits(expected, column))
        {
            // Of another type it is judged only for what holds of any: whether values are there.
            _columns.Add((index, new SharedScans(),
            [
                new TypeMismatchScan(rules, column, _plan.Options.RowsShown),
                .. rules.Constraints.OfType<CompletenessConstraint>().Select(constraint => new CompletenessScan(constraint, column, _plan.Options.RowsShown)),
            ]));
            return;
        }

        var shared = new SharedScans();
        var scans = new List<ColumnScan>(rules.Constraints.Count);
        foreach (var constraint in rules.Constraints)
        {
            if (_plan.Scans.FindObstacle(constraint, column, actual) is { } obstacle) _findings.Add(obstacle);
            else scans.Add(_plan.Scans.Create(constraint, column, actual, shared));
        }

        if (scans.Count > 0) _columns.Add((index, shared, [.. scans]));
    }

    private void Begin(DatasetConstraint constraint, DataSchema actual)
    {
        if (constraint is UniqueKeyConstraint key && key.Columns.Where(name => !actual.TryIndexOf(name, out _)).ToArray() is { Length: > 0 } missing)
            _findings.Add(new(AnomalyKind.ColumnMissing, constraint.Severity, null, $"The key cannot be judged: {string.Join(", ", missing)} missing.") { Constraint = constraint });
        else if (_plan.Scans.Create(constraint, actual) is { } scan) _rowScans.Add(scan);
    }

    private ValidationFinding? JudgeRowCount(DatasetConstraint constraint)
    {
        switch (constraint)
        {
            case RowCountConstraint count when _rows < count.Minimum:
                return Found(AnomalyKind.TooFewRows, constraint.Severity, $"There are {_rows:N0} rows; {count} expected.");
            case RowCountConstraint count when _rows > count.Maximum:
                return Found(AnomalyKind.TooManyRows, constraint.Severity, $"There are {_rows:N0} rows; {count} expected.");
            case RowCountChangeConstraint change when !_plan.Options.Profiles.TryGetValue(change.Profile, out _):
                return Found(AnomalyKind.StatisticsMissing, ValidationSeverity.Warning, $"There is no profile '{change.Profile}' to compare the number of rows with.");
            case RowCountChangeConstraint change:
                var before = _plan.Options.Profiles[change.Profile].RowCount;
                var isFallen = _rows < change.MinimumRatio * before;
                if (!isFallen && !(_rows > change.MaximumRatio * before)) return null;
                return Found(isFallen ? AnomalyKind.RowCountFallen : AnomalyKind.RowCountGrown, constraint.Severity, $"There are {_rows:N0} rows, {before:N0} in {change.Profile}; {change} expected.") with { Measured = before == 0 ? null : (double)_rows / before };
            default: return null;
        }

        ValidationFinding Found(AnomalyKind kind, ValidationSeverity severity, FormattableString message)
            => new(kind, severity, null, FormattableString.Invariant(message)) { Constraint = constraint, Measured = _rows };
    }

    private ValidationFinding[] Order(List<ValidationFinding> findings)
        => [.. findings.OrderBy(finding => finding.Column is not null && _plan.Schema.DataSchema.TryIndexOf(finding.Column, out var index) ? index : int.MaxValue).ThenBy(finding => finding.Kind)];
}
