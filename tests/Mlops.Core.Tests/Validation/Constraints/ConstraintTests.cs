using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Constraints;

/// <summary>What constraints make of columns of all types, of missing values and of values at their limits.</summary>
public sealed class ConstraintTests
{
    private static readonly DateTime s_noon = new(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc);

    public static TheoryData<string, Column> NumberColumns => new()
    {
        { "Float64", new Column<double>([1, 2, 3, 0, 9], [0b10111]) },
        { "Float32", new Column<float>([1, 2, 3, 0, 9], [0b10111]) },
        { "Float16", new Column<Half>([(Half)1, (Half)2, (Half)3, Half.Zero, (Half)9], [0b10111]) },
        { "Int64", new Column<long>([1, 2, 3, 0, 9], [0b10111]) },
        { "Int32", new Column<int>([1, 2, 3, 0, 9], [0b10111]) },
        { "Int16", new Column<short>([1, 2, 3, 0, 9], [0b10111]) },
        { "Int8", new Column<sbyte>([1, 2, 3, 0, 9], [0b10111]) },
        { "UInt64", new Column<ulong>([1, 2, 3, 0, 9], [0b10111]) },
        { "UInt32", new Column<uint>([1, 2, 3, 0, 9], [0b10111]) },
        { "UInt16", new Column<ushort>([1, 2, 3, 0, 9], [0b10111]) },
        { "UInt8", new Column<byte>([1, 2, 3, 0, 9], [0b10111]) },
    };

    /// <summary>Rows 1, 2, 3, missing, 9: what each constraint finds, whatever the type of the numbers.</summary>
    [Theory]
    [MemberData(nameof(NumberColumns))]
    public void Validate_NumbersOfAnyType_AreJudgedAlike(string type, Column column)
    {
        Assert.Equal(type, column.Type.ToString());
        Assert.Equal([3L], Find(column, new CompletenessConstraint(0.9)));
        Assert.Null(Find(column, new CompletenessConstraint(0.8, 4)));
        Assert.Equal([3L], Find(column, new CompletenessConstraint(0, 5)));
        Assert.Equal([0L, 4L], Find(column, new RangeConstraint(2, 8)));
        Assert.Null(Find(column, new RangeConstraint(1, 9)));
        Assert.Null(Find(column, new RangeConstraint(2, 8) { MinimumRatio = 0.5 }));
        Assert.Null(Find(column, new MonotoneConstraint(MonotoneOrder.StrictlyIncreasing)));
        Assert.Equal([1L, 2L, 4L], Find(column, new MonotoneConstraint(MonotoneOrder.Decreasing)));
        Assert.Null(Find(column, new UniquenessConstraint()));
        Assert.Null(Find(column, new DistinctCountConstraint(4, 4)));
        Assert.NotNull(Find(column, new DistinctCountConstraint(5, null)));
        Assert.Null(Find(column, new AggregateConstraint(ColumnAggregate.Mean, 3.75, 3.75)));
        Assert.Null(Find(column, new AggregateConstraint(ColumnAggregate.Sum, 15, 15)));
        Assert.Null(Find(column, new AggregateConstraint(ColumnAggregate.Minimum, 1, 1)));
        Assert.Null(Find(column, new AggregateConstraint(ColumnAggregate.Maximum, 9, 9)));
        Assert.Null(Find(column, new AggregateConstraint(ColumnAggregate.StandardDeviation, 3.11, 3.12)));
        Assert.NotNull(Find(column, new AggregateConstraint(ColumnAggregate.Mean, null, 3.7)));
        Assert.Null(Find(column, new QuantileConstraint(0.5, 2, 3)));
        Assert.NotNull(Find(column, new QuantileConstraint(0.5, 4, null)));
        if (!column.Type.IsFloatingPoint()) Assert.Equal([2L], Find(column, new SetConstraint(["1", "2", "9"])));
        Assert.Null(Find(column, new FiniteConstraint()));
        Assert.Equal([4L], Find(column, new PredicateConstraint("small") { Predicate = ColumnPredicate.Of((double value) => value < 5) }));
        Assert.Equal([3L, 4L], Find(column, new PredicateConstraint("small") { Predicate = ColumnPredicate.Of((double? value) => value < 5) }));
    }

