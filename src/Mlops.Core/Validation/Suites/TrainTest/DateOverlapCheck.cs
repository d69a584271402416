using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that the test set begins after the training set ends, so that nothing is judged by what was known later.</summary>
/// <remarks>
/// A test row overlaps when its time is not after the last one of the training set. Looks at the column of role Time: a date, a timestamp or a number; a date beside timestamps
/// is compared by days (UTC). Streams, exactly; keeps one moment. Rows without a time are left out.
/// </remarks>
public sealed class DateOverlapCheck : IValidationCheck
{
    /// <summary>Gets the largest share of test rows that are not after the last training row.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); }

    /// <inheritdoc/>
    public string Name => "date_overlap";

    /// <inheritdoc/>
    public string Description => "Is a test row before the end of the training set?";

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

    private sealed class Scan(DateOverlapCheck check, PairedColumn column) : TrainTestScan(check)
    {
        private ulong? _last;
        private long _overlapping;
        private long _present;

        protected override void Add(DatasetPart part, DataBatch rows)
        {
            var values = column.In(part, rows);
            var missing = PairedColumn.FindMissing(values);
            var bits = CommonForms.ReadBits(values, column.Form);
            for (var row = 0; row < bits.Length; row++)
            {
                if (missing is not null && missing[row]) continue;
                if (part == DatasetPart.Train)
                {
                    if (_last is null || bits[row] > _last) _last = bits[row];
                    continue;
                }

                _present++;
                if (bits[row] <= _last) _overlapping++;
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (_last is null || _present == 0) return NotApplicable($"No row of the {(_last is null ? "training" : "test")} set has a time in '{column.Name}'.");
            return Result(
                $"{Wording.Count(_overlapping, "test row is", "test rows are")} not after the end of the training set{TimeObstacles.DescribeForm(column)}.",
                JudgeRatio($"at or before the last time ('{column.Name}') of the training set", check.MaximumRatio, _overlapping)) with
            {
                Values = new Dictionary<string, double?> { ["overlapping_rows"] = _overlapping, ["overlap_ratio"] = (double)_overlapping / TestRows },
            };
        }
    }
}
