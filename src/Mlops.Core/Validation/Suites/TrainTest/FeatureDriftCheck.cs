using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that each feature is distributed in the test set as in the training set.</summary>
/// <remarks>
/// <para>
/// Numbers and times are compared by the two-sample Kolmogorov–Smirnov statistic, the largest difference of the cumulative shares; texts and truth values that are categories
/// (<see cref="NewCategoriesCheck"/>) by Cramér's V, bias-corrected, as if both datasets were equally large. Both are 0 (the same) to 1 (nothing in common). Missing values are left out.
/// A figure that samples of one distribution, of this size, reach once in a thousand times is no drift, whatever the limit.
/// </para>
/// <para>
/// Streams. The statistic of numbers is exact up to <see cref="ValidationSubject.SampleRows"/> values of each dataset; beyond that it comes from KLL sketches of 100 KB and is off by at most
/// 0.0015, at 98 % confidence. A figure so near to its limit that this matters is reported as undecided: never as worse than a warning.
/// </para>
/// </remarks>
public sealed class FeatureDriftCheck : IValidationCheck
{
    /// <summary>Gets the Kolmogorov–Smirnov statistic that the numbers and times of a column must not reach.</summary>
    /// <value>The default value is 0.2.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumNumericDrift { get; init => field = CheckLimit.NotNegative(value); } = 0.2;

    /// <summary>Gets Cramér's V that the categories of a column must not reach.</summary>
    /// <value>The default value is 0.2.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumCategoricalDrift { get; init => field = CheckLimit.NotNegative(value); } = 0.2;

    /// <summary>Gets the number of columns that may reach the limit.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int AllowedColumns { get; init => field = CheckLimit.AtLeast(value, 0); }

    /// <summary>Gets the columns to look at; <see langword="null"/> for the features.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Gets the columns of numbers that hold categories, such as codes.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> CategoricalColumns { get; init; } = [];

    /// <summary>Gets the share of rows below which categories are taken together.</summary>
    /// <value>The default value is 0.01.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MinimumCategoryRatio { get; init => field = CheckLimit.Ratio(value); } = 0.01;

    /// <summary>Gets the fewest values that a column must have in each dataset to be compared.</summary>
    /// <value>The default value is 10.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinimumRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 10;

    /// <inheritdoc/>
    public string Name => "feature_drift";

    /// <inheritdoc/>
    public string Description => "Are features distributed otherwise in the test set than in the training set?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject) ?? (Pair(subject).Columns.Count == 0 ? "The two datasets have no features in common, of one value each." : null);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Scan(this, Pair(context.Subject), context.Subject.SampleRows);
    }

    private PairedColumns Pair(ValidationSubject subject) => PairedColumns.Create(subject, Columns, column => column.Role == ColumnRole.Feature && column.Width == 1);

    private bool HasCategories(PairedColumn column) => column.IsText || column.Train.Type == ElementType.Boolean || CategoricalColumns.Contains(column.Name, StringComparer.Ordinal);

    private sealed class Scan(FeatureDriftCheck check, PairedColumns columns, int exactCount) : TrainTestScan(check)
    {
        private const int MostCategories = 1000;

        private readonly ColumnDrift[] _columns =
            [.. columns.Columns.Where(column => column.Train.Width == 1).Select(column => check.HasCategories(column) ? new ColumnDrift(column, false, MostCategories, 0) : new ColumnDrift(column, true, 0, exactCount))];

        protected override void Add(DatasetPart part, DataBatch rows)
        {
            foreach (var column in _columns) column.Add(part, rows);
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var skipped = columns.Skipped.ToList();
            skipped.AddRange(columns.Columns.Where(column => column.Train.Width > 1).Select(column => (column.Name, "vectors")));
            skipped.AddRange(_columns.Where(column => Explain(column) is not null).Select(column => (column.Column.Name, Explain(column)!)));
            var left = new PairedColumns([], skipped).ToTable();
            DriftScore[] scores =
            [
                .. _columns.Where(column => Explain(column) is null)
                    .Select(column => column.Categories is null ? column.MeasureNumbers() : column.MeasureCategories(check.MinimumCategoryRatio))
                    .OrderByDescending(score => score.Value),
            ];
            if (scores.Length == 0) return NotApplicable($"No feature has {Wording.Count(check.MinimumRows, "value", "values")} in each dataset that can be compared.") with { Tables = left is null ? [] : [left] };

            var conditions = new List<CheckCondition>();
            DriftScore[] numbers = [.. scores.Where(score => score.IsNumeric)], categories = [.. scores.Where(score => !score.IsNumeric)];
            if (numbers.Length > 0) conditions.Add(JudgeDrift("Kolmogorov–Smirnov statistic", numbers, check.MaximumNumericDrift));
            if (categories.Length > 0) conditions.Add(JudgeDrift("Cramér's V", categories, check.MaximumCategoricalDrift));
            var tables = new List<CheckTable> { new("Drift of features", ["Column", "Figure", "Drift", "Training values", "Test values"], [.. scores.Select(score => score.ToRow())]) };
            if (left is not null) tables.Add(left);
            var drifting = numbers.Count(score => score.IsBelow(check.MaximumNumericDrift) == false) + categories.Count(score => score.IsBelow(check.MaximumCategoricalDrift) == false);
            return Result($"{Wording.Count(drifting, "feature drifts", "features drift")}, of {Wording.Count(scores.Length)}.", conditions) with
            {
                Values = new Dictionary<string, double?>
                {
                    ["columns"] = scores.Length, ["drifting_columns"] = drifting,
                    ["maximum_numeric_drift"] = numbers.Length == 0 ? null : numbers[0].Value, ["maximum_categorical_drift"] = categories.Length == 0 ? null : categories[0].Value,
                },
                Tables = tables,
            };
        }

        private CheckCondition JudgeDrift(string figure, DriftScore[] scores, double limit)
        {
            var expected = $"{figure} below {CheckText.Limit(limit)}{(check.AllowedColumns == 0 ? "" : $", except of {Wording.Count(check.AllowedColumns, "column", "columns")}")}";
            DriftScore[] over = [.. scores.Where(score => score.IsBelow(limit) == false)], undecided = [.. scores.Where(score => score.IsBelow(limit) is null)];
            var measured = over.Length + undecided.Length == 0
                ? $"at most {scores[0].Show()} ('{scores[0].Column}'){(scores[0].Value >= limit ? ", no more than chance makes of so few rows" : "")}"
                : string.Join("; ", over.Concat(undecided).Take(5).Select(score => $"{score.Show()} ('{score.Column}')")) + (over.Length + undecided.Length > 5 ? $" and {over.Length + undecided.Length - 5} more" : "");
            if (over.Length > check.AllowedColumns) return Judge(expected, false, measured);
            return over.Length + undecided.Length <= check.AllowedColumns
                ? Judge(expected, true, measured)
                : new CheckCondition(expected, CheckStatus.Warn, $"{measured}: too near to the limit to be told from it; with larger samples the figure is exact");
        }

        private string? Explain(ColumnDrift column)
            => Math.Min(column.GetCount(DatasetPart.Train), column.GetCount(DatasetPart.Test)) < Math.Max(1, check.MinimumRows)
                ? $"{Wording.Count(column.GetCount(DatasetPart.Train))} and {Wording.Count(column.GetCount(DatasetPart.Test))} values; {Wording.Count(Math.Max(1, check.MinimumRows))} are needed"
            : column.Categories is not { } categories ? null
            : categories.IsFull ? $"more than {Wording.Count(MostCategories)} different values"
            : column.Column.IsText && !categories.IsCategorical ? "free text: most values occur once"
            : null;
    }
}
