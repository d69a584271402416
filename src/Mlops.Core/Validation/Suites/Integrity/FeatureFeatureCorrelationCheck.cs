using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for pairs of features that say the same.</summary>
/// <remarks>
/// From a sample (<see cref="ValidationSubject.SampleRows"/>), in rows in which both features have a value. Of two numbers it is Spearman's correlation without its sign, of a number and a category the
/// correlation ratio, of two categories the symmetric uncertainty coefficient (Theil). Texts and truth values are categories; texts with more than <see cref="MaximumCategories"/> different values, and
/// columns of vectors, are passed over. Ranks are those within each column, missing values left out, also where the other column has some of its own.
/// </remarks>
public sealed class FeatureFeatureCorrelationCheck() : DataIntegrityCheck("feature_feature_correlation", ValidationSeverity.Error)
{
    /// <inheritdoc/>
    public override string Description => "Do two features say the same?";

    /// <summary>Gets the largest correlation of two features, 0..1.</summary>
    /// <value>The default value is 0.9.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumCorrelation { get; init => field = CheckLimit.NotNegative(value); } = 0.9;

    /// <summary>Gets the largest number of pairs that are above it.</summary>
    /// <value>The default value is 0 pairs.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumPairs { get; init => field = CheckLimit.AtLeast(value, 0); }

    /// <summary>Gets the largest number of different texts of a column that is one of categories.</summary>
    /// <value>The default value is 30.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumCategories { get; init => field = CheckLimit.AtLeast(value, 0); } = 30;

    /// <summary>Gets the largest number of features that are compared, the first ones; the time grows with its square.</summary>
    /// <value>The default value is 200 columns.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumColumns { get; init => field = CheckLimit.AtLeast(value, 0); } = 200;

    private int[] FindColumns(DataSchema schema) => ColumnsOf(schema, column => column.Role == ColumnRole.Feature && column.Width == 1);

    private protected override string? FindObstacle(DataSchema schema) => FindColumns(schema).Length < 2 ? "There are fewer than two features of one value a row." : null;

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema)
    {
        context.NeedSamples();
        return new Scan(this, context, schema);
    }

    private sealed class Scan(FeatureFeatureCorrelationCheck check, CheckContext context, DataSchema schema) : DataIntegrityScan(check)
    {
        private const int RowsShown = 50;

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var sample = context.GetSample(check.Part);
            var all = check.FindColumns(schema);
            Feature[] features = [.. all.Select(index => Feature.Create(schema[index].Name, sample[index], check.MaximumCategories)).OfType<Feature>().Take(check.MaximumColumns)];
            var pairs = new List<(string First, string Second, double Correlation)>();
            for (var i = 0; i < features.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var j = i + 1; j < features.Length; j++)
                {
                    if (features[i].Compare(features[j]) is { } correlation) pairs.Add((features[i].Name, features[j].Name, correlation));
                }
            }

            if (pairs.Count == 0) return NotApplicable("No two features can be compared: they are constant, too short, or have too many categories.");
            var ordered = pairs.OrderByDescending(pair => pair.Correlation).ToArray();
            var above = ordered.Where(pair => pair.Correlation > check.MaximumCorrelation).ToArray();
            var closest = $"{CheckText.Number(ordered[0].Correlation)}, of {ordered[0].First} and {ordered[0].Second}";
            var left = all.Length - features.Length;
            return Result(
                $"{Wording.Count(above.Length, "pair")} of {Wording.Count(features.Length, "feature")} {(above.Length == 1 ? "is" : "are")} correlated above {CheckText.Limit(check.MaximumCorrelation)}; the closest: {closest}.{(left == 0 ? "" : $" {Wording.Count(left, "feature")} could not be compared, or were left out.")}",
                $"at most {Wording.Count(check.MaximumPairs, "pair")} of features with a correlation above {CheckText.Limit(check.MaximumCorrelation)}",
                above.Length <= check.MaximumPairs,
                above.Length == 0 ? $"at most {closest}" : Wording.Names([.. above.Select(pair => $"{pair.First} and {pair.Second}")])) with
            {
                Values = new Dictionary<string, double?> { ["largest_correlation"] = ordered[0].Correlation, ["pairs_above_limit"] = above.Length },
                Tables = [new CheckTable("Closest pairs", ["Feature", "Other feature", "Correlation"], [.. ordered.Take(Math.Clamp(above.Length, 10, RowsShown))
                    .Select(pair => (IReadOnlyList<string>)[pair.First, pair.Second, CheckText.Number(pair.Correlation)])])],
            };
        }
    }

    /// <summary>A feature: numbers with their ranks, or categories.</summary>
    private sealed record Feature(string Name, double[] Numbers, double[] Ranks, int[] Categories, int CategoryCount)
    {
        private bool IsCategory => CategoryCount > 0;

        /// <returns>The feature; <see langword="null"/> where it has too many categories, or no values.</returns>
        public static Feature? Create(string name, Column column, int maximumCategories)
        {
            if (column.Type is not (ElementType.String or ElementType.Boolean))
            {
                var numbers = ColumnNumbers.ToDoubles(column);
                foreach (ref var number in numbers.AsSpan())
                {
                    if (!double.IsFinite(number)) number = double.NaN;
                }

                return new Feature(name, numbers, Association.Rank(numbers), [], 0);
            }

            var keys = new RowKeys([new ColumnSchema(name, column.Type)], areNullsValues: false);
            var categories = new int[column.Length];
            keys.Add(new DataBatch(new DataSchema(new ColumnSchema(name, column.Type)), column), categories);
            return keys.Count == 0 || keys.Count > maximumCategories ? null : new Feature(name, [], [], categories, keys.Count);
        }

        public double? Compare(Feature other) => (IsCategory, other.IsCategory) switch
        {
            (false, false) => Association.OfRanks(Ranks, other.Ranks),
            (true, true) => Association.OfCategories(Categories, CategoryCount, other.Categories, other.CategoryCount),
            (true, false) => Association.OfCategoriesAndNumbers(Categories, CategoryCount, other.Numbers),
            (false, true) => Association.OfCategoriesAndNumbers(other.Categories, other.CategoryCount, Numbers),
        };
    }
}
