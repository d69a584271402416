using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that the test set is large enough beside the training set to judge by.</summary>
/// <remarks>Streams; keeps two counts. An empty test set is a ratio of 0, not an obstacle.</remarks>
public sealed class SizeRatioCheck : IValidationCheck
{
    /// <summary>Gets the ratio of test to training rows that must be exceeded.</summary>
    /// <value>The default value is 0.01.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.01;

    /// <summary>Gets the smallest number of test rows; <see langword="null"/> for any number.</summary>
    /// <value>The default value is <see langword="null"/>; 100 is a usual choice.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long? MinimumTestRows { get; init => field = value is { } given ? CheckLimit.AtLeast(given, 0L) : null; }

    /// <summary>Gets whether the training set must have at least as many rows as the test set.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool RequireLargerTrain { get; init; }

    /// <inheritdoc/>
    public string Name => "size_ratio";

    /// <inheritdoc/>
    public string Description => "Is the test set large enough beside the training set?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context) => new Scan(this);

    private sealed class Scan(SizeRatioCheck check) : TrainTestScan(check)
    {
        protected override void Add(DatasetPart part, DataBatch rows)
        {
        }

        protected override CheckResult FinishWithoutTestRows() => Finish(CancellationToken.None);

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var ratio = (double)TestRows / TrainRows;
            var sizes = $"{Wording.Count(TestRows)} test rows, {Wording.Count(TrainRows)} training rows";
            var conditions = new List<CheckCondition> { Judge($"more than {CheckText.Limit(check.MinimumRatio)} test rows for each training row", ratio > check.MinimumRatio, $"{CheckText.Number(ratio)} ({sizes})") };
            if (check.MinimumTestRows is { } minimum) conditions.Add(Judge($"at least {Wording.Count(minimum, "test row", "test rows")}", TestRows >= minimum, Wording.Count(TestRows)));
            if (check.RequireLargerTrain) conditions.Add(Judge("at least as many training rows as test rows", TrainRows >= TestRows, sizes));
            return Result($"There are {sizes}.", conditions) with { Values = new Dictionary<string, double?> { ["size_ratio"] = ratio, ["train_rows"] = TrainRows, ["test_rows"] = TestRows } };
        }
    }
}
