using FsCheck;
using FsCheck.Fluent;
using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Suggestions;

public sealed class SchemaRelaxationTests
{
    private static readonly string[] s_names = ["a", "b", "c", "d"];

    private static readonly ColumnSchema[] s_types =
    [
        new("", ElementType.Float64), new("", ElementType.Int64), new("", ElementType.Float32), new("", ElementType.String), new("", ElementType.Boolean), new("", ElementType.Date),
        new("", ElementType.Float64) { Width = 2 }, new("", ElementType.Float64) { Width = 3 },
    ];

    private static readonly ColumnConstraint[] s_constraints =
    [
        new CompletenessConstraint(), new CompletenessConstraint(0.5, 7), new RangeConstraint(0, 1), new RangeConstraint(-1, null) { MinimumRatio = 0.9 }, new FiniteConstraint(), new UniquenessConstraint(),
        new UniquenessConstraint(0.4, 0.6), new DistinctCountConstraint(3, null), new DistinctCountConstraint(null, 2), new MonotoneConstraint(MonotoneOrder.Increasing), new ComparisonConstraint(ComparisonOperator.Less, "b"),
        new ComparisonConstraint(ComparisonOperator.GreaterOrEqual, "c") { MinimumRatio = 0.8 }, new AggregateConstraint(ColumnAggregate.Mean, 0, 0.5), new AggregateConstraint(ColumnAggregate.Maximum, null, 1),
        new AggregateConstraint(ColumnAggregate.Sum, 2), new QuantileConstraint(0.5, 0.5, 1), new ForeignKeyConstraint("keys"), new DistributionConstraint("previous", 0.01), new DistributionConstraint("gone", 0.1),
        new PredicateConstraint("positive"), new SetConstraint(["1", "2", "aa"]), new SetConstraint(["true"]) { Severity = ValidationSeverity.Warning }, new PatternConstraint("^a"),
        new LengthConstraint(2, 3), new TimeRangeConstraint(new DateTime(2024, 1, 2, 0, 0, 0, DateTimeKind.Utc)), new RangeConstraint(0, 0.5) { Environments = ["training"] },
    ];

    private static readonly DatasetConstraint[] s_dataset =
    [
        new RowCountConstraint(6), new RowCountConstraint(null, 3), new RowCountChangeConstraint(0.9, 1.1), new RowCountChangeConstraint(0.5, null, "gone"), new UniqueKeyConstraint(["a", "b"]),
        new RowPredicateConstraint("even") { MinimumRatio = 0.75 },
    ];

    private static readonly DatasetProfile s_previous = Profile(new DataBatch(new DataSchema(new ColumnSchema("a", ElementType.Float64), new ColumnSchema("b", ElementType.String)), new Column<double>([1, 2, 3, 4]), TextColumn.FromStrings("a", "b", "b", null)));

