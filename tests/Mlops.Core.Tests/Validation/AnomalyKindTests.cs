using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

/// <summary>Every kind of anomaly: data that have it, and the same data without it.</summary>
public sealed class AnomalyKindTests
{
    private static readonly Dictionary<AnomalyKind, Case> s_cases = new()
    {
        [AnomalyKind.ColumnMissing] = new(Data(Numbers("x", 1)), Data(Numbers("y", 1)), schema => schema.WithNewColumns(null)) { Column = "x", Judged = 0 },
        [AnomalyKind.ColumnNew] = new(Data(Numbers("x", 1)), Data(Numbers("x", 1), Numbers("y", 1)), schema => schema) { Column = "y", Severity = ValidationSeverity.Warning, Judged = 0 },
        [AnomalyKind.TypeChanged] = new(Data(Numbers("x", 1)), Data(Column("x", new Column<bool>([true]))), schema => schema) { Judged = 1 },
        [AnomalyKind.NotANumber] = new(Data(Numbers("x", 1, 2, 3)), Data(Texts("x", "1", "two", "3")), schema => schema) { Rows = [1], Judged = 3 },
        [AnomalyKind.TooFewValues] = new(Data(Vectors("x", 3, 1, 2, 3)), Data(Vectors("x", 2, 1, 2)), schema => schema) { Judged = 1 },
        [AnomalyKind.TooManyValues] = new(Data(Vectors("x", 2, 1, 2)), Data(Vectors("x", 3, 1, 2, 3)), schema => schema) { Judged = 1 },
        [AnomalyKind.InvalidConstraint] = new(Data(Texts("x", "1")), Data(Texts("x", "1")), schema => schema.With(new ColumnRules(schema["x"].Column, new RangeConstraint(0, 1)))) { IsNeverGood = true, Judged = 0 },
        [AnomalyKind.Incomplete] = new(Data(Numbers("x", 1, 2, 3)), Data(Numbers("x", 1, double.NaN, 3)), schema => schema.Column("x").Required(0.9)) { Rows = [1] },
        [AnomalyKind.BelowRange] = new(Data(Numbers("x", 1, 0, 3)), Data(Numbers("x", -1, 2, -3)), schema => schema.Column("x").NotNegative()) { Rows = [0, 2] },
        [AnomalyKind.AboveRange] = new(Data(Numbers("x", 1, 2, 3)), Data(Numbers("x", 1, 4, 3)), schema => schema.Column("x").Between(0, 3)) { Rows = [1] },
        [AnomalyKind.NotFinite] = new(Data(Numbers("x", 1, 2, 3)), Data(Numbers("x", 1, double.NegativeInfinity, double.NaN)), schema => schema.Column("x").Finite()) { Rows = [1, 2] },
        [AnomalyKind.NotInSet] = new(Data(Texts("x", "a", "b", null)), Data(Texts("x", "a", "c", null)), schema => schema.Column("x").In("a", "b")) { Rows = [1], Judged = 2 },
        [AnomalyKind.PatternMismatch] = new(Data(Texts("x", "AB1", "CD2")), Data(Texts("x", "AB1", "cd2")), schema => schema.Column("x").Matching("^[A-Z]{2}[0-9]$")) { Rows = [1] },
        [AnomalyKind.PatternTimeout] = new(Data(Texts("x", "aaa")), Data(Texts("x", new string('a', 40) + "!")), schema => schema.Column("x").Matching("(?=a)^(a+)+$")) { Judged = 1 },
        [AnomalyKind.LengthOutOfRange] = new(Data(Texts("x", "äöü", "😀😀")), Data(Texts("x", "äöü", "a", "abcd")), schema => schema.Column("x").OfLength(2, 3)) { Rows = [1, 2] },
        [AnomalyKind.UniquenessLow] = new(Data(Numbers("x", 1, 2, 3)), Data(Numbers("x", 1, 2, 1)), schema => schema.Column("x").Unique()) { Rows = [2] },
        [AnomalyKind.UniquenessHigh] = new(Data(Numbers("x", 1, 1, 2, 2)), Data(Numbers("x", 1, 2, 3, 3)), schema => schema.Column("x").With(new UniquenessConstraint(0, 0.4))) { Rows = [3] },
        [AnomalyKind.TooFewDistinct] = new(Data(Texts("x", "a", "b")), Data(Texts("x", "a", "a")), schema => schema.Column("x").Distinct(2, null)),
        [AnomalyKind.TooManyDistinct] = new(Data(Texts("x", "a", "b")), Data(Texts("x", "a", "b", "c")), schema => schema.Column("x").Distinct(null, 2)),
        [AnomalyKind.NotMonotone] = new(Data(Numbers("x", 1, 2, 2)), Data(Numbers("x", 1, 3, 2)), schema => schema.Column("x").Ordered()) { Rows = [2] },
        [AnomalyKind.ComparisonViolated] = new(Data(Numbers("x", 1, 2), Numbers("y", 1, 3)), Data(Numbers("x", 1, 4), Numbers("y", 1, 3)), schema => schema.Column("x").Is(ComparisonOperator.LessOrEqual, "y")) { Rows = [1] },
        [AnomalyKind.AggregateOutOfRange] = new(Data(Numbers("x", 1, 3)), Data(Numbers("x", 1, 9)), schema => schema.Column("x").MeanBetween(1, 3)),
        [AnomalyKind.KeyUnknown] = new(Data(Texts("x", "k1", "k2")), Data(Texts("x", "k1", "k9")), schema => schema.Column("x").KeyOf("keys")) { Rows = [1] },
        [AnomalyKind.DistributionChanged] = new(Data(Texts("x", "a", "b")), Data(Texts("x", "a", "a")), schema => schema.Column("x").Like("previous", 0.3)),
        [AnomalyKind.PredicateViolated] = new(Data(Numbers("x", 2, 4)), Data(Numbers("x", 2, 3)), schema => schema.Column("x").Satisfying("is_even", (double x) => x % 2 == 0)) { Rows = [1] },
        [AnomalyKind.StatisticsMissing] = new(Data(Numbers("x", 1)), Data(Numbers("x", double.NaN)), schema => schema.Column("x").MeanBetween(0, 1)),
        [AnomalyKind.TooFewRows] = new(Data(Numbers("x", 1, 2)), Data(Numbers("x", 1)), schema => schema.With(new RowCountConstraint(2))) { Column = null, Judged = 0 },
        [AnomalyKind.TooManyRows] = new(Data(Numbers("x", 1, 2)), Data(Numbers("x", 1, 2, 3)), schema => schema.With(new RowCountConstraint(null, 2))) { Column = null, Judged = 0 },
        [AnomalyKind.RowCountFallen] = new(Data(Texts("x", "a", "b")), Data(Texts("x", "a")), schema => schema.With(new RowCountChangeConstraint(0.6))) { Column = null, Judged = 0 },
        [AnomalyKind.RowCountGrown] = new(Data(Texts("x", "a", "b")), Data(Texts("x", "a", "b", "c", "d")), schema => schema.With(new RowCountChangeConstraint(null, 1.5))) { Column = null, Judged = 0 },
    };

