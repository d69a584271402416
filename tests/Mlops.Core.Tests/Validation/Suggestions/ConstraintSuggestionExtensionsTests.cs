using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Suggestions;

public sealed class ConstraintSuggestionExtensionsTests
{
    private static readonly DataSchema s_columns = new(
        new ColumnSchema("x", ElementType.Float64), new ColumnSchema("y", ElementType.Float64), new ColumnSchema("t", ElementType.String), new ColumnSchema("v", ElementType.Float32) { Width = 2 });

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    // What the schema has, what is suggested, and what it has then.
    private static readonly Dictionary<string, (ColumnConstraint[] There, ColumnConstraint[] Suggested, ColumnConstraint[] Expected)> s_cases = new()
    {
        ["new"] = ([], [new RangeConstraint(0, null)], [new RangeConstraint(0, null)]),
        ["the same"] = ([new RangeConstraint(0, 1)], [new RangeConstraint(0, 1)], [new RangeConstraint(0, 1)]),
        ["both ends"] = ([], [new RangeConstraint(0, null), new RangeConstraint(null, 9)], [new RangeConstraint(0, 9)]),
        ["looser there"] = ([new RangeConstraint(-100, 100)], [new RangeConstraint(0, null)], [new RangeConstraint(0, 100)]),
        ["stricter there"] = ([new RangeConstraint(1, 2)], [new RangeConstraint(0, 3)], [new RangeConstraint(1, 2)]),
        ["a share there"] = ([new RangeConstraint(0, 3) { MinimumRatio = 0.9 }], [new RangeConstraint(0, 3)], [new RangeConstraint(0, 3)]),
        ["a share of less there"] = ([new RangeConstraint(0, 3) { MinimumRatio = 0.9 }], [new RangeConstraint(0, 5)], [new RangeConstraint(0, 3) { MinimumRatio = 0.9 }, new RangeConstraint(0, 5)]),
        ["contradiction"] = ([new RangeConstraint(null, -5)], [new RangeConstraint(0, null), new FiniteConstraint()], [new RangeConstraint(null, -5), new FiniteConstraint()]),
        ["complete"] = ([new CompletenessConstraint(0.5, 3)], [new CompletenessConstraint()], [new CompletenessConstraint(1, 3)]),
        ["more complete there"] = ([new CompletenessConstraint()], [new CompletenessConstraint(0.9)], [new CompletenessConstraint()]),
        ["finite"] = ([new FiniteConstraint()], [new FiniteConstraint()], [new FiniteConstraint()]),
        ["unique"] = ([new UniquenessConstraint(0.5)], [new UniquenessConstraint()], [new UniquenessConstraint()]),
        ["distinct"] = ([new DistinctCountConstraint(2, null)], [new DistinctCountConstraint(null, 9)], [new DistinctCountConstraint(2, 9)]),
        ["strict order"] = ([new MonotoneConstraint(MonotoneOrder.Increasing)], [new MonotoneConstraint(MonotoneOrder.StrictlyIncreasing)], [new MonotoneConstraint(MonotoneOrder.StrictlyIncreasing)]),
        ["other figures"] = ([new AggregateConstraint(ColumnAggregate.Mean, 0, 9)], [new AggregateConstraint(ColumnAggregate.Mean, 1, 2), new AggregateConstraint(ColumnAggregate.Sum, 1, 2)], [new AggregateConstraint(ColumnAggregate.Mean, 1, 2), new AggregateConstraint(ColumnAggregate.Sum, 1, 2)]),
        ["stricter warning"] = ([new AggregateConstraint(ColumnAggregate.Mean, 0, 9)], [new AggregateConstraint(ColumnAggregate.Mean, 1, 2) { Severity = ValidationSeverity.Warning }], [new AggregateConstraint(ColumnAggregate.Mean, 0, 9), new AggregateConstraint(ColumnAggregate.Mean, 1, 2) { Severity = ValidationSeverity.Warning }]),
        ["looser warning"] = ([new QuantileConstraint(0.5, 1, 2)], [new QuantileConstraint(0.5, 0, 3) { Severity = ValidationSeverity.Warning }], [new QuantileConstraint(0.5, 1, 2)]),
        ["error for a warning"] = ([new RangeConstraint(0, 3) { Severity = ValidationSeverity.Warning }], [new RangeConstraint(0, 3)], [new RangeConstraint(0, 3)]),
        ["comparison"] = ([new ComparisonConstraint(ComparisonOperator.LessOrEqual, "y")], [new ComparisonConstraint(ComparisonOperator.Less, "y")], [new ComparisonConstraint(ComparisonOperator.Less, "y")]),
        ["comparison with nothing"] = ([], [new ComparisonConstraint(ComparisonOperator.Less, "z"), new ComparisonConstraint(ComparisonOperator.Less, "t")], []),
        ["environment"] = ([new RangeConstraint(0, 3) { Environments = ["training"] }], [new RangeConstraint(0, 2)], [new RangeConstraint(0, 3) { Environments = ["training"] }, new RangeConstraint(0, 2)]),
        ["other type"] = ([], [new LengthConstraint(1, 2)], []),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void ApplyTo_Schema_HasWhatIsStricter(string name)
    {
        var (there, suggested, expected) = s_cases[name];
        var schema = new ValidationSchema(s_columns).With(new ColumnRules(s_columns["x"], there));

        var applied = Suggest("x", suggested).ApplyTo(schema);

        Assert.Equal(expected, applied["x"].Constraints, ConstraintMerge.Same);
        Assert.Equal(applied.ToJson(), Suggest("x", suggested).ApplyTo(applied).ToJson());
        Assert.Equal(there.Length, schema["x"].Constraints.Count);
    }

    [Fact]
    public void ApplyTo_Sets_TheSmallerOneIsKept()
    {
        var schema = new ValidationSchema(s_columns).With(new ColumnRules(s_columns["t"], new SetConstraint(["a", "b", "c"])));

        Assert.Equal(["a", "b"], Assert.IsType<SetConstraint>(Assert.Single(Suggest("t", new SetConstraint(["a", "b"])).ApplyTo(schema)["t"].Constraints)).Values);
        Assert.Equal(["a", "b", "c"], Assert.IsType<SetConstraint>(Assert.Single(Suggest("t", new SetConstraint(["a", "b", "c", "d"]) { MinimumRatio = 0.9 }).ApplyTo(schema)["t"].Constraints)).Values);
    }

    [Fact]
    public void ApplyTo_ViolatedSuggestionsAndUnknownColumns_AreLeftOut()
    {
        var schema = new ValidationSchema(s_columns);

        var applied = Suggest("gone", new FiniteConstraint()).Append(new ConstraintSuggestion("x", new FiniteConstraint(), "") { Held = false }).ApplyTo(schema);

        Assert.Equal(schema.ToJson(), applied.ToJson());
    }

    [Fact]
    public void ApplyTo_Schema_KeepsEverythingElse()
    {
        var schema = new ValidationSchema(new ColumnRules[] { new(s_columns["x"]) { IsOptional = true, AbsentIn = ["live"], Description = "a note" } }, new RowCountConstraint(1))
            .WithEnvironments("live", "offline").WithNewColumns(ValidationSeverity.Error);

        var applied = Suggest("x", new FiniteConstraint()).Append(new ConstraintSuggestion(null, new RowCountConstraint(10), "") { Held = true }).ApplyTo(schema);

        Assert.Equal(schema["x"] with { Constraints = applied["x"].Constraints }, applied["x"]);
        Assert.Equal(schema.Environments, applied.Environments);
        Assert.Equal(schema.NewColumns, applied.NewColumns);
        Assert.Equal([new RowCountConstraint(10)], applied.Constraints);
    }

    private static IEnumerable<ConstraintSuggestion> Suggest(string column, params ColumnConstraint[] constraints)
        => constraints.Select(constraint => new ConstraintSuggestion(column, constraint, "") { Held = true });
}