    [Fact]
    public async Task Relax_AnyData_PassAfterwards()
    {
        var options = await CreateOptionsAsync();

        Prop.ForAll(Arb.From(Cases), c =>
        {
            var (schema, rows, environment) = c;
            var checkedWith = With(options, environment);
            var report = new DataValidator(schema, checkedWith).Validate(rows);

            var relaxed = report.Relax(schema);

            Assert.Empty(new DataValidator(relaxed, checkedWith).Validate(rows).Findings);
            Assert.Equal(report.Findings.Count == 0, ReferenceEquals(schema, relaxed));
            // Nothing but what was found is changed.
            Assert.All(schema.Columns.Where(rules => report.Findings.All(finding => finding.Column != rules.Column.Name)), rules => Assert.Same(rules, relaxed[rules.Column.Name]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public async Task Relax_WithoutProfiles_PassToo()
    {
        var options = await CreateOptionsAsync();

        Prop.ForAll(Arb.From(Cases), c =>
        {
            var (schema, rows, environment) = c;
            var checkedWith = With(options, environment);

            var relaxed = new DataValidator(schema, checkedWith).Validate(rows).Relax(schema);

            Assert.Empty(new DataValidator(relaxed, checkedWith).Validate(rows).Findings);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Relax_PassingReport_ChangesNothing()
    {
        var data = await SuggestionData.ReadAsync("tests/TestData/churn.csv");
        var schema = await SchemaInference.InferAsync(data, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Same(schema, (await new DataValidator(schema).ValidateAsync(data, TestContext.Current.CancellationToken)).Relax(schema));
    }

    [Fact]
    public void Relax_ColumnMissing_BecomesOptional()
        => Assert.True(Relax(new ValidationSchema(Numbers("x", 1).Schema).Column("x").Required(), Numbers("x2", 1))["x"].IsOptional);

    [Fact]
    public void Relax_ColumnNew_IsAddedWithoutConstraints()
    {
        var relaxed = Relax(new ValidationSchema(new DataSchema()), Numbers("x", 1));

        Assert.Equal(new ColumnSchema("x", ElementType.Float64), Assert.Single(relaxed.Columns).Column);
        Assert.Empty(relaxed["x"].Constraints);
    }

    [Fact]
    public void Relax_TypeChanged_KeepsOnlyWhatWasJudged()
    {
        ValidationSchema schema = new ValidationSchema(new DataSchema(new ColumnSchema("x", ElementType.Boolean, ColumnRole.Label))).Column("x").Required().Distinct(2, null);

        var rules = Relax(schema, Numbers("x", 1, double.NaN, 3, 4))["x"];

        Assert.Equal(new ColumnSchema("x", ElementType.Float64, ColumnRole.Label), rules.Column);
        Assert.Equal([new CompletenessConstraint(0.75)], rules.Constraints);
    }

    [Fact]
    public void Relax_Shares_AreThoseOfTheDataRoundedDown()
    {
        ValidationSchema schema = new ValidationSchema(Numbers("x", 1).Schema).Column("x").Between(0, 1).AsWarning().Required(0.9).Ordered();

        var rules = Relax(schema, Numbers("x", 0.5, 0.6, 7, 0.4, double.NaN, double.NaN))["x"];

        Assert.Equal([new RangeConstraint(0, 1) { MinimumRatio = 0.75, Severity = ValidationSeverity.Warning }, new CompletenessConstraint(0.666), new MonotoneConstraint(MonotoneOrder.Increasing) { MinimumRatio = 0.75 }], rules.Constraints);
    }

    [Fact]
    public void Relax_Figures_AreWidenedToWhatWasMeasured()
    {
        ValidationSchema schema = new ValidationSchema(Numbers("x", 1).Schema, new RowCountConstraint(5, 9)).Column("x").MeanBetween(0, 1).QuantileBetween(0, 4, 5).Aggregate(ColumnAggregate.Sum, 0, 100);

        var relaxed = Relax(schema, Numbers("x", 1, 2, 3, 4));

        Assert.Equal([new AggregateConstraint(ColumnAggregate.Mean, 0, 2.5), new QuantileConstraint(0, 1, 5), new AggregateConstraint(ColumnAggregate.Sum, 0, 100)], relaxed["x"].Constraints);
        Assert.Equal([new RowCountConstraint(4, 9)], relaxed.Constraints);
    }

    [Fact]
    public void Relax_InfiniteFigure_LosesTheConstraint()
    {
        ValidationSchema schema = new ValidationSchema(Numbers("x", 1).Schema).Column("x").Aggregate(ColumnAggregate.Maximum, 0, 1).Aggregate(ColumnAggregate.Maximum, null, 2);

        Assert.Empty(Relax(schema, Numbers("x", 1, double.PositiveInfinity))["x"].Constraints);
    }

    [Fact]
    public void Relax_WhatCannotBeWidened_IsLeftOut()
    {
        var rows = new DataBatch(new DataSchema(new ColumnSchema("t", ElementType.String), new ColumnSchema("x", ElementType.Float64)), TextColumn.FromStrings(new string('a', 40) + "!"), new Column<double>([double.NaN]));
        ValidationSchema schema = new ValidationSchema(rows.Schema, new UniqueKeyConstraint(["gone"])).With(new ColumnRules(new ColumnSchema("gone", ElementType.Float64)) { IsOptional = true })
            .With(new ColumnRules(rows.Schema["t"], new RangeConstraint(0, 1), new PatternConstraint("(?=a)^(a+)+$"), new LengthConstraint(1, 50)))
            .Column("x").Finite().MeanBetween(0, 1).Is(ComparisonOperator.Less, "gone").Like("gone", 0.1);
        var report = new DataValidator(schema).Validate(rows);

        var relaxed = report.Relax(schema);

        Assert.Equal(
            [AnomalyKind.InvalidConstraint, AnomalyKind.PatternTimeout, AnomalyKind.ColumnMissing, AnomalyKind.NotFinite, AnomalyKind.StatisticsMissing, AnomalyKind.StatisticsMissing, AnomalyKind.ColumnMissing],
            report.Findings.Select(finding => finding.Kind));
        Assert.Equal([new LengthConstraint(1, 50)], relaxed["t"].Constraints);
        Assert.Empty(relaxed["x"].Constraints);
        Assert.Empty(relaxed.Constraints);
    }

    [Fact]
    public void Relax_RowCountChange_TakesTheMeasuredQuotient()
    {
        var schema = new ValidationSchema(Numbers("x", 1).Schema, new RowCountChangeConstraint(0.9, 2));
        var options = new DataValidationOptions { Profiles = { [DataValidationOptions.Previous] = s_previous } };
        var report = new DataValidator(schema, options).Validate(Numbers("x", 1, 2, 3));

        Assert.Equal([new RowCountChangeConstraint(0.75, 2)], report.Relax(schema).Constraints);
    }

    [Fact]
    public void Relax_ReportReadFromJson_RelaxesTheSame()
    {
        var rows = new DataBatch(new DataSchema(new ColumnSchema("t", ElementType.String), new ColumnSchema("new", ElementType.Int64)), TextColumn.FromStrings("a", "b", "b"), new Column<long>([1, 2, 3]));
        ValidationSchema schema = new ValidationSchema(rows.Schema, new UniqueKeyConstraint(["t"])).Without("new")
            .Column("t").In("a").OnlyIn("serving").Satisfying("is_a", (string text) => text == "a").Matching("^a").Unique();
        var report = new DataValidator(schema, new DataValidationOptions { Environment = "serving" }).Validate(rows);

        var relaxed = report.Relax(schema);

        Assert.Equal(6, report.Findings.Count);
        Assert.Equal(relaxed.ToJson(), DataValidationReport.FromJson(report.ToJson()).Relax(schema).ToJson());
        Assert.NotEqual(schema.ToJson(), relaxed.ToJson());
    }

    private static Gen<(ValidationSchema Schema, DataBatch Rows, string? Environment)> Cases =>
        from expected in Gen.ArrayOf(Gen.Elements(s_types), s_names.Length)
        from constraints in Gen.ArrayOf(Gen.SubListOf(s_constraints), s_names.Length)
        from dataset in Gen.SubListOf(s_dataset)
        from newColumns in Gen.Elements<ValidationSeverity?>(null, ValidationSeverity.Warning, ValidationSeverity.Error)
        from rows in Gen.Choose(0, 12)
        from present in Gen.ArrayOf(Gen.Frequency((5, Gen.Constant(true)), (1, Gen.Constant(false))), s_names.Length + 1)
        from same in Gen.ArrayOf(Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false))), s_names.Length)
        from other in Gen.ArrayOf(Gen.Elements(s_types), s_names.Length)
        from values in Gen.ArrayOf(Gen.Choose(0, 9), 3 * (rows + 1) * s_names.Length)
        from environment in Gen.Elements<string?>(null, "training", "serving")
        let actual = s_names.Index().Where(name => present[name.Index]).Select(name => (same[name.Index] ? expected[name.Index] : other[name.Index]) with { Name = name.Item })
            .Concat(present[^1] ? [] : [new ColumnSchema("new", ElementType.Int64)]).ToArray()
        where actual.Length > 0
        select (MakeSchema(expected, constraints, dataset, newColumns), new DataBatch(new DataSchema(actual), actual.Select((column, i) => MakeColumn(column, rows, values[(i * rows)..]))), environment);

    /// <summary>Leaves out what contradicts what is there.</summary>
    private static ValidationSchema MakeSchema(ColumnSchema[] types, IList<ColumnConstraint>[] constraints, IList<DatasetConstraint> dataset, ValidationSeverity? newColumns)
    {
        var schema = new ValidationSchema(s_names.Select((name, i) => new ColumnRules(types[i] with { Name = name }) { AbsentIn = i == 3 ? ["serving"] : [] })).WithNewColumns(newColumns);
        foreach (var constraint in dataset)
        {
            if (schema.With(constraint) is var more && more.FindContradictions().Count == 0) schema = more;
        }

        for (var i = 0; i < s_names.Length; i++)
        {
            foreach (var constraint in constraints[i])
            {
                var rules = schema[s_names[i]];
                if (schema.With(rules with { Constraints = [.. rules.Constraints, constraint] }) is var more && more.FindContradictions().Count == 0) schema = more;
            }
        }

        return schema;
    }

    private static Column MakeColumn(ColumnSchema column, int rows, int[] values)
    {
        var validity = new ulong[1];
        for (var row = 0; row < rows; row++) validity[0] |= values[row] == 9 ? 0 : 1UL << row;
        var numbers = values.Take(rows * column.Width).Select(value => value switch { 7 => double.NaN, 8 => double.PositiveInfinity, _ => (value - 2) / 2.0 }).ToArray();
        return column.Type switch
        {
            ElementType.Float64 => new Column<double>(numbers, validity, column.Width),
            ElementType.Float32 => new Column<float>([.. numbers.Select(number => (float)number)], validity),
            ElementType.Int64 => new Column<long>([.. values.Take(rows).Select(value => (long)value)], validity),
            ElementType.Boolean => new Column<bool>([.. values.Take(rows).Select(value => value > 3)], validity),
            ElementType.Date => new Column<DateOnly>([.. values.Take(rows).Select(value => new DateOnly(2024, 1, 1 + value))], validity),
            _ => TextColumn.FromStrings([.. values.Take(rows).Select(value => value switch { 0 => "1", 1 => "2", 2 => "a", 3 => "aa", 4 => new string('a', 40) + "!", 5 => "", 9 => null, _ => "zzz" })]),
        };
    }

    private static async Task<DataValidationOptions> CreateOptionsAsync() => new()
    {
        Profiles = { ["previous"] = s_previous },
        Keys = { ["keys"] = await KeySet.ReadAsync(SuggestionData.Of(("id", TextColumn.FromStrings("1", "aa"))), "id", TestContext.Current.CancellationToken) },
        Predicates = { ["positive"] = ColumnPredicate.Of((double value) => value > 0) },
        RowPredicates = { ["even"] = (_, row) => row % 2 == 0 },
    };

    private static DataValidationOptions With(DataValidationOptions options, string? environment) => new()
    {
        Environment = environment, Profiles = options.Profiles, Keys = options.Keys, Predicates = options.Predicates, RowPredicates = options.RowPredicates,
    };

    private static ValidationSchema Relax(ValidationSchema schema, DataBatch rows) => new DataValidator(schema).Validate(rows).Relax(schema);

    private static DatasetProfile Profile(DataBatch rows)
    {
        var profile = new DatasetProfile(rows.Schema);
        profile.Add(rows);
        return profile;
    }

    private static DataBatch Numbers(string name, params double[] values) => new(new DataSchema(new ColumnSchema(name, ElementType.Float64)), new Column<double>(values));
}