    // That of metrics is found in their history rather than in data: MetricRulesTests.
    public static TheoryData<AnomalyKind> Kinds => [.. Enum.GetValues<AnomalyKind>().Where(kind => kind != AnomalyKind.MetricAnomaly)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Validate_DataWithTheAnomaly_FindItAndNothingElse(AnomalyKind kind)
    {
        var (good, bad) = (s_cases[kind].Good, s_cases[kind].Bad);
        var validator = await CreateAsync(kind);

        var finding = Assert.Single(validator.Validate(bad).Findings);

        Assert.Equal((kind, s_cases[kind].Severity, s_cases[kind].Column), (finding.Kind, finding.Severity, finding.Column));
        Assert.Equal(s_cases[kind].Rows, finding.FirstRows);
        Assert.Equal(s_cases[kind].Rows.Length, finding.ViolationCount);
        Assert.Equal(s_cases[kind].Judged ?? CountPresent(bad), finding.JudgedCount);
        Assert.Equal(finding.JudgedCount == 0 ? 0 : (double)finding.ViolationCount / finding.JudgedCount, finding.ViolationRatio);
        if (!s_cases[kind].IsNeverGood) Assert.Empty(validator.Validate(good).Findings);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Validate_SameDataInManyBatches_FindsTheSame(AnomalyKind kind)
    {
        var validator = await CreateAsync(kind);
        var bad = s_cases[kind].Bad;

        var validation = validator.Begin("rows", bad.Schema);
        for (var row = 0; row < bad.RowCount; row++) validation.Add(bad.Take([row]));

        Assert.Equal(validator.Validate(bad).ToJson(), validation.Finish().ToJson());
    }

    private static async Task<DataValidator> CreateAsync(AnomalyKind kind)
    {
        var keys = InMemoryDataset.FromColumns("keys", (new ColumnSchema("id", ElementType.String), TextColumn.FromStrings("k1", "k2", "k3")));
        return new DataValidator(s_cases[kind].Constrain(new ValidationSchema(s_cases[kind].Good.Schema)), new DataValidationOptions
        {
            Keys = { ["keys"] = await KeySet.ReadAsync(keys, "id", TestContext.Current.CancellationToken) },
            Profiles = { [DataValidationOptions.Previous] = Profile(Data(Texts("x", "a", "b"))) },
        });
    }

    private static int CountPresent(DataBatch rows) => rows.RowCount - rows["x"].NullCount;

    private static DatasetProfile Profile(DataBatch rows)
    {
        var profile = new DatasetProfile(rows.Schema);
        profile.Add(rows);
        return profile;
    }

    private static DataBatch Data(params (ColumnSchema Schema, Column Column)[] columns) => new(new DataSchema(columns.Select(column => column.Schema)), columns.Select(column => column.Column));

    private static (ColumnSchema, Column) Column(string name, Column column) => (new ColumnSchema(name, column.Type) { Width = column.Width }, column);

    private static (ColumnSchema, Column) Numbers(string name, params double[] values) => Column(name, new Column<double>(values));

    private static (ColumnSchema, Column) Texts(string name, params string?[] values) => Column(name, TextColumn.FromStrings(values));

    private static (ColumnSchema, Column) Vectors(string name, int width, params float[] values) => Column(name, new Column<float>(values, width: width));

    private sealed record Case(DataBatch Good, DataBatch Bad, Func<ValidationSchema, ValidationSchema> Constrain)
    {
        public string? Column { get; init; } = "x";

        public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

        public long[] Rows { get; init; } = [];

        public long? Judged { get; init; }

        public bool IsNeverGood { get; init; }
    }
}
