using System.Collections.Concurrent;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Begins the scans of constraints; what they need is prepared once. Safe for concurrent use.</summary>
internal sealed class ScanFactory(DataValidationOptions options)
{
    private readonly ConcurrentDictionary<Constraint, object> _prepared = new(ReferenceEqualityComparer.Instance);

    /// <summary>Finds why a constraint cannot be judged on these data; <see langword="null"/> where it can.</summary>
    public ValidationFinding? FindObstacle(ColumnConstraint constraint, ColumnSchema column, DataSchema actual)
    {
        if (!constraint.CanJudge(column))
            return Obstacle(AnomalyKind.InvalidConstraint, constraint.Severity, $"The constraint '{constraint}' is for {constraint.Domain}, but the column is {column.Type}{(column.Width == 1 ? "" : $" × {column.Width}")}; correct the schema.");
        switch (constraint)
        {
            case ComparisonConstraint comparison when !actual.TryIndexOf(comparison.Other, out _):
                return Obstacle(AnomalyKind.ColumnMissing, constraint.Severity, $"The column cannot be compared with '{comparison.Other}', which is missing.");
            case ComparisonConstraint comparison when !ComparisonConstraint.CanCompare(column, actual[comparison.Other]):
                return Obstacle(AnomalyKind.InvalidConstraint, constraint.Severity, $"The column is {column.Type} and '{comparison.Other}' is {actual[comparison.Other].Type}, which cannot be compared; correct the schema.");
            case ForeignKeyConstraint foreign when options.Keys.TryGetValue(foreign.Keys, out var keys) && !keys.CanFind(column.Type):
                return Obstacle(AnomalyKind.InvalidConstraint, constraint.Severity, $"The keys of {foreign.Keys} are {keys.Type}, but the column is {column.Type}; cast one of the two.");
            case PredicateConstraint predicate when !PredicateOf(predicate).CanJudge(column):
                return Obstacle(AnomalyKind.InvalidConstraint, constraint.Severity, $"The test '{predicate.Name}' reads {PredicateOf(predicate).ValueType.Name}, but the column is {column.Type}.");
            case DistributionConstraint distribution when FindProfile(distribution.Profile, column.Name) is not { } profile:
                return Obstacle(AnomalyKind.StatisticsMissing, ValidationSeverity.Warning, $"There is no profile '{distribution.Profile}' with this column to compare with.");
            case DistributionConstraint distribution when FindProfile(distribution.Profile, column.Name)!.Type is var type && KindOf(type) != KindOf(column.Type):
                return Obstacle(AnomalyKind.StatisticsMissing, ValidationSeverity.Warning, $"In the profile '{distribution.Profile}' the column is {type}, which cannot be compared with {column.Type}.");
            default: return null;
        }

        ValidationFinding Obstacle(AnomalyKind kind, ValidationSeverity severity, string message) => new(kind, severity, column.Name, message) { Constraint = constraint };
    }

    /// <summary>Checks that everything is there that the constraints name.</summary>
    /// <exception cref="ArgumentException">A key set or a test is absent.</exception>
    public void CheckReferences(IEnumerable<Constraint> constraints)
    {
        foreach (var constraint in constraints)
        {
            if (constraint is ForeignKeyConstraint { Keys: var keys } && !options.Keys.ContainsKey(keys))
                throw new ArgumentException($"The schema looks up keys of '{keys}', which are not there. Give them by {nameof(DataValidationOptions)}.{nameof(DataValidationOptions.Keys)}[\"{keys}\"]{Known(options.Keys.Keys)}.", nameof(constraints));
            if (constraint is PredicateConstraint { Predicate: null, Name: var test } && !options.Predicates.ContainsKey(test))
                throw new ArgumentException($"The schema names a test '{test}', whose code is not there. Give it by {nameof(DataValidationOptions)}.{nameof(DataValidationOptions.Predicates)}[\"{test}\"]{Known(options.Predicates.Keys)}.", nameof(constraints));
            if (constraint is RowPredicateConstraint { Predicate: null, Name: var rowTest } && !options.RowPredicates.ContainsKey(rowTest))
                throw new ArgumentException($"The schema names a test of rows '{rowTest}', whose code is not there. Give it by {nameof(DataValidationOptions)}.{nameof(DataValidationOptions.RowPredicates)}[\"{rowTest}\"]{Known(options.RowPredicates.Keys)}.", nameof(constraints));
            // A profile may be absent, as on the first day; one that was misspelt is a mistake.
            if (ProfileOf(constraint) is { } profile && !options.Profiles.ContainsKey(profile) && NearestName.Find(profile, [.. options.Profiles.Keys]) is { } meant)
                throw new ArgumentException($"The schema compares with a profile '{profile}', which is not there, but '{meant}' is. Correct the one or the other name.", nameof(constraints));
        }
    }

