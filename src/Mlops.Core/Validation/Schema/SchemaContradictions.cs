using System.Globalization;

namespace Mlops.Validation;

/// <summary>Finds what in a schema no data can meet.</summary>
internal static class SchemaContradictions
{
    public static IReadOnlyList<string> Find(ValidationSchema schema)
    {
        var problems = new List<string>();
        foreach (var constraint in schema.Constraints) AddOwn(problems, schema, "the dataset", constraint);
        foreach (var rules in schema.Columns)
        {
            var place = $"column '{rules.Column.Name}'";
            foreach (var constraint in rules.Constraints) AddOwn(problems, schema, place, constraint);
            foreach (var unknown in rules.AbsentIn.Except(schema.Environments, StringComparer.Ordinal)) problems.Add(UnknownEnvironment(schema, place, unknown));
            // What is impossible by itself is not compared with others.
            ColumnConstraint[] sound = [.. rules.Constraints.Where(constraint => constraint.FindProblem() is null && constraint.CanJudge(rules.Column))];
            for (var i = 0; i < sound.Length; i++)
            {
                for (var j = i + 1; j < sound.Length; j++)
                {
                    if (CanMeet(sound[i], sound[j]) && (Conflict(sound[i], sound[j]) ?? Conflict(sound[j], sound[i])) is { } conflict) problems.Add($"{place}: {conflict}");
                }

                if (sound[i] is ComparisonConstraint comparison) AddComparison(problems, schema, rules, comparison);
            }
        }

        AddRowCounts(problems, schema);
        return problems;
    }

    private static void AddOwn(List<string> problems, ValidationSchema schema, string place, Constraint constraint)
    {
        if (constraint.FindProblem() is { } problem) problems.Add($"{place}: the {NameOf(constraint)} cannot be met: {problem}");
        foreach (var unknown in constraint.Environments.Except(schema.Environments, StringComparer.Ordinal)) problems.Add(UnknownEnvironment(schema, place, unknown));
        if (constraint is not UniqueKeyConstraint { Columns: { } columns }) return;
        foreach (var column in columns.Where(column => !schema.DataSchema.TryIndexOf(column, out _))) problems.Add($"{place}: the key names a column '{column}', which the schema does not have");
    }

    private static string UnknownEnvironment(ValidationSchema schema, string place, string unknown)
        => $"{place}: there is no environment '{unknown}'; the schema has {string.Join(", ", schema.Environments)}";

    /// <summary>Only constraints that hold for every value, at the same time, can contradict each other.</summary>
    private static bool CanMeet(ColumnConstraint a, ColumnConstraint b)
        => IsTotal(a) && IsTotal(b) && (a.Environments.Count == 0 || b.Environments.Count == 0 || a.Environments.Intersect(b.Environments, StringComparer.Ordinal).Any());

    private static bool IsTotal(ColumnConstraint constraint) => constraint is not ValueConstraint { MinimumRatio: < 1 };

    private static string? Conflict(ColumnConstraint a, ColumnConstraint b) => (a, b) switch
    {
        (RangeConstraint x, RangeConstraint y) when x.Maximum < y.Minimum => $"no number is both {x} and {y}",
        (TimeRangeConstraint x, TimeRangeConstraint y) when x.Latest < y.Earliest => $"no time is both {x} and {y}",
        (LengthConstraint x, LengthConstraint y) when x.Maximum < y.Minimum => $"no text has both {x} and {y}",
        (SetConstraint x, SetConstraint y) when !x.Values.Intersect(y.Values, StringComparer.Ordinal).Any() => "two sets have no value in common",
        (SetConstraint x, RangeConstraint y) when x.Values.All(value => !IsWithin(value, y)) => $"no value of the set is {y}",
        (SetConstraint x, LengthConstraint y) when x.Values.All(value => Length(value) is var length && (length < y.Minimum || length > y.Maximum)) => $"no value of the set has {y}",
        (SetConstraint x, DistinctCountConstraint y) when x.Values.Distinct(StringComparer.Ordinal).Count() < y.Minimum => $"the set has {x.Values.Count} values, but {y} are expected",
        (RangeConstraint x, AggregateConstraint { Aggregate: ColumnAggregate.Mean or ColumnAggregate.Minimum or ColumnAggregate.Maximum } y) when x.Maximum < y.Minimum || x.Minimum > y.Maximum
            => $"values {x} cannot have {y}",
        (RangeConstraint x, QuantileConstraint y) when x.Maximum < y.Minimum || x.Minimum > y.Maximum => $"values {x} cannot have {y}",
        (MonotoneConstraint { Order: MonotoneOrder.StrictlyIncreasing }, MonotoneConstraint { Order: MonotoneOrder.Decreasing or MonotoneOrder.StrictlyDecreasing })
            or (MonotoneConstraint { Order: MonotoneOrder.Increasing }, MonotoneConstraint { Order: MonotoneOrder.StrictlyDecreasing })
            => "values cannot increase and decrease at the same time",
        (UniquenessConstraint x, UniquenessConstraint y) when x.MaximumRatio < y.MinimumRatio => "one uniqueness is asked to be above the other's limit",
        (DistinctCountConstraint x, DistinctCountConstraint y) when x.Maximum < y.Minimum => $"there cannot be {x} and {y}",
        _ => null,
    };

