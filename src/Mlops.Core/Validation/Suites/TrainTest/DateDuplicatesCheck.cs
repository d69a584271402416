using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that no moment of the test set is one of the training set, so that what happened at one time is on one side.</summary>
/// <remarks>
/// Looks at the column of role Time: a date, a timestamp or a number. A date beside timestamps is compared by days (UTC). Streams, exactly; keeps 24 to 40 bytes for each
/// different moment of the training set. Rows without a time are left out.
/// </remarks>
public sealed class DateDuplicatesCheck : IValidationCheck
{
    /// <summary>Gets the largest share of test rows whose time is one of the training set.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); }

    /// <inheritdoc/>
    public string Name => "date_duplicates";

    /// <inheritdoc/>
    public string Description => "Are times of the test set in the training set?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TimeObstacles.Find(subject);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Scan(this, TrainTestObstacles.Pair(context.Subject, ColumnRole.Time)[0]);
    }

    private sealed class Scan(DateDuplicatesCheck check, PairedColumn column) : TrainTestScan(check)
    {
        private readonly OverlapCounter _counter = new([column]);

        protected override void Add(DatasetPart part, DataBatch rows) => _counter.Add(part, rows);

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (_counter.TrainKeys == 0 || _counter.TestRowsWithKey == 0) return NotApplicable($"No row of the {(_counter.TrainKeys == 0 ? "training" : "test")} set has a time in '{column.Name}'.");
            return Result(
                $"{Wording.Count(_counter.SharedKeys, "time is", "times are")} in both datasets{TimeObstacles.DescribeForm(column)}.",
                JudgeRatio($"at a time ('{column.Name}') that is in the training set", check.MaximumRatio, _counter.SharedTestRows)) with
            {
                Values = new Dictionary<string, double?>
                {
                    ["shared_times"] = _counter.SharedKeys, ["shared_time_rows"] = _counter.SharedTestRows, ["shared_time_ratio"] = (double)_counter.SharedTestRows / TestRows,
                },
            };
        }
    }
}
