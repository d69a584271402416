using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Adds constraints on a column; each call gives a new schema, on which the next one goes on. Stands for that schema wherever one is wanted.</summary>
/// <example><code>ValidationSchema checkedSchema = schema.Column("age").Required().Between(0, 120).Column("plan").In("basic", "pro").AsWarning();</code></example>
public sealed class ColumnConstraints
{
    private readonly string _column;

    internal ColumnConstraints(ValidationSchema schema, string column)
    {
        Schema = schema;
        _column = column;
    }

    /// <summary>Gets the schema with the constraints that were added.</summary>
    public ValidationSchema Schema { get; }

    private ColumnRules Rules => Schema[_column];

    /// <summary>Gets the schema with the constraints that were added.</summary>
    /// <param name="constraints">The constraints.</param>
    public static implicit operator ValidationSchema(ColumnConstraints constraints)
    {
        ArgumentNullException.ThrowIfNull(constraints);
        return constraints.Schema;
    }

    /// <summary>Adds any constraint, in the place of the one that asks the same: a range takes the place of a range, so that what was inferred can be corrected.</summary>
    /// <remarks>Constraints of another severity or of other environments stay: <c>Between(0, 100).AsWarning().Between(0, 200)</c> warns first, and fails later.</remarks>
    /// <param name="constraint">The constraint.</param>
    /// <returns>The column, for more constraints.</returns>
    /// <exception cref="ArgumentException">The constraint cannot be met, or is for columns of another type.</exception>
    public ColumnConstraints With(ColumnConstraint constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        if (constraint.FindProblem() is { } problem) throw new ArgumentException($"The constraint on '{_column}' cannot be met: {problem}.", nameof(constraint));
        if (!constraint.CanJudge(Rules.Column))
            throw new ArgumentException($"Column '{_column}' is {Rules.Column.Type}{(Rules.Column.Width == 1 ? "" : $" × {Rules.Column.Width}")}; the constraint '{constraint}' is for {constraint.Domain}.", nameof(constraint));
        return Replace(Rules with { Constraints = [.. Rules.Constraints.Where(before => !constraint.TakesPlaceOf(before)), constraint] });
    }

    /// <summary>Every row must have a value, or a share of them.</summary>
    /// <param name="minimumRatio">The smallest share, 0..1.</param>
    /// <param name="minimumCount">The smallest number of rows with a value; <see langword="null"/> for none.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Required(double minimumRatio = 1, long? minimumCount = null) => With(new CompletenessConstraint(minimumRatio, minimumCount));

    /// <summary>Says how bad it is when the column is missing, or of another type or width than expected.</summary>
    /// <param name="severity">How bad; an error unless said.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Expected(ValidationSeverity severity) => Replace(Rules with { Severity = severity });

    /// <summary>The column may be absent.</summary>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Optional() => Replace(Rules with { IsOptional = true });

    /// <summary>The column is absent in some environments, and not judged there.</summary>
    /// <param name="environments">The environments: <c>serving</c>.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints AbsentIn(params IReadOnlyList<string> environments) => Replace(Rules with { AbsentIn = [.. Rules.AbsentIn, .. environments] });

    /// <summary>Numbers must lie within a range, ends included.</summary>
    /// <param name="minimum">The smallest value; <see langword="null"/> for none.</param>
    /// <param name="maximum">The largest value; <see langword="null"/> for none.</param>
    /// <param name="minimumRatio">The smallest share of the values that must, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Between(double? minimum, double? maximum, double minimumRatio = 1) => With(new RangeConstraint(minimum, maximum) { MinimumRatio = minimumRatio });

    /// <summary>Moments must lie within a period, ends included.</summary>
    /// <param name="earliest">The first moment, in UTC; <see langword="null"/> for none.</param>
    /// <param name="latest">The last moment, in UTC; <see langword="null"/> for none.</param>
    /// <param name="minimumRatio">The smallest share of the values that must, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Between(DateTime? earliest, DateTime? latest, double minimumRatio = 1) => With(new TimeRangeConstraint(earliest, latest) { MinimumRatio = minimumRatio });

