using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that no key is in both datasets: the same thing would be learned from and judged by.</summary>
/// <remarks>Several columns of role Key are one key. Streams, exactly; keeps 24 to 40 bytes for each key. Rows without a key are left out.</remarks>
public sealed class KeyOverlapCheck : IValidationCheck
{
    /// <summary>Gets the largest share of test rows whose key is in the training set.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); }

    /// <inheritdoc/>
    public string Name => "key_overlap";

    /// <inheritdoc/>
    public string Description => "Are keys of the test set in the training set?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject, ColumnRole.Key, isSingle: false);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Scan(this, TrainTestObstacles.Pair(context.Subject, ColumnRole.Key));
    }

    private sealed class Scan(KeyOverlapCheck check, IReadOnlyList<PairedColumn> columns) : TrainTestScan(check)
    {
        private readonly OverlapCounter _counter = new(columns);

        protected override void Add(DatasetPart part, DataBatch rows) => _counter.Add(part, rows);

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (_counter.TrainKeys == 0) return NotApplicable("No row of the training set has a key.");
            if (_counter.TestRowsWithKey == 0) return NotApplicable("No row of the test set has a key.");
            return Result(
                $"{Wording.Count(_counter.SharedKeys, "key is", "keys are")} in both datasets.",
                JudgeRatio($"with a key ({Wording.Names([.. columns.Select(column => column.Name)])}) that is in the training set", check.MaximumRatio, _counter.SharedTestRows)) with
            {
                Values = new Dictionary<string, double?>
                {
                    ["shared_keys"] = _counter.SharedKeys, ["shared_key_rows"] = _counter.SharedTestRows, ["shared_key_ratio"] = (double)_counter.SharedTestRows / TestRows,
                },
            };
        }
    }
}
