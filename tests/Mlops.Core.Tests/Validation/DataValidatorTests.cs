using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class DataValidatorTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("tests/TestData/churn.csv")]
    [InlineData("tests/TestData/credit.csv")]
    [InlineData("samples/data/chicago.csv")]
    public async Task ValidateAsync_DataOfTheInferredSchema_HasNoFindings(string file)
    {
        var dataset = await CsvDataset.OpenAsync(TestFiles.PathOf(file.Split('/')), cancellationToken: Token);
        var schema = SchemaInference.Infer(await DatasetProfile.CreateAsync(dataset, Token));

        // The JSON form is the same schema.
        schema = ValidationSchema.FromJson(schema.ToJson());
        var report = await new DataValidator(schema).ValidateAsync(dataset, Token);

        Assert.Equal(ValidationVerdict.Pass, report.Verdict);
        Assert.Empty(report.Findings);
        Assert.Same(report, report.EnsureValid());
    }

    [Fact]
    public async Task ValidateAsync_BrokenData_NamesEveryBreachOnceWithRows()
    {
        var good = await CsvDataset.OpenAsync(_directory.Write("good.csv", "a,b,c,d\n1,u,0.5,2001-01-01\n2,v,0.7,2001-01-02\n3,u,0.9,2001-01-03\n3,v,0.9,2001-01-04\n"), cancellationToken: Token);
        var schema = SchemaInference.Infer(await DatasetProfile.CreateAsync(good, Token));
        var broken = await CsvDataset.OpenAsync(_directory.Write("broken.csv", "a,b,d,e\n1,w,2001-01-01,1\n99,,2001-01-02,1\n-99,u,2001-01-03,1\n"), cancellationToken: Token);

        var report = await new DataValidator(schema).ValidateAsync(broken, Token);

        Assert.Equal(ValidationVerdict.Fail, report.Verdict);
        Assert.Equal(
            [("a", AnomalyKind.AboveRange), ("b", AnomalyKind.Incomplete), ("b", AnomalyKind.NotInSet), ("c", AnomalyKind.ColumnMissing), ("e", AnomalyKind.ColumnNew)],
            report.Findings.Select(finding => (finding.Column!, finding.Kind)));
        Assert.Equal([1, 2], report.Findings[0].FirstRows);
        var error = Assert.Throws<DataValidationException>(() => report.EnsureValid());
        Assert.Contains("c: The column is missing", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("99", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_TypeChanged_IsFoundAndItsConstraintsAreSkipped()
    {
        var good = await CsvDataset.OpenAsync(_directory.Write("good.csv", "a\n1.5\n2.5\n"), cancellationToken: Token);
        var schema = SchemaInference.Infer(await DatasetProfile.CreateAsync(good, Token));
        var texts = await CsvDataset.OpenAsync(_directory.Write("texts.csv", "a\nx\n"), cancellationToken: Token);
        var wholeNumbers = await CsvDataset.OpenAsync(_directory.Write("ints.csv", "a\n2\n"), cancellationToken: Token);

        Assert.Equal(AnomalyKind.NotANumber, Assert.Single((await new DataValidator(schema).ValidateAsync(texts, Token)).Findings).Kind);
        Assert.Empty((await new DataValidator(schema).ValidateAsync(wholeNumbers, Token)).Findings);
    }

    [Fact]
    public async Task ValidateAsync_NotFiniteAndTooFewRows_AreFound()
    {
        var schema = new ValidationSchema(new DataSchema(new ColumnSchema("x", ElementType.Float64)), new RowCountConstraint(3)).Column("x").Finite().Required().Schema;
        var dataset = InMemoryDataset.FromColumns("d", (new ColumnSchema("x", ElementType.Float64), new Column<double>([double.NaN, double.PositiveInfinity])));

        var report = await new DataValidator(schema).ValidateAsync(dataset, Token);

        Assert.Equal([AnomalyKind.Incomplete, AnomalyKind.NotFinite, AnomalyKind.TooFewRows], report.Findings.Select(finding => finding.Kind));
    }

    [Fact]
    public void Column_UnknownColumnOrEmptyRange_IsRefused()
    {
        var schema = new ValidationSchema(new DataSchema(new ColumnSchema("age", ElementType.Int64)));
        Assert.Throws<EntityNotFoundException>(() => schema.Column("agee"));
        Assert.Throws<ArgumentException>(() => schema.Column("age").Between(120, 0));
    }

    [Fact]
    public void Validate_TextThatNoRowHas_IsNotJudged()
    {
        ValidationSchema schema = new ValidationSchema(new DataSchema(new ColumnSchema("t", ElementType.String))).Column("t").In("ok");
        Assert.Empty(new DataValidator(schema).Validate(new DataBatch(schema.DataSchema, TextColumn.FromCodes([0, 0, 0], ["ok", "bad"]))).Findings);
    }

    [Fact]
    public void Validate_DistributionOfTooManyTexts_IsNotComparedInSilence()
    {
        var schema = new ValidationSchema(new DataSchema(new ColumnSchema("t", ElementType.String)));
        DataBatch Rows(int first) => new(schema.DataSchema, TextColumn.FromStrings([.. Enumerable.Range(first, 2000).Select(i => $"u{i}")]));
        var previous = new DatasetProfile(schema.DataSchema);
        previous.Add(Rows(0));
        var validator = new DataValidator(schema.Column("t").Like("previous", 0.1), new DataValidationOptions { Profiles = { ["previous"] = previous } });
        Assert.Equal(AnomalyKind.StatisticsMissing, Assert.Single(validator.Validate(Rows(2000)).Findings).Kind);
    }

    [Fact]
    public void Add_RowsOfOtherColumns_AreRefused()
    {
        var schema = new DataSchema(new ColumnSchema("x", ElementType.Float64), new ColumnSchema("y", ElementType.Float64));
        var validation = new DataValidator(new ValidationSchema(schema).Column("x").Between(0, 1)).Begin("d", schema);
        var rows = new DataBatch(schema, new Column<double>([0]), new Column<double>([9]));
        validation.Add(rows);
        Assert.Throws<ArgumentException>(() => validation.Add(rows.Select("y", "x")));
        Assert.Equal(1, validation.Finish().RowCount);
    }

    [Fact]
    public async Task Infer_KeysNamesAndConstants_DoNotRefuseTheNextRows()
    {
        static InMemoryDataset Rows(int first, bool flag) => InMemoryDataset.FromColumns(
            "d",
            (new ColumnSchema("id", ElementType.Int64, ColumnRole.Key), new Column<long>([.. Enumerable.Range(first, 80).Select(i => (long)i)])),
            (new ColumnSchema("name", ElementType.String), TextColumn.FromStrings([.. Enumerable.Range(first, 80).Select(i => $"name {1000 + i}")])),
            (new ColumnSchema("flag", ElementType.Boolean), new Column<bool>([.. Enumerable.Repeat(flag, 80)])));
        var schema = await SchemaInference.InferAsync(Rows(0, true), cancellationToken: Token);
        Assert.Empty((await new DataValidator(schema).ValidateAsync(Rows(5000, false), Token)).Findings);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