    /// <summary>Days must lie within a period, ends included.</summary>
    /// <param name="first">The first day; <see langword="null"/> for none.</param>
    /// <param name="last">The last day; <see langword="null"/> for none.</param>
    /// <param name="minimumRatio">The smallest share of the values that must, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Between(DateOnly? first, DateOnly? last, double minimumRatio = 1)
        => Between(first?.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc), last?.ToDateTime(TimeOnly.MaxValue, DateTimeKind.Utc), minimumRatio);

    /// <summary>Numbers must not be negative.</summary>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints NotNegative() => Between(0.0, null);

    /// <summary>Numbers must be finite.</summary>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Finite() => With(new FiniteConstraint());

    /// <summary>Texts must be of a set.</summary>
    /// <param name="values">The set.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints In(params IReadOnlyList<string> values) => With(new SetConstraint([.. values]));

    /// <summary>Whole numbers must be of a set.</summary>
    /// <param name="values">The set.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints In(params IReadOnlyList<long> values) => With(new SetConstraint([.. values.Select(value => value.ToString(CultureInfo.InvariantCulture))]));

    /// <summary>Texts must match a regular expression.</summary>
    /// <param name="pattern">The expression; anchor it by <c>^</c> and <c>\z</c> where the whole text must match (<c>$</c> lets a line feed follow).</param>
    /// <param name="minimumRatio">The smallest share of the values that must, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Matching([StringSyntax(StringSyntaxAttribute.Regex)] string pattern, double minimumRatio = 1) => With(new PatternConstraint(pattern) { MinimumRatio = minimumRatio });

    /// <summary>Texts must have a length within bounds, in characters (Unicode code points).</summary>
    /// <param name="minimum">The smallest length; <see langword="null"/> for none.</param>
    /// <param name="maximum">The largest length; <see langword="null"/> for none.</param>
    /// <param name="minimumRatio">The smallest share of the values that must, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints OfLength(int? minimum, int? maximum, double minimumRatio = 1) => With(new LengthConstraint(minimum, maximum) { MinimumRatio = minimumRatio });

    /// <summary>No value may occur twice, or so large a share must occur only once.</summary>
    /// <param name="minimumRatio">The smallest uniqueness, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Unique(double minimumRatio = 1) => With(new UniquenessConstraint(minimumRatio));

    /// <summary>The number of different values must lie within bounds.</summary>
    /// <param name="minimum">The smallest number; <see langword="null"/> for none.</param>
    /// <param name="maximum">The largest number; <see langword="null"/> for none.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Distinct(long? minimum, long? maximum) => With(new DistinctCountConstraint(minimum, maximum));

    /// <summary>Values must follow each other in an order.</summary>
    /// <param name="order">The order.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Ordered(MonotoneOrder order = MonotoneOrder.Increasing) => With(new MonotoneConstraint(order));

    /// <summary>In each row the value must compare so with that of another column.</summary>
    /// <param name="comparison">How the value compares with the other.</param>
    /// <param name="other">The other column.</param>
    /// <param name="minimumRatio">The smallest share of the rows that must, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="ArgumentException">The two columns cannot be compared.</exception>
    public ColumnConstraints Is(ComparisonOperator comparison, string other, double minimumRatio = 1)
    {
        var otherColumn = Schema[other].Column;
        if (!ComparisonConstraint.CanCompare(Rules.Column, otherColumn))
            throw new ArgumentException($"Column '{_column}' is {Rules.Column.Type} and '{other}' is {otherColumn.Type}, which cannot be compared.", nameof(other));
        return With(new ComparisonConstraint(comparison, other) { MinimumRatio = minimumRatio });
    }

    /// <summary>A figure of all values must lie within bounds, ends included.</summary>
    /// <param name="aggregate">The figure.</param>
    /// <param name="minimum">Its smallest value; <see langword="null"/> for none.</param>
    /// <param name="maximum">Its largest value; <see langword="null"/> for none.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Aggregate(ColumnAggregate aggregate, double? minimum, double? maximum) => With(new AggregateConstraint(aggregate, minimum, maximum));

    /// <summary>The mean must lie within bounds, ends included.</summary>
    /// <param name="minimum">Its smallest value; <see langword="null"/> for none.</param>
    /// <param name="maximum">Its largest value; <see langword="null"/> for none.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints MeanBetween(double? minimum, double? maximum) => Aggregate(ColumnAggregate.Mean, minimum, maximum);

    /// <summary>A quantile must lie within bounds, ends included.</summary>
    /// <param name="quantile">Which quantile, 0..1; 0.5 is the median.</param>
    /// <param name="minimum">Its smallest value; <see langword="null"/> for none.</param>
    /// <param name="maximum">Its largest value; <see langword="null"/> for none.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints QuantileBetween(double quantile, double? minimum, double? maximum) => With(new QuantileConstraint(quantile, minimum, maximum));

    /// <summary>Values must occur in a column of another dataset.</summary>
    /// <param name="keys">The name under which <see cref="DataValidationOptions.Keys"/> holds the values of that column.</param>
    /// <param name="minimumRatio">The smallest share of the values that must, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints KeyOf(string keys, double minimumRatio = 1) => With(new ForeignKeyConstraint(keys) { MinimumRatio = minimumRatio });

    /// <summary>The distribution must not be far from that of other data.</summary>
    /// <param name="profile">The name under which <see cref="DataValidationOptions.Profiles"/> holds the profile of the other data: <c>previous</c>.</param>
    /// <param name="maximum">The largest distance, 0..1.</param>
    /// <param name="distance">How the distance is measured; <see langword="null"/> for the default of the column's type.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Like(string profile, double maximum, DistanceMeasure? distance = null) => With(new DistributionConstraint(profile, maximum, distance));

    /// <summary>Values must pass a test.</summary>
    /// <typeparam name="T">The type that values are read as (<see cref="ColumnPredicate.Of"/>).</typeparam>
    /// <param name="name">The name of the test.</param>
    /// <param name="test">The test.</param>
    /// <param name="minimumRatio">The smallest share of the values that must pass, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Satisfying<T>(string name, Func<T, bool> test, double minimumRatio = 1)
        => With(new PredicateConstraint(name) { Predicate = ColumnPredicate.Of(test), MinimumRatio = minimumRatio });

    /// <summary>A violation of the constraint that was added last is a warning only.</summary>
    /// <returns>The column, for more constraints.</returns>
    /// <exception cref="InvalidOperationException">The column has no constraint yet.</exception>
    public ColumnConstraints AsWarning() => ReplaceLast(last => last with { Severity = ValidationSeverity.Warning });

    /// <summary>The constraint that was added last applies in some environments only.</summary>
    /// <param name="environments">The environments: <c>training</c>.</param>
    /// <returns>The column, for more constraints.</returns>
    /// <exception cref="InvalidOperationException">The column has no constraint yet.</exception>
    public ColumnConstraints OnlyIn(params IReadOnlyList<string> environments) => ReplaceLast(last => last with { Environments = [.. environments] });

    /// <summary>Takes all constraints off the column.</summary>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Unconstrained() => Replace(Rules with { Constraints = [] });

    /// <summary>Goes on with another column.</summary>
    /// <param name="name">The column.</param>
    /// <returns>The other column.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public ColumnConstraints Column(string name) => Schema.Column(name);

    private ColumnConstraints Replace(ColumnRules rules) => new(Schema.With(rules), _column);

    private ColumnConstraints ReplaceLast(Func<ColumnConstraint, ColumnConstraint> change)
    {
        if (Rules.Constraints.Count == 0)
            throw new InvalidOperationException($"Column '{_column}' has no constraint that this could be said of. Add one first.");
        var changed = change(Rules.Constraints[^1]);
        return Replace(Rules with { Constraints = [.. Rules.Constraints.SkipLast(1).Where(before => !changed.TakesPlaceOf(before)), changed] });
    }
}
