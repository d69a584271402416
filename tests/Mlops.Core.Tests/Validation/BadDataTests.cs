using System.IO.Compression;
using System.Text;
using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

/// <summary>Files as they should not be: what comes of them when they are validated.</summary>
public sealed class BadDataTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task RaggedRows_EndTheValidationOrAreSetAside()
    {
        var schema = await InferAsync("a,b\n1,x\n2,y\n");
        var error = await Assert.ThrowsAsync<DataFormatException>(async () => await new DataValidator(schema).ValidateAsync(await OpenAsync("a,b\n1,x\n2\n3,y\n", schema: schema.DataSchema), Token));
        Assert.Equal(3, error.Line);

        var tolerant = await OpenAsync("a,b\n1,x\n2\n3,y\n", new CsvOptions { BadRowHandling = BadRowHandling.Quarantine }, schema.DataSchema);
        var report = await new DataValidator(schema.With(new RowCountConstraint(3))).ValidateAsync(tolerant, Token);
        Assert.Equal((2, AnomalyKind.TooFewRows), (report.RowCount, Assert.Single(report.Findings, finding => finding.Column is null).Kind));
        Assert.Equal(1, (await ((CsvDataset)tolerant).BadRows.ToMemoryAsync(Token)).RowCount);
    }

    [Fact]
    public async Task UnterminatedQuoteAndInvalidUtf8_NameTheLine()
    {
        var schema = await InferAsync("a,b\n1,x\n2,y\n");
        Assert.Equal(3, (await Assert.ThrowsAsync<DataFormatException>(async () => await new DataValidator(schema).ValidateAsync(await OpenAsync("a,b\n1,x\n2,\"y\n", schema: schema.DataSchema), Token))).Line);
        var path = _directory.Write("latin1.csv", "");
        await File.WriteAllBytesAsync(path, [.. "a,b\n1,x\n2,"u8, 0xFC, (byte)'\n'], Token);
        var error = await Assert.ThrowsAsync<DataFormatException>(async () => await new DataValidator(schema).ValidateAsync(new CsvDataset(path, schema.DataSchema), Token));
        Assert.Equal((3, "b"), (error.Line, error.Column));
    }

    [Fact]
    public async Task FieldOfHundredMegabytes_IsTooLong()
    {
        var schema = await InferAsync("a,b\n1,xxxxx\n2,yyyyyy\n", new SchemaInferenceOptions { MaxSetSize = 0 });
        var path = Path.Combine(_directory.Path, "long.csv.gz");
        await using (var file = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            await file.WriteAsync("a,b\n1,"u8.ToArray(), Token);
            var block = Encoding.ASCII.GetBytes(new string('z', 1_000_000));
            for (var i = 0; i < 100; i++) await file.WriteAsync(block, Token);
            await file.WriteAsync("\n"u8.ToArray(), Token);
        }

        var data = new CsvDataset(path, schema.DataSchema, new CsvOptions { MaximumRowBytes = 200_000_000 });
        var report = await new DataValidator(schema).ValidateAsync(data, Token);
        Assert.Equal((AnomalyKind.LengthOutOfRange, 1), (Assert.Single(report.Findings).Kind, report.Findings[0].ViolationCount));
        Assert.True(report.ToString().Length < 1000);
    }

    [Fact]
    public async Task DuplicateColumnNames_AreRefusedByName()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => OpenAsync("a,b,a\n1,2,3\n"));
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        Assert.True(error is DataFormatException or ArgumentException, error.GetType().Name);
    }

    [Fact]
    public async Task HeaderAloneAndEmptyFile_HaveTooFewRows()
    {
        var schema = await InferAsync("a,b\n1,x\n2,y\n");
        var report = await new DataValidator(schema).ValidateAsync(await OpenAsync("a,b\n"), Token);
        Assert.Equal((0, AnomalyKind.TooFewRows), (report.RowCount, Assert.Single(report.Findings).Kind));
        Assert.Equal(ValidationVerdict.Fail, report.Verdict);

        await AssertOwnSchemaPassesAsync(await OpenAsync("a,b\n"));
        await Assert.ThrowsAsync<DataFormatException>(() => OpenAsync(""));
    }

    [Fact]
    public async Task NaNAndInfinities_AreMissingAndNotFinite()
    {
        var schema = await InferAsync("a\n1.5\n2.5\n");
        var report = await new DataValidator(schema).ValidateAsync(await OpenAsync("a\n1.5\nNaN\nInfinity\n"), Token);
        Assert.Equal([AnomalyKind.Incomplete, AnomalyKind.AboveRange, AnomalyKind.NotFinite], report.Findings.Select(finding => finding.Kind));
        Assert.Equal([[1L], [2L], [1L, 2L]], report.Findings.Select(finding => finding.FirstRows));
        // What was there when the schema was inferred is accepted.
        await AssertOwnSchemaPassesAsync(await OpenAsync("a,b,c\n1.5,NaN,Infinity\nNaN,NaN,1\n2.5,NaN,-Infinity\n"));
    }

    [Fact]
    public async Task NumbersWithThousandsSeparators_AreNamedAsSuch()
    {
        var schema = await InferAsync("a,b\n1.5,1\n2.5,2\n");
        var report = await new DataValidator(schema).ValidateAsync(await OpenAsync("a,b\n\"1,234.5\",1\n2.5,2\n"), Token);
        var finding = Assert.Single(report.Findings);
        Assert.Equal(AnomalyKind.NotANumber, finding.Kind);
        Assert.Equal([0L], finding.FirstRows);
        Assert.Contains("1 of 2 texts (50 %) are not numbers. 1 of them have separators of thousands", finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("1,234.5", report.ToString(), StringComparison.Ordinal);

        var numbersAsText = await new DataValidator(schema).ValidateAsync(await OpenAsync("a,b\n1.5,1\n2.5,2\n", schema: new DataSchema(new ColumnSchema("a", ElementType.String), new ColumnSchema("b", ElementType.Int64))), Token);
        Assert.Contains("Every text is a number: cast the column.", Assert.Single(numbersAsText.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllNullColumnAndOneRow_AreInferredAndJudged()
    {
        await AssertOwnSchemaPassesAsync(await OpenAsync("a,b\n,1\n,2\n"));
        await AssertOwnSchemaPassesAsync(await OpenAsync("a,b,c\n1,x,2001-01-01\n"));
        var schema = await InferAsync("a,b\n1,x\n2,y\n");
        var finding = Assert.Single((await new DataValidator(schema).ValidateAsync(await OpenAsync("a,b\n,x\n,y\n"), Token)).Findings);
        Assert.Equal((AnomalyKind.Incomplete, "a", 2), (finding.Kind, finding.Column, finding.ViolationCount));
    }

    [Fact]
    public async Task TenThousandColumns_AreInferredAndJudged()
    {
        const int Columns = 10_000;
        var text = new StringBuilder().AppendJoin(',', Enumerable.Range(0, Columns).Select(i => $"c{i}")).Append('\n');
        for (var row = 0; row < 3; row++) text.AppendJoin(',', Enumerable.Range(0, Columns).Select(i => i + row)).Append('\n');
        var data = await OpenAsync(text.ToString());
        var schema = ValidationSchema.FromJson((await SchemaInference.InferAsync(data, cancellationToken: Token)).ToJson());
        Assert.Equal(Columns, schema.Columns.Count);
        Assert.Empty((await new DataValidator(schema).ValidateAsync(data, Token)).Findings);

        var broken = await new DataValidator(schema).ValidateAsync(await OpenAsync("c0,c9999\n-100,9999\n"), Token);
        Assert.Equal(Columns - 2, broken.Findings.Count(finding => finding.Kind == AnomalyKind.ColumnMissing));
        Assert.Equal((AnomalyKind.BelowRange, "c0"), (broken.Findings[0].Kind, broken.Findings[0].Column));
    }

    [Fact]
    public void RegularExpressionThatExplodes_IsGivenUpOrMatchedWithoutBacktracking()
    {
        var schema = new ValidationSchema(new DataSchema(new ColumnSchema("t", ElementType.String)));
        var rows = new DataBatch(schema.DataSchema, TextColumn.FromStrings("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "aaa", "bbb"));

        // No need for backtracking: the usual trap is none.
        var linear = new DataValidator(schema.Column("t").Matching("^(a+)+$")).Validate(rows);
        Assert.Equal([0L, 2L], Assert.Single(linear.Findings).FirstRows);

        // Look-around needs it.
        var validator = new DataValidator(schema.Column("t").Matching("^(?=a)(a+)+$").OfLength(1, 100), new DataValidationOptions { PatternTimeout = TimeSpan.FromMilliseconds(20) });
        var finding = Assert.Single(validator.Validate(rows).Findings);
        Assert.Equal(AnomalyKind.PatternTimeout, finding.Kind);
        Assert.Contains("20 ms", finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("aaa", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tests/TestData/churn.csv")]
    [InlineData("tests/TestData/credit.csv")]
    [InlineData("samples/data/chicago.csv")]
    public async Task RealData_PassTheSchemaInferredFromThem(string file)
        => await AssertOwnSchemaPassesAsync(await CsvDataset.OpenAsync(TestFiles.PathOf(file.Split('/')), cancellationToken: Token));

    private static async Task AssertOwnSchemaPassesAsync(IDataset data)
    {
        foreach (var options in new SchemaInferenceOptions[] { new(), new() { RangeMarginRatio = 0, MaxSetSize = 0 } })
        {
            var schema = ValidationSchema.FromJson((await SchemaInference.InferAsync(data, options, Token)).ToJson());
            Assert.Empty((await new DataValidator(schema).ValidateAsync(data, Token)).Findings);
        }
    }

    private async Task<ValidationSchema> InferAsync(string csv, SchemaInferenceOptions? options = null) => await SchemaInference.InferAsync(await OpenAsync(csv), options, Token);

    private async Task<IDataset> OpenAsync(string csv, CsvOptions? options = null, DataSchema? schema = null)
    {
        var path = _directory.Write($"{Guid.CreateVersion7()}.csv", csv);
        return schema is null ? await CsvDataset.OpenAsync(path, options, Token) : new CsvDataset(path, schema, options);
    }
}
