using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that the label is distributed in the test set as in the training set.</summary>
/// <remarks>Classes are compared by Cramér's V, bias-corrected, amounts by the Kolmogorov–Smirnov statistic; exactness, memory and the part of chance are those of <see cref="FeatureDriftCheck"/>. Rows without a label are left out.</remarks>
public sealed class LabelDriftCheck : IValidationCheck
{
    private const int MostClasses = 1000;

    /// <summary>Gets the figure that must not be reached.</summary>
    /// <value>The default value is 0.15.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumDrift { get; init => field = CheckLimit.NotNegative(value); } = 0.15;

    /// <summary>Gets the share of rows below which classes are taken together.</summary>
    /// <value>The default value is 0.01.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MinimumClassRatio { get; init => field = CheckLimit.Ratio(value); } = 0.01;

    /// <summary>Gets the fewest rows of each dataset that must have a label.</summary>
    /// <value>The default value is 10.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinimumRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 10;

    /// <inheritdoc/>
    public string Name => "label_drift";

    /// <inheritdoc/>
    public string Description => "Is the label distributed otherwise in the test set than in the training set?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (TrainTestObstacles.Find(subject, ColumnRole.Label, isSingle: true) is { } obstacle) return obstacle;
        var label = subject.Train.Schema.Single(ColumnRole.Label);
        return label.Width > 1 ? $"The label '{label.Name}' holds vectors." : null;
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedSamples();
        return new Scan(this, context, TrainTestObstacles.Pair(context.Subject, ColumnRole.Label)[0]);
    }

    private sealed class Scan(LabelDriftCheck check, CheckContext context, PairedColumn label) : TrainTestScan(check)
    {
        // Whether numbers are classes is known when all training rows are.
        private readonly ColumnDrift _drift = new(label, !label.IsText, MostClasses, context.Subject.SampleRows);

        protected override void Add(DatasetPart part, DataBatch rows) => _drift.Add(part, rows);

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var needed = Math.Max(1, check.MinimumRows);
            var (train, test) = (_drift.GetCount(DatasetPart.Train), _drift.GetCount(DatasetPart.Test));
            if (Math.Min(train, test) < needed) return NotApplicable($"{Wording.Count(train, "training row", "training rows")} and {Wording.Count(test, "test row", "test rows")} have a label; {Wording.Count(needed)} are needed.");
            var isClass = label.IsText || context.GetLabelKind(context.GetSample(DatasetPart.Train)[label.Name]) == LabelKind.Class;
            if (isClass && _drift.Categories!.IsFull) return NotApplicable($"The label '{label.Name}' has more than {Wording.Count(MostClasses)} different values in the training set.");
            var score = isClass ? _drift.MeasureCategories(check.MinimumClassRatio) : _drift.MeasureNumbers();
            var expected = $"{(isClass ? "Cramér's V" : "Kolmogorov–Smirnov statistic")} of the label below {CheckText.Limit(check.MaximumDrift)}";
            var condition = score.IsBelow(check.MaximumDrift) is { } isMet
                ? Judge(expected, isMet, score.Show() + (isMet && score.Value >= check.MaximumDrift ? ", no more than chance makes of so few rows" : ""))
                : new CheckCondition(expected, CheckStatus.Warn, $"{score.Show()}: too near to the limit to be told from it; with larger samples the figure is exact");
            return Result($"The label '{label.Name}' differs by {score.Show()} between the datasets.", condition) with
            {
                Values = new Dictionary<string, double?> { ["label_drift"] = score.Value },
                Tables = [new CheckTable("Drift of the label", ["Column", "Figure", "Drift", "Training values", "Test values"], [score.ToRow()])],
            };
        }
    }
}
