using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that categories of features in the test set are in the training set.</summary>
/// <remarks>
/// Categories are texts and truth values that have at most <see cref="MaximumCategories"/> different values in the training set, and either at most 10 or half as many as rows
/// that have one; other texts are free texts, in which something new is no news. Streams; keeps the different values. Missing values are no category.
/// </remarks>
public sealed class NewCategoriesCheck : IValidationCheck
{
    /// <summary>Gets the largest share of test rows, column by column, whose category is not in the training set.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); }

    /// <summary>Gets the columns to look at; numbers among them are categories too. <see langword="null"/> for the features that are texts or truth values.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Gets the largest number of different values, in the training set, of a column of categories.</summary>
    /// <value>The default value is 1,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumCategories { get; init => field = CheckLimit.AtLeast(value, 0); } = 1000;

    /// <summary>Gets whether the result shows the new categories: values of the data.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool ShowsValues { get; init; }

    /// <inheritdoc/>
    public string Name => "new_categories";

    /// <inheritdoc/>
    public string Description => "Are there categories in the test set that the training set does not have?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject) ?? (Pair(subject).Columns.Count == 0 ? "The two datasets have no features of categories in common." : null);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Scan(this, Pair(context.Subject));
    }

    private PairedColumns Pair(ValidationSubject subject)
        => PairedColumns.Create(subject, Columns, column => column.Role == ColumnRole.Feature && column.Width == 1 && column.Type is ElementType.String or ElementType.Boolean);

    private sealed class Scan(NewCategoriesCheck check, PairedColumns columns) : TrainTestScan(check)
    {
        private readonly CategoryCounts[] _columns = [.. columns.Columns.Select(column => new CategoryCounts(column, check.MaximumCategories))];

        protected override void Add(DatasetPart part, DataBatch rows)
        {
            foreach (var column in _columns) column.Add(part, rows);
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var skipped = columns.Skipped.ToList();
            skipped.AddRange(_columns.Where(column => Explain(column) is not null).Select(column => (column.Column.Name, Explain(column)!)));
            var left = new PairedColumns(columns.Columns, skipped).ToTable();
            CategoryCounts[] judged = [.. _columns.Where(column => Explain(column) is null)];
            if (judged.Length == 0) return NotApplicable("No column has categories in the training set.") with { Tables = left is null ? [] : [left] };
            var found = judged.Select(column => (Column: column, New: NewValues.Count(column))).Where(item => item.New.Rows > 0).OrderByDescending(item => item.New.Rows).ToList();
            var beyond = found.Where(item => (double)item.New.Rows / TestRows > check.MaximumRatio).ToList();
            var most = found.Count == 0 ? 0 : found[0].New.Rows;
            var expected = check.MaximumRatio == 0 ? "no test row has a new category" : $"at most {CheckText.Percent(check.MaximumRatio)} of the test rows have a new category of one column";
            var measured = found.Count == 0
                ? $"none, in {Wording.Count(judged.Length, "column", "columns")}"
                : $"{CheckText.Share(most, TestRows, "test rows")} in '{found[0].Column.Column.Name}'{(beyond.Count > 1 ? $"; beyond the limit are {Wording.Names([.. beyond.Select(item => item.Column.Column.Name)])}" : "")}";
            var tables = new List<CheckTable>();
            if (found.Count > 0)
                tables.Add(new CheckTable("New categories", ["Column", "New categories", "Test rows"], [.. found.Select(item => (IReadOnlyList<string>)[item.Column.Column.Name, Wording.Count(item.New.Values), CheckText.Share(item.New.Rows, TestRows, "rows")])]));
            if (NewValues.Show("The most frequent new categories", judged, check.ShowsValues) is { } values) tables.Add(values);
            if (left is not null) tables.Add(left);
            return Result($"{Wording.Count(found.Count, "column has", "columns have")} new categories in the test set, of {Wording.Count(judged.Length)}.", Judge(expected, beyond.Count == 0, measured)) with
            {
                Values = new Dictionary<string, double?>
                {
                    ["columns"] = judged.Length, ["columns_with_new_categories"] = found.Count, ["new_categories"] = found.Sum(item => item.New.Values), ["maximum_new_category_ratio"] = (double)most / TestRows,
                },
                Tables = tables,
            };
        }

        private string? Explain(CategoryCounts column)
            => column.GetPresent(DatasetPart.Train) == 0 ? "no value in the training set"
            : column.GetPresent(DatasetPart.Test) == 0 ? "no value in the test set"
            : column.IsFull ? $"more than {Wording.Count(check.MaximumCategories)} different values"
            : check.Columns is null && !column.IsCategorical ? "free text: most values occur once"
            : null;
    }
}