    [Fact]
    public void Validate_DaysAndMoments_AreJudgedToTheTick()
    {
        var days = new Column<DateOnly>([new(2024, 2, 28), new(2024, 2, 29), new(2024, 3, 1)]);
        Assert.Equal([0L, 2L], Find(days, TimeRange(new DateOnly(2024, 2, 29), new DateOnly(2024, 2, 29))));
        var moments = new Column<DateTime>([s_noon, s_noon.AddTicks(1), default, s_noon.AddTicks(-1)], [0b1011]);
        Assert.Equal([1L], Find(moments, new TimeRangeConstraint(null, s_noon)));
        Assert.Equal([3L], Find(moments, new TimeRangeConstraint(s_noon, null)));
        Assert.Equal([3L], Find(moments, new MonotoneConstraint(MonotoneOrder.Increasing)));
        Assert.Null(Find(moments, new UniquenessConstraint()));
        // A day ends with its last tick.
        Assert.Null(Find(moments, TimeRange(new DateOnly(2024, 2, 29), new DateOnly(2024, 2, 29))));

        static ColumnConstraint TimeRange(DateOnly first, DateOnly last)
            => new ValidationSchema(new DataSchema(new ColumnSchema("x", ElementType.Date))).Column("x").Between(first, last).Schema["x"].Constraints[0];
    }

    [Fact]
    public void Validate_TextsAndTruthValues_AreJudged()
    {
        var flags = new Column<bool>([true, false, true], [0b101]);
        Assert.Null(Find(flags, new SetConstraint(["true"])));
        Assert.Equal([0L, 2L], Find(flags, new SetConstraint(["false"])));
        Assert.Equal([2L], Find(flags, new UniquenessConstraint()));

        var texts = TextColumn.FromStrings("b", "B", null, "ä", "b");
        Assert.Equal([4L], Find(texts, new UniquenessConstraint()));
        Assert.Null(Find(texts, new UniquenessConstraint(0.5)));
        Assert.Null(Find(texts, new DistinctCountConstraint(3, 3)));
        Assert.Equal([1L, 4L], Find(texts, new MonotoneConstraint(MonotoneOrder.Increasing)));
        Assert.Equal([1L], Find(texts, new SetConstraint(["b", "ä"])));
        Assert.Equal([3L], Find(texts, new PatternConstraint("^[a-zA-Z]$")));
        Assert.Null(Find(texts, new LengthConstraint(1, 1)));
        // Of a dictionary each entry is judged once, for all its rows.
        var repeated = TextColumn.FromStrings([.. Enumerable.Range(0, 1000).Select(i => i % 10 == 7 ? "bad!" : "good")]);
        Assert.True(repeated.IsDictionaryEncoded);
        Assert.Equal([7L, 17, 27, 37, 47, 57, 67, 77, 87, 97], Find(repeated, new PatternConstraint("^[a-z]+$")));
        Assert.Equal([7L, 17, 27, 37, 47, 57, 67, 77, 87, 97], Find(repeated.Slice(0, 128), new LengthConstraint(4, 4), new SetConstraint(["good"])));
    }

    [Fact]
    public void Validate_ComparisonOfColumns_HoldsForEveryOperatorAndType()
    {
        var left = new Column<long>([1, 2, 3, long.MaxValue, 5], [0b01111]);
        var right = new Column<long>([2, 2, 2, long.MaxValue - 1, 5]);
        Assert.Equal([1L, 2, 3], Compare(left, ComparisonOperator.Less, right));
        Assert.Equal([2L, 3], Compare(left, ComparisonOperator.LessOrEqual, right));
        Assert.Equal([0L, 2, 3], Compare(left, ComparisonOperator.Equal, right));
        Assert.Equal([1L], Compare(left, ComparisonOperator.NotEqual, right));
        Assert.Equal([0L, 1], Compare(left, ComparisonOperator.Greater, right));
        Assert.Equal([0L], Compare(left, ComparisonOperator.GreaterOrEqual, right));
        Assert.Equal([2L], Compare(new Column<int>([1, 2, 3]), ComparisonOperator.LessOrEqual, new Column<float>([1.5f, 2, 2.5f])));
        Assert.Equal([1L], Compare(TextColumn.FromStrings("a", "b", null), ComparisonOperator.Equal, TextColumn.FromStrings("a", "c", "d")));
        Assert.Equal([1L], Compare(new Column<DateOnly>([new(2024, 2, 29), new(2024, 3, 1)]), ComparisonOperator.LessOrEqual, new Column<DateTime>([s_noon, s_noon])));
        Assert.Null(Compare(new Column<double>([double.NaN, 1]), ComparisonOperator.Less, new Column<double>([0, 2])));
    }

