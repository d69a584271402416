using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that no feature alone predicts the label too well, and that none predicts it much better on one dataset than on the other: signs of a label that leaked into a feature.</summary>
/// <remarks>
/// The predictive power score of a column, 0 (no better than a guess) to 1 (without error), is that of a decision tree on it, cross-validated on up to 5,000 rows of the sample of each
/// dataset (<see cref="ValidationSubject.SampleRows"/>). The change is that of the score from the training to the test set, in either direction.
/// Source: F. Wetschoreck, T. Krabel, S. Krishnamurthy, ppscore, 2020.
/// </remarks>
public sealed class PredictivePowerChangeCheck : IValidationCheck
{
    /// <summary>Gets the score of a feature on the training set that must not be reached.</summary>
    /// <value>The default value is 0.7.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumTrainScore { get; init => field = CheckLimit.NotNegative(value); } = 0.7;

    /// <summary>Gets the change of the score from the training to the test set that must not be reached.</summary>
    /// <value>The default value is 0.2.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumChange { get; init => field = CheckLimit.NotNegative(value); } = 0.2;

    /// <summary>Gets the fewest labelled rows of the training set's sample.</summary>
    /// <value>The default value is 100.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinimumRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 100;

    /// <summary>Gets the fewest labelled rows of the test set's sample from which a change can be told from chance; with fewer, only the score on the training set is judged.</summary>
    /// <value>The default value is 400, of which the score of a feature that says nothing about two equally frequent classes has a standard deviation of about 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinimumTestRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 400;

    /// <inheritdoc/>
    public string Name => "predictive_power_change";

    /// <inheritdoc/>
    public string Description => "Does one feature alone predict the label too well, or better on one dataset than on the other?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (TrainTestObstacles.Find(subject, ColumnRole.Label, isSingle: true) is { } obstacle) return obstacle;
        var label = subject.Train.Schema.Single(ColumnRole.Label);
        if (label.Width > 1) return $"The label '{label.Name}' holds vectors.";
        return Pair(subject).Columns.Count == 0 ? "The two datasets have no features in common." : null;
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedSamples();
        return new Scan(this, context, Pair(context.Subject), TrainTestObstacles.Pair(context.Subject, ColumnRole.Label)[0]);
    }

    private static PairedColumns Pair(ValidationSubject subject) => PairedColumns.Create(subject, null, column => column.Role == ColumnRole.Feature && column.Width == 1);

    private sealed record Score(string Name, double? Train, double? Test)
    {
        public double? Change => Math.Abs((Test - Train) ?? double.NaN) is var change && double.IsNaN(change) ? null : change;
    }

    private sealed class Scan(PredictivePowerChangeCheck check, CheckContext context, PairedColumns columns, PairedColumn label) : TrainTestScan(check)
    {
        protected override void Add(DatasetPart part, DataBatch rows)
        {
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var (train, test) = (context.GetSample(DatasetPart.Train), context.GetSample(DatasetPart.Test));
            var (labelled, judged) = (CountLabels(train), CountLabels(test));
            if (labelled < check.MinimumRows) return NotApplicable($"Of the training set's sample only {Wording.Count(labelled, "row has", "rows have")} a label; {Wording.Count(check.MinimumRows)} are needed.");
            var kind = context.GetLabelKind(train[label.Name]);
            var scores = new List<Score>();
            foreach (var column in columns.Columns)
            {
                cancellationToken.ThrowIfCancellationRequested();
                scores.Add(new Score(
                    column.Name,
                    PredictivePower.Measure(train, column.Name, label.Name, kind, context.Subject.Seed),
                    judged < check.MinimumTestRows ? null : PredictivePower.Measure(test, column.Name, label.Name, kind, context.Subject.Seed)));
            }

            return Report([.. scores.OrderByDescending(score => score.Train ?? -1)], judged);
        }

        private CheckResult Report(Score[] scores, int judged)
        {
            if (scores.All(score => score.Train is null)) return NotApplicable("No feature has enough values in the training set.");
            var best = scores[0];
            var high = scores.Where(score => score.Train >= check.MaximumTrainScore).ToList();
            var conditions = new List<CheckCondition>
            {
                Judge(
                    $"no feature alone predicts the label of the training set with a score of {CheckText.Limit(check.MaximumTrainScore)} or more",
                    high.Count == 0,
                    $"{CheckText.Number(best.Train!.Value)} by '{best.Name}'{(high.Count > 1 ? $"; beyond the limit are {Wording.Names([.. high.Select(score => score.Name)])}" : "")}"),
            };
            var most = scores.MaxBy(score => score.Change ?? -1)!;
            if (most.Change is { } change)
            {
                var changed = scores.Where(score => score.Change >= check.MaximumChange).ToList();
                conditions.Add(Judge(
                    $"the score of no feature changes by {CheckText.Limit(check.MaximumChange)} or more",
                    changed.Count == 0,
                    $"{CheckText.Number(change)} of '{most.Name}'{(changed.Count > 1 ? $"; beyond the limit are {Wording.Names([.. changed.Select(score => score.Name)])}" : "")}"));
            }

            var few = judged < check.MinimumTestRows ? $" The test set's sample has {Wording.Count(judged, "row", "rows")} with a label, too few to measure a change." : "";
            var tables = new List<CheckTable>
            {
                new("Predictive power of single features", ["Column", "Training set", "Test set", "Change"], [.. scores.Select(score => (IReadOnlyList<string>)[score.Name, Show(score.Train), Show(score.Test), Show(score.Change)])]),
            };
            if (columns.ToTable() is { } left) tables.Add(left);
            return Result($"The best single feature, '{best.Name}', predicts the label with a score of {CheckText.Number(best.Train!.Value)}.{few}", conditions) with
            {
                Values = new Dictionary<string, double?> { ["maximum_train_score"] = best.Train, ["maximum_change"] = most.Change },
                Tables = tables,
            };
        }

        private int CountLabels(DataBatch rows) => rows.RowCount - (PairedColumn.FindMissing(rows[label.Name])?.AsSpan().Count(true) ?? 0);

        private static string Show(double? score) => score is { } value ? CheckText.Number(value) : "–";
    }
}