    /// <summary>Begins the scan of a constraint that has no obstacle.</summary>
    public ColumnScan Create(ColumnConstraint constraint, ColumnSchema column, DataSchema actual, SharedScans shared) => constraint switch
    {
        CompletenessConstraint typed => new CompletenessScan(typed, column, options.RowsShown),
        RangeConstraint typed => new RangeScan(typed, column, options.RowsShown),
        TimeRangeConstraint typed => new TimeRangeScan(typed, column, options.RowsShown),
        FiniteConstraint typed => new FiniteScan(typed, column, options.RowsShown),
        SetConstraint typed => new SetScan(typed, Prepare(typed, set => new ValueSet(set.Values)), column, options.RowsShown),
        PatternConstraint typed => new PatternScan(typed, Prepare(typed, pattern => new PatternMatcher(pattern.Pattern, options.PatternTimeout)), column, options.RowsShown),
        LengthConstraint typed => new LengthScan(typed, column, options.RowsShown),
        UniquenessConstraint typed => new UniquenessScan(typed, shared.GetOccurrences(column), column, options.RowsShown),
        DistinctCountConstraint typed => new DistinctCountScan(typed, shared.GetOccurrences(column), column, options.RowsShown),
        MonotoneConstraint typed => MonotoneScan.Create(typed, column, options.RowsShown),
        ComparisonConstraint typed => new ComparisonScan(typed, column, actual.IndexOf(typed.Other), actual[typed.Other].Type == column.Type, options.RowsShown),
        AggregateConstraint typed => new AggregateScan<AggregateConstraint>(typed, typed.Minimum, typed.Maximum, Measure(typed.Aggregate, shared.GetMoments()), column, options.RowsShown),
        QuantileConstraint typed => new AggregateScan<QuantileConstraint>(typed, typed.Minimum, typed.Maximum, Measure(typed.Quantile, shared.GetQuantiles()), column, options.RowsShown),
        ForeignKeyConstraint typed => new ForeignKeyScan(typed, options.Keys[typed.Keys], column, options.RowsShown),
        DistributionConstraint typed => new DistributionScan(typed, FindProfile(typed.Profile, column.Name)!, column, options.RowsShown),
        PredicateConstraint typed => new PredicateScan(typed, PredicateOf(typed), column, options.RowsShown),
        _ => throw new NotSupportedException($"There is no check of {constraint.GetType().Name}."),
    };

    /// <summary>Begins the scan of a constraint on rows; <see langword="null"/> where it is judged by their number alone.</summary>
    public RowScan? Create(DatasetConstraint constraint, DataSchema actual) => constraint switch
    {
        UniqueKeyConstraint typed => new UniqueKeyScan(typed, actual, options.RowsShown),
        RowPredicateConstraint typed => new RowPredicateScan(typed, typed.Predicate ?? options.RowPredicates[typed.Name], options.RowsShown),
        _ => null,
    };

    private ColumnPredicate PredicateOf(PredicateConstraint constraint) => constraint.Predicate ?? options.Predicates[constraint.Name];

    private ColumnProfile? FindProfile(string profile, string column) => options.Profiles.TryGetValue(profile, out var found) ? found.Find(column) : null;

    /// <summary>Profiles of one kind have the same sketches, and units.</summary>
    private static ElementType KindOf(ElementType type) => type is ElementType.String or ElementType.Boolean or ElementType.Date or ElementType.Timestamp ? type : ElementType.Float64;

    private static string? ProfileOf(Constraint constraint) => constraint switch
    {
        DistributionConstraint distribution => distribution.Profile,
        RowCountChangeConstraint change => change.Profile,
        _ => null,
    };

    private static string Known(ICollection<string> names) => names.Count == 0 ? "" : $"; there are only {string.Join(", ", names)}";

    private T Prepare<TConstraint, T>(TConstraint constraint, Func<TConstraint, T> prepare)
        where TConstraint : Constraint
        where T : class
        => (T)_prepared.GetOrAdd(constraint, static (key, argument) => argument((TConstraint)key), prepare);

    private static Func<double> Measure(ColumnAggregate aggregate, MomentsSketch moments) => aggregate switch
    {
        ColumnAggregate.Minimum => () => moments.Count == 0 ? double.NaN : moments.Minimum,
        ColumnAggregate.Maximum => () => moments.Count == 0 ? double.NaN : moments.Maximum,
        ColumnAggregate.Mean => () => moments.Count == 0 ? double.NaN : moments.Mean,
        ColumnAggregate.Sum => () => moments.Sum,
        _ => () => moments.FiniteCount == 0 ? double.NaN : moments.StandardDeviation,
    };

    private static Func<double> Measure(double quantile, KllSketch quantiles) => () => quantiles.Count == 0 ? double.NaN : quantiles.GetQuantile(quantile);
}