    [Fact]
    public async Task Validate_ForeignKeys_AreLookedUpAcrossWidthsAndBatches()
    {
        var customers = InMemoryDataset.FromColumns("customers", (new ColumnSchema("id", ElementType.Int64), new Column<long>([1, 2, 3, -4])), (new ColumnSchema("name", ElementType.String), TextColumn.FromStrings("a", "b", null, "d")));
        var (ids, names) = (await KeySet.ReadAsync(customers, "id", TestContext.Current.CancellationToken), await KeySet.ReadAsync(customers, "name", TestContext.Current.CancellationToken));
        Assert.Equal((4, 3), (ids.Count, names.Count));
        var options = new DataValidationOptions { Keys = { ["ids"] = ids, ["names"] = names } };
        Assert.Equal([2L], Find(options, new Column<int>([1, -4, 5, 0], [0b0111]), new ForeignKeyConstraint("ids")));
        Assert.Equal([1L], Find(options, TextColumn.FromStrings("a", "x", null), new ForeignKeyConstraint("names")));
        Assert.Null(Find(options, TextColumn.FromStrings("a", "x", null), new ForeignKeyConstraint("names") { MinimumRatio = 0.5 }));

        var mismatch = Validate(options, TextColumn.FromStrings("1"), new ForeignKeyConstraint("ids"));
        Assert.Equal(AnomalyKind.InvalidConstraint, Assert.Single(mismatch.Findings).Kind);
        var absent = Assert.Throws<ArgumentException>(() => Find(options, TextColumn.FromStrings("a"), new ForeignKeyConstraint("name")));
        Assert.Contains("there are only ids, names", absent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_UniqueKeyOfSeveralColumns_CountsMissingPartsToo()
    {
        var schema = new ValidationSchema(new DataSchema(new ColumnSchema("a", ElementType.Int64), new ColumnSchema("b", ElementType.String)), new UniqueKeyConstraint(["a", "b"]));
        var rows = new DataBatch(schema.DataSchema, new Column<long>([1, 1, 1, 2, 1]), TextColumn.FromStrings("x", "y", "x", null, "z"));
        var finding = Assert.Single(new DataValidator(schema).Validate(rows).Findings);
        Assert.Equal((AnomalyKind.UniquenessLow, 5), (finding.Kind, finding.JudgedCount));
        Assert.Equal([2L, 3L], finding.FirstRows);
        Assert.Empty(new DataValidator(schema).Validate(rows.Take([0, 1, 4])).Findings);

        var missing = new DataValidator(schema).Validate(rows.Select("a"));
        Assert.Contains(missing.Findings, found => found.Kind == AnomalyKind.ColumnMissing && found.Column is null);
    }

    [Fact]
    public void Validate_Distributions_AreComparedByTheMeasureAskedFor()
    {
        var random = new Random(1);
        Column Normal(double mean) => new Column<double>([.. Enumerable.Range(0, 20_000).Select(_ => mean + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))]);
        var options = new DataValidationOptions { Profiles = { ["training"] = Profile(Normal(0)) } };
        // D of two normal distributions one standard deviation apart: 2Φ(½) − 1.
        Assert.Null(Find(options, Normal(1), new DistributionConstraint("training", 0.41, DistanceMeasure.KolmogorovSmirnov)));
        Assert.NotNull(Find(options, Normal(1), new DistributionConstraint("training", 0.35, DistanceMeasure.KolmogorovSmirnov)));
        var report = Validate(options, Normal(1), new DistributionConstraint("training", 0));
        Assert.InRange(report.Findings[0].Measured!.Value, 0.12, 0.17);
        Assert.Null(Find(options, Normal(0), new DistributionConstraint("training", 0.005)));
        Assert.Equal(AnomalyKind.StatisticsMissing, Assert.Single(Validate(options, Normal(0), new DistributionConstraint("previous", 0.1)).Findings).Kind);
        Assert.Equal(ValidationVerdict.Warn, Validate(options, Normal(0), new DistributionConstraint("previous", 0.1)).Verdict);

        var flags = new DataValidationOptions { Profiles = { ["previous"] = Profile(new Column<bool>([true, true, false, false])) } };
        Assert.Equal(0.25, Validate(flags, new Column<bool>([true, false, false, false]), new DistributionConstraint("previous", 0)).Findings[0].Measured);
        Assert.Equal(1, Validate(flags, new Column<bool>([true]), new DistributionConstraint("previous", 0, DistanceMeasure.JensenShannon)).Findings[0].Measured!.Value, 0.7);
    }

    [Fact]
    public void Validate_Environments_LeaveOutWhatDoesNotApply()
    {
        ValidationSchema schema = new ValidationSchema(new DataSchema(new ColumnSchema("x", ElementType.Float64), new ColumnSchema("y", ElementType.Float64, ColumnRole.Label)))
            .Column("x").Between(0, 1).OnlyIn("serving")
            .Column("y").Required().AbsentIn("serving");
        var request = new DataBatch(schema.DataSchema.Select("x"), new Column<double>([2]));
        var training = new DataBatch(schema.DataSchema, new Column<double>([2]), new Column<double>([1]));

        Assert.Equal([(AnomalyKind.AboveRange, "x")], Kinds("serving", request));
        Assert.Equal([(AnomalyKind.AboveRange, "x")], Kinds("serving", training));
        Assert.Equal([(AnomalyKind.ColumnMissing, "y")], Kinds("training", request));
        Assert.Empty(Kinds("training", training));
        Assert.Equal([(AnomalyKind.AboveRange, "x"), (AnomalyKind.ColumnMissing, "y")], Kinds(null, request));
        Assert.Contains("it has training, serving", Assert.Throws<ArgumentException>(() => Kinds("servin", request)).Message, StringComparison.Ordinal);

        (AnomalyKind, string?)[] Kinds(string? environment, DataBatch rows)
            => [.. new DataValidator(schema, new DataValidationOptions { Environment = environment }).Validate(rows).Findings.Select(finding => (finding.Kind, finding.Column))];
    }

    [Fact]
    public void Validate_OptionalColumnAndNewColumns_AreAsTheSchemaSays()
    {
        ValidationSchema schema = new ValidationSchema(new DataSchema(new ColumnSchema("x", ElementType.Float64), new ColumnSchema("note", ElementType.String))).Column("note").OfLength(1, 3).Optional();
        var rows = new DataBatch(new DataSchema(new ColumnSchema("x", ElementType.Float64), new ColumnSchema("z", ElementType.Float64)), new Column<double>([2]), new Column<double>([1]));
        Assert.Equal(ValidationVerdict.Warn, new DataValidator(schema).Validate(rows).Verdict);
        Assert.Equal(ValidationVerdict.Pass, new DataValidator(schema.WithNewColumns(null)).Validate(rows).Verdict);
        Assert.Equal(ValidationVerdict.Fail, new DataValidator(schema.WithNewColumns(ValidationSeverity.Error)).Validate(rows).Verdict);
        var tooLong = new DataBatch(schema.DataSchema, new Column<double>([2]), TextColumn.FromStrings("long"));
        Assert.Equal(AnomalyKind.LengthOutOfRange, Assert.Single(new DataValidator(schema).Validate(tooLong).Findings).Kind);
        Assert.Throws<EntityNotFoundException>(() => schema.Without("y"));
        Assert.Equal("note", Assert.Single(schema.Without("x").Columns).Column.Name);
        Assert.Empty(schema.Column("note").Unconstrained().Schema["note"].Constraints);
    }

    [Fact]
    public void Validate_TestsNamedInJson_AreGivenToTheValidator()
    {
        var schema = new ValidationSchema(new DataSchema(new ColumnSchema("x", ElementType.Int64), new ColumnSchema("y", ElementType.Int64)))
            .Column("x").Satisfying("is_even", (long x) => x % 2 == 0).Schema
            .Satisfying("sum_is_ten", (batch, row) => ((Column<long>)batch["x"]).Values[row] + ((Column<long>)batch["y"]).Values[row] == 10);
        var rows = new DataBatch(schema.DataSchema, new Column<long>([1, 2, 4]), new Column<long>([9, 8, 7]));
        var expected = new DataValidator(schema).Validate(rows);
        Assert.Equal([[0L], [2L]], expected.Findings.Select(finding => finding.FirstRows));

        var read = ValidationSchema.FromJson(schema.ToJson());
        Assert.Contains("Predicates[\"is_even\"]", Assert.Throws<ArgumentException>(() => new DataValidator(read)).Message, StringComparison.Ordinal);
        var options = new DataValidationOptions
        {
            Predicates = { ["is_even"] = ColumnPredicate.Of((long x) => x % 2 == 0) },
            RowPredicates = { ["sum_is_ten"] = (batch, row) => (long)batch["x"].GetValue(row)! + (long)batch["y"].GetValue(row)! == 10 },
        };
        Assert.Equal(expected.ToJson(), new DataValidator(read, options).Validate(rows).ToJson());
        Assert.Equal(AnomalyKind.InvalidConstraint, Assert.Single(
            new DataValidator(read, new DataValidationOptions { Predicates = { ["is_even"] = ColumnPredicate.Of((string x) => x.Length == 0) }, RowPredicates = options.RowPredicates }).Validate(rows).Findings, finding => finding.Column == "x").Kind);
    }

    [Fact]
    public void ToJson_Report_IsReadBackAsItWas()
    {
        var options = new DataValidationOptions { Environment = "training", RowsShown = 2 };
        ValidationSchema schema = new ValidationSchema(new DataSchema(new ColumnSchema("x", ElementType.Float64))).Column("x").Between(0, 1, 0.75).AsWarning();
        var report = new DataValidator(schema, options).Validate(new DataBatch(new DataSchema(new ColumnSchema("x", ElementType.Float64), new ColumnSchema("z", ElementType.Boolean)), new Column<double>([2, 3, 4, 0.5]), new Column<bool>(new bool[4])), "today");
        var read = DataValidationReport.FromJson(report.ToJson());
        Assert.Equal(report.ToString(), read.ToString());
        Assert.Equal(report.ToJson(), read.ToJson());
        Assert.Equal(("today", "training", 4L, 2), (read.Dataset, read.Environment, read.RowCount, read.ConstraintCount));
        Assert.Equal("today: WARN – 4 rows, 2 constraints, 2 violated\n  warning x: 3 of 4 values (75 %) are above the range, from 0 to 1, for at least 75 % of the values; at least 75 % expected to be right. First rows: 0, 1.\n  warning z: The column (Boolean) is not in the schema.", read.ToString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"dataset\":\"d\",\"rowCount\":1,\"constraintCount\":0}")]
    [InlineData("{\"dataset\":\"d\",\"rowCount\":1,\"constraintCount\":0,\"findings\":[null]}")]
    [InlineData("{\"dataset\":\"d\",\"rowCount\":1,\"constraintCount\":0,\"findings\":[{}]}")]
    public void FromJson_NoReport_IsRefused(string json)
        => Assert.ThrowsAny<System.Text.Json.JsonException>(() => DataValidationReport.FromJson(System.Text.Encoding.UTF8.GetBytes(json)));

    private static IReadOnlyList<long>? Compare(Column left, ComparisonOperator comparison, Column right)
    {
        var schema = new DataSchema(new ColumnSchema("x", left.Type), new ColumnSchema("y", right.Type));
        var report = new DataValidator(new ValidationSchema(schema).Column("x").Is(comparison, "y")).Validate(new DataBatch(schema, left, right));
        return report.Findings.Count == 0 ? null : Assert.Single(report.Findings).FirstRows;
    }

    private static IReadOnlyList<long>? Find(Column column, params ColumnConstraint[] constraints) => Find(new DataValidationOptions(), column, constraints);

    /// <summary>The first rows of the last finding; null where there is none.</summary>
    private static IReadOnlyList<long>? Find(DataValidationOptions options, Column column, params ColumnConstraint[] constraints)
    {
        var report = Validate(options, column, constraints);
        Assert.All(report.Findings, finding => Assert.Equal(finding.ViolationCount > 10 ? 10 : finding.ViolationCount, finding.FirstRows.Count));
        return report.Findings.Count == 0 ? null : report.Findings[^1].FirstRows;
    }

    private static DataValidationReport Validate(DataValidationOptions options, Column column, params ColumnConstraint[] constraints)
    {
        var schema = new ValidationSchema([new ColumnRules(new ColumnSchema("x", column.Type), constraints)]);
        return new DataValidator(schema, options).Validate(new DataBatch(schema.DataSchema, column));
    }

    private static DatasetProfile Profile(Column column)
    {
        var profile = new DatasetProfile(new DataSchema(new ColumnSchema("x", column.Type)));
        profile.Add(new DataBatch(new DataSchema(new ColumnSchema("x", column.Type)), column));
        return profile;
    }
}
