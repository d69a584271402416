using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks the datasets of a suite against a schema: all constraints, in the suite's own pass over the rows.</summary>
/// <remarks>Every finding is a condition that is not met, an error or a warning as its constraint says.</remarks>
/// <example><code>var suite = ValidationSuite.DataIntegrity().With(new SchemaCheck(ValidationSchema.FromJson(json)));</code></example>
public sealed class SchemaCheck : IValidationCheck
{
    private readonly DataValidator _validator;

    /// <summary>Creates a check.</summary>
    /// <param name="schema">What the data must look like.</param>
    /// <param name="options">What they are checked with: the environment, profiles to compare with, keys; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">No data can meet the schema; it names keys or tests that are not there; or there is no such environment.</exception>
    public SchemaCheck(ValidationSchema schema, DataValidationOptions? options = null)
    {
        _validator = new DataValidator(schema, options);
        Schema = schema;
    }

    /// <summary>Gets what the data must look like.</summary>
    public ValidationSchema Schema { get; }

    /// <inheritdoc/>
    /// <value>The default value is <c>schema</c>.</value>
    public string Name { get; init; } = "schema";

    /// <inheritdoc/>
    public string Description => "Do the data satisfy their schema?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>: findings are as bad as their constraints say. With <see cref="ValidationSeverity.Warning"/> all of them are warnings.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <summary>Gets the only dataset that is looked at.</summary>
    /// <value>The default value is <see langword="null"/>: the test set is looked at too, where there is one.</value>
    public DatasetPart? Part { get; init; }

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return Part == DatasetPart.Test && subject.Test is null ? "There is no test set." : null;
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Scan(this, context.Subject);
    }

    private sealed class Scan(SchemaCheck check, ValidationSubject subject) : ICheckScan
    {
        private readonly DataValidation? _train = check.Part == DatasetPart.Test ? null : Begin(check, subject.Train);
        private readonly DataValidation? _test = check.Part == DatasetPart.Train || subject.Test is null ? null : Begin(check, subject.Test);

        public void Add(CheckedBatch batch) => (batch.Part == DatasetPart.Train ? _train : _test)?.Add(batch.Rows);

        public ValueTask<CheckResult> FinishAsync(CancellationToken cancellationToken)
        {
            (DatasetPart Part, DataValidationReport Report)[] reports = [.. new[] { (DatasetPart.Train, _train?.Finish()), (DatasetPart.Test, _test?.Finish()) }
                .Where(item => item.Item2 is not null).Select(item => (item.Item1, item.Item2!))];
            var findings = reports.SelectMany(item => item.Report.Findings.Select(finding => (item.Part, Finding: finding))).ToArray();
            var constraints = reports.Max(item => item.Report.ConstraintCount);
            var met = new CheckCondition($"{Wording.Count(constraints, "constraint")} of the schema hold", CheckStatus.Pass, "all of them");
            var result = new CheckResult(
                check.Name,
                $"{Wording.Count(findings.Length, "finding")} in {Wording.Count(reports.Sum(item => item.Report.RowCount), "row")} checked against {Wording.Count(constraints, "constraint")}.",
                findings.Length == 0 ? [met] : [.. findings.Select(item => ToCondition(item.Part, item.Finding, reports.Length > 1))])
            {
                Values = new Dictionary<string, double?>
                {
                    ["findings"] = findings.Length,
                    ["errors"] = findings.Count(item => item.Finding.Severity == ValidationSeverity.Error),
                },
            };
            return new(result);
        }

        private static DataValidation Begin(SchemaCheck check, IDataset dataset) => check._validator.Begin(dataset.Name, dataset.Schema);

        private CheckCondition ToCondition(DatasetPart part, ValidationFinding finding, bool areSeveral) => new(
            $"{(areSeveral ? $"{part}, " : "")}{finding.Column ?? "dataset"}: no finding {finding.Kind}",
            CheckCondition.StatusOf(false, finding.Severity == ValidationSeverity.Error ? check.Severity : finding.Severity),
            finding.Message);
    }
}
