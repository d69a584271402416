using System.Globalization;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>How features are made ready, group of columns by group of columns. Immutable.</summary>
/// <remarks>
/// A rule that names a column takes it before the rule for all columns of its kind. Columns that no rule takes are left out, so a
/// plan of names alone selects columns. Only columns of the role Feature can become features, and dates and timestamps of the role Time.
/// </remarks>
/// <example><code>
/// var plan = new PreprocessingPlan(
///     PreprocessingRule.Drop("customer_id"),
///     PreprocessingRule.For(["income", "debt"], new ImputeStep { Value = NumericImputation.Median, AddIndicator = true }, new QuantileClipStep(), new RobustStep()),
///     PreprocessingRule.For("city", new TargetEncodeStep(), new StandardizeStep()),
///     PreprocessingRule.Numbers(new ImputeStep(), new StandardizeStep()),
///     PreprocessingRule.Texts(new OneHotStep { MinCount = 20, Unseen = UnseenCategory.Other }),
///     PreprocessingRule.Dates(new DatePartsStep { Cyclic = [DatePart.Month], Missing = MissingDate.Zeros }));
/// </code></example>
public sealed class PreprocessingPlan
{
    /// <summary>Creates a plan.</summary>
    /// <param name="rules">What is done with which columns.</param>
    /// <exception cref="ArgumentException">There is no rule, two of them name one column, or two are for all columns of one kind.</exception>
    public PreprocessingPlan(params IEnumerable<PreprocessingRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Rules = rules.ToArray().AsReadOnly();
        if (Rules.Count == 0) throw new ArgumentException("A plan needs at least one rule.", nameof(rules));
        var kinds = new HashSet<ColumnKind>();
        foreach (var rule in Rules)
        {
            if (rule.Kind is { } kind && !kinds.Add(kind)) throw new ArgumentException($"Two rules are for all columns of the kind {kind}; the second one is '{rule}'. Give one rule all its steps, or name the columns of the other.", nameof(rules));
        }

        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in Rules.SelectMany(rule => rule.Columns))
        {
            if (!named.Add(column)) throw new ArgumentException($"Column '{column}' is named twice. Name each column in one rule, and give that rule all its steps.", nameof(rules));
        }
    }

    /// <summary>Gets what is done with which columns.</summary>
    public IReadOnlyList<PreprocessingRule> Rules { get; }

    /// <summary>Gets the plan as name and invariant text, for logging among the params of a run: <c>preprocessing.0</c> is the first rule.</summary>
    /// <returns>A param for each rule.</returns>
    public IReadOnlyDictionary<string, string> ToParams()
        => Rules.Index().ToDictionary(rule => string.Create(CultureInfo.InvariantCulture, $"preprocessing.{rule.Index}"), rule => rule.Item.ToString(), StringComparer.Ordinal);

    /// <summary>Describes the plan, a line for each rule, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Join('\n', Rules);

    /// <summary>The columns of a schema that each rule takes, in the order of the schema; of a rule by name in that of the rule.</summary>
    /// <exception cref="EntityNotFoundException">A rule names a column that does not exist.</exception>
    /// <exception cref="ArgumentException">A rule names a column that cannot be a feature.</exception>
    internal ColumnSchema[][] Assign(DataSchema schema)
    {
        var known = schema.Select(column => column.Name).ToArray();
        var named = Rules.SelectMany(rule => rule.Columns).ToHashSet(StringComparer.Ordinal);
        return [.. Rules.Select(rule => rule.Kind is { } kind
            ? schema.Where(column => !named.Contains(column.Name) && KindOf(column) == kind).ToArray()
            : rule.Columns.Select(name => Find(schema, name, known, rule)).ToArray())];
    }

    /// <summary>The kind of a column that can be a feature; <see langword="null"/> of any other.</summary>
    internal static ColumnKind? KindOf(ColumnSchema column)
    {
        if (column.Width != 1) return null;
        if (column.Type is ElementType.Date or ElementType.Timestamp)
            return column.Role is not (ColumnRole.Feature or ColumnRole.Time) ? null : column.Type == ElementType.Date ? ColumnKind.Date : ColumnKind.Timestamp;
        if (column.Role != ColumnRole.Feature) return null;
        return column.Type == ElementType.String ? ColumnKind.Text : ColumnKind.Number;
    }

    private static ColumnSchema Find(DataSchema schema, string name, string[] known, PreprocessingRule rule)
    {
        if (!schema.TryIndexOf(name, out var index))
        {
            var nearest = NearestName.Find(name, known);
            throw new EntityNotFoundException("column", name, $"The preprocessing names a column '{name}', which does not exist. {(nearest is null ? $"The columns are: {string.Join(", ", known.Take(20))}{(known.Length > 20 ? ", …" : "")}." : $"Did you mean '{nearest}'?")}");
        }

        var column = schema[index];
        if (!rule.IsDropped && KindOf(column) is null)
            throw new ArgumentException(column.Width == 1
                ? $"Column '{name}' has the role {column.Role}, so it cannot be a feature. Give it the role Feature, or take it out of the preprocessing."
                : string.Create(CultureInfo.InvariantCulture, $"Column '{name}' holds {column.Width} numbers in each row; preprocessing takes columns of one value. Make a column of each, or take it out of the preprocessing."));
        return column;
    }
}
