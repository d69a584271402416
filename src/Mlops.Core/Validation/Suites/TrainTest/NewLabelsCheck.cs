using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that every class of the test set is in the training set: a model cannot predict what it never saw.</summary>
/// <remarks>Streams; keeps the different classes, at most 1,000 of each dataset. Test rows without a label count as none of a new class.</remarks>
public sealed class NewLabelsCheck : IValidationCheck
{
    private const int MostClasses = 1000;

    /// <summary>Gets the largest share of test rows whose class is not in the training set.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); }

    /// <summary>Gets whether the result shows the new classes: values of the data.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool ShowsValues { get; init; }

    /// <inheritdoc/>
    public string Name => "new_labels";

    /// <inheritdoc/>
    public string Description => "Are there classes in the test set that the training set does not have?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject, ColumnRole.Label, isSingle: true);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Scan(this, context);
    }

    private sealed class Scan : TrainTestScan
    {
        private readonly NewLabelsCheck _check;
        private readonly CheckContext _context;
        private readonly CategoryCounts _classes;

        public Scan(NewLabelsCheck check, CheckContext context)
            : base(check)
        {
            (_check, _context) = (check, context);
            _classes = new CategoryCounts(TrainTestObstacles.Pair(context.Subject, ColumnRole.Label)[0], MostClasses);
            context.NeedSamples();
        }

        protected override void Add(DatasetPart part, DataBatch rows) => _classes.Add(part, rows);

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var label = _classes.Column.Name;
            if (_context.GetLabelKind(_context.GetSample(DatasetPart.Train)[label]) != LabelKind.Class) return NotApplicable($"The label '{label}' is a number, not a class.");
            if (_classes.GetPresent(DatasetPart.Train) == 0) return NotApplicable($"The label '{label}' has no value in the training set.");
            if (_classes.GetPresent(DatasetPart.Test) == 0) return NotApplicable($"The label '{label}' has no value in the test set.");
            if (_classes.IsFull) return NotApplicable($"The label '{label}' has more than {Wording.Count(MostClasses)} different values in the training set.");
            var table = NewValues.Show("New classes", [_classes], _check.ShowsValues);
            var (values, rows) = NewValues.Count(_classes);
            return Result($"{Wording.Count(values, "class", "classes")} of '{label}' in the test set {(values == 1 ? "is" : "are")} not in the training set.", JudgeRatio("of a new class", _check.MaximumRatio, rows)) with
            {
                Values = new Dictionary<string, double?> { ["new_classes"] = values, ["new_label_rows"] = rows, ["new_label_ratio"] = (double)rows / TestRows },
                Tables = table is null ? [] : [table],
            };
        }
    }
}
