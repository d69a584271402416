using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Checks that a model cannot tell rows of the test set from rows of the training set by their features taken together.</summary>
/// <remarks>
/// A domain classifier (gradient-boosted trees of depth 3 on columns binned by quantiles) learns to tell the two apart, and is judged by rows that it did not learn from, in 5 folds. The
/// figure is 2 · (AUC − 0.5), at least 0: 0 where it guesses, 1 where it is always right. A missing value is a value here. Works from a sample of at most <see cref="MaximumRows"/>
/// rows of each dataset; of more than 200 columns, of fewer rows. The same seed gives the same figure.
/// </remarks>
public sealed class MultivariateDriftCheck : IValidationCheck
{
    private const long MostCells = 4_000_000;
    private const int MostShown = 10;

    /// <summary>Gets the figure that must not be reached.</summary>
    /// <value>The default value is 0.25.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumDrift { get; init => field = CheckLimit.NotNegative(value); } = 0.25;

    /// <summary>Gets the largest number of rows of each dataset that are used; the sample may have fewer (<see cref="ValidationSubject.SampleRows"/>).</summary>
    /// <value>The default value is 10,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaximumRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 10_000;

    /// <summary>Gets the fewest rows of each dataset.</summary>
    /// <value>The default value is 100: with 100 of each, the figure of equal datasets has a standard deviation of 0.08.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinimumRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 100;

    /// <summary>Gets the columns to look at; <see langword="null"/> for the features.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <inheritdoc/>
    public string Name => "multivariate_drift";

    /// <inheritdoc/>
    public string Description => "Can rows of the test set be told from rows of the training set by their features?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject) ?? (Pair(subject).Columns.Count == 0 ? "The two datasets have no features in common." : null);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedSamples();
        return new Scan(this, context, Pair(context.Subject));
    }

    private PairedColumns Pair(ValidationSubject subject) => PairedColumns.Create(subject, Columns, column => column.Role == ColumnRole.Feature);

    private sealed class Scan(MultivariateDriftCheck check, CheckContext context, PairedColumns columns) : TrainTestScan(check)
    {
        protected override void Add(DatasetPart part, DataBatch rows)
        {
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var most = (int)Math.Clamp(MostCells / 2 / columns.Columns.Sum(column => (long)column.Train.Width), 500, int.MaxValue);
            var (train, test) = (Take(DatasetPart.Train, most), Take(DatasetPart.Test, most));
            // Each of the 5 folds must have rows of both.
            var needed = Math.Max(10, check.MinimumRows);
            if (Math.Min(train.RowCount, test.RowCount) < needed)
                return NotApplicable($"{Wording.Count(train.RowCount, "training row", "training rows")} and {Wording.Count(test.RowCount, "test row", "test rows")} are too few to learn from; {Wording.Count(needed)} of each are needed.");
            var binned = new DomainColumns();
            foreach (var column in columns.Columns) binned.Add(column, column.In(DatasetPart.Train, train), column.In(DatasetPart.Test, test));
            bool[] isTest = [.. Enumerable.Range(0, train.RowCount + test.RowCount).Select(row => row >= train.RowCount)];
            var separation = binned.Names.Count == 0 ? new DomainSeparation(0.5, []) { Scores = [], Folds = [] } : DomainClassifier.Measure(binned, isTest, context.Subject.Seed, cancellationToken);
            var drift = Math.Max(0, 2 * (separation.Auc - 0.5));
            var ranked = binned.Names.Zip(separation.Gains, (name, gain) => (Name: name, Gain: gain)).OrderByDescending(column => column.Gain).Where(column => column.Gain > 0).Take(MostShown).ToList();
            var tables = new List<CheckTable>();
            if (ranked.Count > 0)
                tables.Add(new CheckTable("What the classifier tells the datasets apart by", ["Column", "Share of its gain"], [.. ranked.Select(column => (IReadOnlyList<string>)[column.Name, CheckText.Percent(column.Gain)])]));
            if (columns.ToTable() is { } left) tables.Add(left);
            var isMet = drift < check.MaximumDrift;
            return Result(
                $"A classifier tells the datasets apart with an AUC of {CheckText.Number(separation.Auc)}, from {Wording.Count(train.RowCount)} and {Wording.Count(test.RowCount)} rows.",
                Judge(
                    $"2 · (AUC − 0.5) of a domain classifier below {CheckText.Limit(check.MaximumDrift)}",
                    isMet,
                    $"{CheckText.Number(drift)}{(isMet || ranked.Count == 0 ? "" : $", most by {Wording.Names([.. ranked.Take(3).Select(column => column.Name)])}")}")) with
            {
                Values = new Dictionary<string, double?> { ["multivariate_drift"] = drift, ["auc"] = separation.Auc, ["train_rows"] = train.RowCount, ["test_rows"] = test.RowCount },
                Tables = tables,
            };
        }

        /// <summary>Takes rows of a sample, each equally likely, in their order.</summary>
        private DataBatch Take(DatasetPart part, int most)
        {
            var sample = context.GetSample(part);
            var count = Math.Min(most, check.MaximumRows);
            if (sample.RowCount <= count) return sample;
            var (rows, random) = (Enumerable.Range(0, sample.RowCount).ToArray(), new SplitMix64(context.Subject.Seed));
            for (var i = 0; i < count; i++)
            {
                var j = i + (int)random.Next((ulong)(rows.Length - i));
                (rows[i], rows[j]) = (rows[j], rows[i]);
            }

            return sample.Take(rows.Take(count).Order().ToArray());
        }
    }
}
