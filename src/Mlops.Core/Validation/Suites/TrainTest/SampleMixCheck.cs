using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that few rows of the test set are, in all features and the label, rows of the training set.</summary>
/// <remarks>
/// Compares the columns of roles Feature and Label that both datasets have; keys and times differ between copies too easily. Missing values are equal, rows without a value in any feature are left out, and values of
/// different types are where they are the same number, day or text. Streams, exactly; keeps 24 to 40 bytes for each different row of the training set.
/// </remarks>
public sealed class SampleMixCheck : IValidationCheck
{
    /// <summary>Gets the largest share of test rows that are in the training set.</summary>
    /// <value>The default value is 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); } = 0.05;

    /// <summary>Gets the columns in which rows are compared; <see langword="null"/> for features and label.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <inheritdoc/>
    public string Name => "sample_mix";

    /// <inheritdoc/>
    public string Description => "Are rows of the test set copies of rows of the training set?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject) ?? (Pair(subject).Columns.Any(column => column.Train.Role != ColumnRole.Label) ? null : "The two datasets have no features in common.");
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Scan(this, Pair(context.Subject));
    }

    private PairedColumns Pair(ValidationSubject subject) => PairedColumns.Create(subject, Columns, column => column.Role is ColumnRole.Feature or ColumnRole.Label);

    private sealed class Scan(SampleMixCheck check, PairedColumns columns) : TrainTestScan(check)
    {
        private readonly OverlapCounter _counter = new(columns.Columns);

        protected override void Add(DatasetPart part, DataBatch rows) => _counter.Add(part, rows);

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (_counter.TrainKeys == 0 || _counter.TestRowsWithKey == 0) return NotApplicable($"No row of the {(_counter.TrainKeys == 0 ? "training" : "test")} set has a value in the columns that are compared.");
            var left = columns.ToTable();
            var where = left is null ? "" : $", compared in {Wording.Count(columns.Columns.Count, "column", "columns")} of {Wording.Count(columns.Columns.Count + columns.Skipped.Count)}";
            return Result($"{Wording.Count(_counter.SharedTestRows, "test row is", "test rows are")} in the training set too{where}.", JudgeRatio("that are in the training set too", check.MaximumRatio, _counter.SharedTestRows)) with
            {
                Values = new Dictionary<string, double?>
                {
                    ["mixed_rows"] = _counter.SharedTestRows, ["mix_ratio"] = (double)_counter.SharedTestRows / TestRows, ["mixed_different_rows"] = _counter.SharedKeys,
                },
                Tables = left is null ? [] : [left],
            };
        }
    }
}
