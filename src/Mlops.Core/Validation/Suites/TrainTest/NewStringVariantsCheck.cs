using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that texts of the test set are spelled as in the training set: not <c>New York</c> there and <c>new-york</c> here.</summary>
/// <remarks>
/// A new variant is a text that the training set does not have, whose letters and digits, in lower case, are those of a text that it has. Texts without letters and digits, numbers
/// and times have no variants (<see cref="StringVariantsCheck"/>). Streams, exactly; keeps 48 to 80 bytes for each different text.
/// </remarks>
public sealed class NewStringVariantsCheck : IValidationCheck
{
    private const int MostShown = 20;

    /// <summary>Gets the largest share of test rows, column by column, with a new variant.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); }

    /// <summary>Gets the columns of texts to look at; <see langword="null"/> for those of the roles Feature and Label.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Gets whether the result shows the new variants: values of the data.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool ShowsValues { get; init; }

    /// <inheritdoc/>
    public string Name => "new_string_variants";

    /// <inheritdoc/>
    public string Description => "Are texts of the test set spelled otherwise than in the training set?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject) ?? (Pair(subject).Columns.Any(column => column.IsText) ? null : "The two datasets have no columns of texts in common.");
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Scan(this, Pair(context.Subject));
    }

    private PairedColumns Pair(ValidationSubject subject)
        => PairedColumns.Create(subject, Columns, column => column.Role is ColumnRole.Feature or ColumnRole.Label && column.Type == ElementType.String);

    private sealed class Scan(NewStringVariantsCheck check, PairedColumns columns) : TrainTestScan(check)
    {
        private readonly VariantCounter[] _columns = [.. columns.Columns.Where(column => column.IsText).Select(column => new VariantCounter(column, check.ShowsValues ? MostShown : 0))];

        protected override void Add(DatasetPart part, DataBatch rows)
        {
            foreach (var column in _columns) column.Add(part, rows);
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            VariantCounter[] found = [.. _columns.Where(column => column.Variants > 0).OrderByDescending(column => column.Rows)];
            var isMet = found.All(column => (double)column.Rows / TestRows <= check.MaximumRatio);
            var expected = check.MaximumRatio == 0 ? "no test row has a new variant of a text" : $"at most {CheckText.Percent(check.MaximumRatio)} of the test rows have a new variant of a text of one column";
            var measured = found.Length == 0 ? $"none, in {Wording.Count(_columns.Length, "column", "columns")}" : $"{CheckText.Share(found[0].Rows, TestRows, "test rows")} in '{found[0].Name}'";
            var tables = new List<CheckTable>();
            if (found.Length > 0)
                tables.Add(new CheckTable("New variants", ["Column", "New variants", "Test rows"], [.. found.Select(column => (IReadOnlyList<string>)[column.Name, Wording.Count(column.Variants), CheckText.Share(column.Rows, TestRows, "rows")])]));
            if (found.Any(column => column.Shown.Count > 0))
                tables.Add(new CheckTable("Some new variants", ["Column", "Text"], [.. found.SelectMany(column => column.Shown.Select(text => (IReadOnlyList<string>)[column.Name, text]))]));
            if (columns.ToTable() is { } left) tables.Add(left);
            return Result($"{Wording.Count(found.Length, "column has", "columns have")} texts in the test set that the training set spells otherwise.", Judge(expected, isMet, measured)) with
            {
                Values = new Dictionary<string, double?>
                {
                    ["columns"] = _columns.Length, ["columns_with_new_variants"] = found.Length, ["new_variants"] = found.Sum(column => column.Variants),
                    ["maximum_new_variant_ratio"] = found.Length == 0 ? 0 : (double)found[0].Rows / TestRows,
                },
                Tables = tables,
            };
        }
    }
}
