using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that no group (a patient, a customer, a machine) is in both datasets, where a model would know it again.</summary>
/// <remarks>Looks at each column of role Group by itself. Streams, exactly; keeps 24 to 40 bytes for each group. Rows without a group are in none.</remarks>
public sealed class GroupOverlapCheck : IValidationCheck
{
    /// <summary>Gets the largest share of test rows whose group has rows in the training set.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); }

    /// <inheritdoc/>
    public string Name => "group_overlap";

    /// <inheritdoc/>
    public string Description => "Are rows of one group in both datasets?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject, ColumnRole.Group, isSingle: false);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Scan(this, TrainTestObstacles.Pair(context.Subject, ColumnRole.Group));
    }

    private sealed class Scan(GroupOverlapCheck check, IReadOnlyList<PairedColumn> columns) : TrainTestScan(check)
    {
        private readonly OverlapCounter[] _counters = [.. columns.Select(column => new OverlapCounter([column]))];

        protected override void Add(DatasetPart part, DataBatch rows)
        {
            foreach (var counter in _counters) counter.Add(part, rows);
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (_counters.All(counter => counter.TrainKeys == 0)) return NotApplicable("No row of the training set has a group.");
            if (_counters.All(counter => counter.TestRowsWithKey == 0)) return NotApplicable("No row of the test set has a group.");
            return Result(
                $"{Wording.Count(_counters.Sum(counter => counter.SharedKeys), "group is", "groups are")} in both datasets.",
                [.. _counters.Select((counter, i) => JudgeRatio($"of a group of '{columns[i].Name}' that is in the training set", check.MaximumRatio, counter.SharedTestRows))]) with
            {
                Values = new Dictionary<string, double?>
                {
                    ["shared_groups"] = _counters.Sum(counter => counter.SharedKeys),
                    ["shared_group_rows"] = _counters.Max(counter => counter.SharedTestRows),
                    ["shared_group_ratio"] = (double)_counters.Max(counter => counter.SharedTestRows) / TestRows,
                },
                Tables =
                [
                    new CheckTable(
                        "Groups", ["Column", "Groups of the training set", "Groups in both", "Test rows of these"],
                        [.. _counters.Select((counter, i) => (IReadOnlyList<string>)[columns[i].Name, Wording.Count(counter.TrainKeys), Wording.Count(counter.SharedKeys), CheckText.Share(counter.SharedTestRows, TestRows, "rows")])]),
                ],
            };
        }
    }
}