    private static void AddComparison(List<string> problems, ValidationSchema schema, ColumnRules rules, ComparisonConstraint comparison)
    {
        var place = $"column '{rules.Column.Name}'";
        if (!schema.DataSchema.TryIndexOf(comparison.Other, out var index))
        {
            problems.Add($"{place}: it is compared with '{comparison.Other}', which the schema does not have");
            return;
        }

        if (comparison.Other == rules.Column.Name && comparison.Operator is ComparisonOperator.Less or ComparisonOperator.Greater or ComparisonOperator.NotEqual)
            problems.Add($"{place}: no value is {ConstraintText.Of(comparison.Operator)} itself");
        foreach (var back in schema.Columns[index].Constraints.OfType<ComparisonConstraint>().Where(back => back.Other == rules.Column.Name && CanMeet(comparison, back)))
        {
            // Each pair is reported once, at the column that comes first.
            if (index > schema.DataSchema.IndexOf(rules.Column.Name) && !CanHold(comparison.Operator, Reverse(back.Operator)))
                problems.Add($"{place}: it cannot be {ConstraintText.Of(comparison.Operator)} '{comparison.Other}' while that is {ConstraintText.Of(back.Operator)} it");
        }
    }

    private static ComparisonOperator Reverse(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Less => ComparisonOperator.Greater,
        ComparisonOperator.LessOrEqual => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.Greater => ComparisonOperator.Less,
        ComparisonOperator.GreaterOrEqual => ComparisonOperator.LessOrEqual,
        _ => comparison,
    };

    /// <summary>Tells whether two operators share one of the outcomes less, equal, greater.</summary>
    private static bool CanHold(ComparisonOperator a, ComparisonOperator b) => (Outcomes(a) & Outcomes(b)) != 0;

    private static int Outcomes(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Less => 1,
        ComparisonOperator.Equal => 2,
        ComparisonOperator.LessOrEqual => 3,
        ComparisonOperator.Greater => 4,
        ComparisonOperator.NotEqual => 5,
        _ => 6,
    };

    private static void AddRowCounts(List<string> problems, ValidationSchema schema)
    {
        RowCountConstraint[] counts = [.. schema.Constraints.OfType<RowCountConstraint>().Where(count => count.FindProblem() is null)];
        if (counts.Max(count => count.Minimum) > counts.Min(count => count.Maximum)) problems.Add("the dataset: no number of rows meets all row counts");
        var least = counts.Max(count => count.Minimum) ?? 0;
        foreach (var rules in schema.Columns)
        {
            if (rules.Constraints.OfType<SetConstraint>().FirstOrDefault(set => set.MinimumRatio == 1) is not { Values: { } values }
                || !rules.Constraints.OfType<UniquenessConstraint>().Any(unique => unique.MinimumRatio == 1)
                || !rules.Constraints.OfType<CompletenessConstraint>().Any(complete => complete.MinimumRatio == 1)) continue;
            var different = values.Distinct(StringComparer.Ordinal).Count();
            if (different < least) problems.Add($"column '{rules.Column.Name}': {least} rows cannot each have a value of their own out of a set of {different}");
        }
    }

    private static bool IsWithin(string value, RangeConstraint range)
        => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !(number < range.Minimum) && !(number > range.Maximum);

    private static int Length(string value) => value.EnumerateRunes().Count();

    private static string NameOf(Constraint constraint) => constraint.GetType().Name.Replace("Constraint", " constraint", StringComparison.Ordinal).ToLowerInvariant();
}
