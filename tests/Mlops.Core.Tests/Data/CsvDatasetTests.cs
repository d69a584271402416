using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class CsvDatasetTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task OpenAsync_ChicagoFile_InfersTypes()
    {
        var dataset = await CsvDataset.OpenAsync(TestFiles.PathOf("samples", "data", "chicago.csv"), cancellationToken: Token);

        Assert.Equal(50, dataset.Schema.Count);
        Assert.Equal(ElementType.Float64, dataset.Schema["ridership"].Type);
        Assert.Equal(ElementType.Date, dataset.Schema["date"].Type);
        Assert.Equal(ElementType.Int64, dataset.Schema["Cubs_Home"].Type);
        var rows = await dataset.ToMemoryAsync(Token);
        Assert.Equal(5698, rows.RowCount);
    }

    [Fact]
    public async Task OpenAsync_MissingValues_AreNullAndDoNotDecideTheType()
    {
        var credit = await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"), cancellationToken: Token);

        Assert.Equal(ElementType.Int64, credit.Schema["Income"].Type);
        var income = (await credit.ToMemoryAsync(Token)).ReadAsync(cancellationToken: Token).ToBlockingEnumerable(Token).Sum(batch => batch["Income"].NullCount);
        Assert.Equal(381, income);
    }

    [Fact]
    public async Task ReadAsync_QuotesLineBreaksAndByteOrderMark_AreRead()
    {
        var path = _directory.Write("a.csv", "\uFEFFname,note\r\n\"Smith, John\",\"said \"\"hi\"\"\r\ntwice\"\r\nÅsa,NA\r\n");
        var batch = await ReadSingleAsync(await CsvDataset.OpenAsync(path, cancellationToken: Token));

        var (names, notes) = ((TextColumn)batch["name"], (TextColumn)batch["note"]);
        Assert.Equal("Smith, John", names.GetString(0));
        Assert.Equal("said \"hi\"\r\ntwice", notes.GetString(0));
        Assert.Equal("Åsa", names.GetString(1));
        Assert.True(notes.IsNull(1));
    }

    [Theory]
    [InlineData("true", ElementType.Boolean)]
    [InlineData("-12", ElementType.Int64)]
    [InlineData("1e-3", ElementType.Float64)]
    [InlineData("2016-02-29", ElementType.Date)]
    [InlineData("2016-02-29T12:30:00Z", ElementType.Timestamp)]
    [InlineData("2015-02-29", ElementType.String)]
    [InlineData("1,000", ElementType.String)]
    public async Task OpenAsync_OneField_InfersItsType(string field, ElementType expected)
    {
        var dataset = await CsvDataset.OpenAsync(_directory.Write("a.csv", $"x;y\n{field};1\n"), cancellationToken: Token);
        Assert.Equal(expected, dataset.Schema["x"].Type);
    }

    [Fact]
    public async Task OpenAsync_MissingFile_NamesIt()
    {
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(() => CsvDataset.OpenAsync(Path.Combine(_directory.Path, "absent.csv"), cancellationToken: Token));
        Assert.Equal("file", error.Kind);
        Assert.Contains("absent.csv", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_EmptyFile_SaysThatTheHeaderIsMissing()
    {
        var error = await Assert.ThrowsAsync<DataFormatException>(() => CsvDataset.OpenAsync(_directory.Write("a.csv", ""), cancellationToken: Token));
        Assert.Contains("empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_DuplicateHeader_NamesTheColumn()
    {
        var error = await Assert.ThrowsAsync<DataFormatException>(() => CsvDataset.OpenAsync(_directory.Write("a.csv", "x,x\n1,2\n"), cancellationToken: Token));
        Assert.Equal("x", error.Column);
    }

    [Fact]
    public async Task OpenAsync_HeaderAlone_HasNoRows()
    {
        var dataset = await CsvDataset.OpenAsync(_directory.Write("a.csv", "x,y\n"), cancellationToken: Token);
        Assert.Equal(0, (await dataset.ToMemoryAsync(Token)).RowCount);
    }

    [Theory]
    [InlineData("1,2\n3\n5,6\n", 3)]
    [InlineData("1,2\n3,4,5\n", 3)]
    public async Task ReadAsync_RowWithOtherNumberOfFields_NamesFileAndLineAndDeliversTheRowsBefore(string rows, long line)
    {
        var dataset = new CsvDataset(_directory.Write("a.csv", "x,y\n" + rows), new DataSchema(new ColumnSchema("x", ElementType.Int64), new ColumnSchema("y", ElementType.Int64)));
        var delivered = 0;

        var error = await Assert.ThrowsAsync<DataFormatException>(async () =>
        {
            await foreach (var batch in dataset.ReadAsync(cancellationToken: Token)) delivered += batch.RowCount;
        });

        Assert.Equal(line, error.Line);
        Assert.EndsWith("a.csv", error.DataSource, StringComparison.Ordinal);
        Assert.Contains("fields", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, delivered);
    }

    [Fact]
    public async Task ReadAsync_ValueOfOtherType_NamesLineColumnAndTextCutTo40Characters()
    {
        var dataset = new CsvDataset(
            _directory.Write("a.csv", $"name,x\nann,1\nbob,{new string('z', 100)}\n"),
            new DataSchema(new ColumnSchema("name", ElementType.String), new ColumnSchema("x", ElementType.Float64)));
        var delivered = new List<DataBatch>();

        var error = await Assert.ThrowsAsync<DataFormatException>(async () =>
        {
            await foreach (var batch in dataset.ReadAsync(cancellationToken: Token)) delivered.Add(batch);
        });

        Assert.Equal((3, "x"), (error.Line, error.Column));
        Assert.Contains($"'{new string('z', 40)}…'", error.Message, StringComparison.Ordinal);
        Assert.Contains("CsvOptions.NullTexts", error.Message, StringComparison.Ordinal);
        // The name of the refused row was read already, but is not delivered.
        Assert.Equal(1, Assert.Single(delivered).RowCount);
        Assert.Equal("ann", ((TextColumn)delivered[0]["name"]).GetString(0));
    }

    [Fact]
    public async Task ReadAsync_UnbalancedQuote_IsAnErrorWithALine()
    {
        var dataset = new CsvDataset(_directory.Write("a.csv", "x,y\n1,2\n\"3,4\n"), new DataSchema(new ColumnSchema("x", ElementType.String)));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => dataset.ToMemoryAsync(Token));
        Assert.Contains("quote", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_UnknownColumn_ListsTheColumns()
    {
        var dataset = new CsvDataset(_directory.Write("a.csv", "x,y\n1,2\n"), new DataSchema(new ColumnSchema("z", ElementType.Int64)));
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(() => dataset.ToMemoryAsync(Token));
        Assert.Equal(("column", "z"), (error.Kind, error.Name));
        Assert.Contains("x, y", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_MissingValueInRequiredColumn_NamesLineAndColumn()
    {
        var dataset = new CsvDataset(_directory.Write("a.csv", "x\n1\nNA\n"), new DataSchema(new ColumnSchema("x", ElementType.Int64) { IsNullable = false }));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => dataset.ToMemoryAsync(Token));
        Assert.Equal((3, "x"), (error.Line, error.Column));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(100_000)]
    public async Task ReadAsync_AnyBatchSize_GivesTheSameRows(int batchRows)
    {
        var dataset = await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"), cancellationToken: Token);
        var expected = await DatasetFingerprint.ComputeAsync(dataset, cancellationToken: Token);
        using var fingerprint = new DatasetFingerprint(dataset.Schema);
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { BatchRows = batchRows }, Token))
        {
            Assert.InRange(batch.RowCount, 1, batchRows);
            fingerprint.Add(batch);
        }

        Assert.Equal(expected.Digest, fingerprint.Finish());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<DataBatch> ReadSingleAsync(IDataset dataset)
    {
        await foreach (var batch in dataset.ReadAsync(cancellationToken: Token)) return batch;
        throw new InvalidOperationException("The dataset has no rows.");
    }
}
