using System.IO.Compression;
using System.Text;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Data;

/// <summary>What becomes of data that are not as they should be.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Csv_RaggedUnparsableAndMalformedRows_AreQuarantinedWithReasons()
    {
        const string Text = "id,name,score\n1,a,0.5\n2,b\n3,c,x\n4,\"d\"d,1\n5,e,1,2\n6,,\n7,f,\"1,000\"\n8,g,2\n";
        var dataset = new CsvDataset(_directory.Write("a.csv", Text), Schema(), new CsvOptions { BadRowHandling = BadRowHandling.Quarantine });
        var good = await ReadAsync(dataset);
        Assert.Equal([1L, 6L, 8L], ((Column<long>)good["id"]).Values.ToArray());
        Assert.Equal([0.5, 0, 2], ((Column<double>)good["score"]).Values.ToArray());
        Assert.True(good["name"].IsNull(1));
        Assert.True(good["score"].IsNull(1));

        var bad = await ReadAsync(dataset.BadRows);
        Assert.Equal([3L, 4L, 5L, 6L, 8L], ((Column<long>)bad["line"]).Values.ToArray());
        Assert.Equal((string?[])[null, "score", null, null, "score"], Texts(bad["column"]));
        Assert.Equal(["2,b", "3,c,x", "4,\"d\"d,1", "5,e,1,2", "7,f,\"1,000\""], Texts(bad["row"]));
        Assert.All(Texts(bad["source"]), source => Assert.EndsWith("a.csv", source, StringComparison.Ordinal));
        Assert.Contains("2 fields, but the header has 3", Texts(bad["reason"])[0], StringComparison.Ordinal);
        Assert.Contains("'x'", Texts(bad["reason"])[1], StringComparison.Ordinal);
        Assert.Contains("closing quote", Texts(bad["reason"])[2], StringComparison.Ordinal);
        Assert.Contains("'1,000'", Texts(bad["reason"])[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_GoodAndBadRows_AreTheInput()
    {
        var random = new Random(3);
        var lines = Enumerable.Range(0, 5000).Select(i => random.Next(10) switch { 0 => $"{i}", 1 => $"{i},x,oops", 2 => $"{i},\"q\"q,1", _ => $"{i},x{i},{i}.5" }).ToArray();
        var path = _directory.Write("a.csv", "id,name,score\n" + string.Join("\n", lines) + "\n");
        var dataset = new CsvDataset(path, Schema(), new CsvOptions { BadRowHandling = BadRowHandling.Quarantine, Parallelism = 4 });
        var (good, bad) = (await dataset.ToMemoryAsync(Token), await dataset.BadRows.ToMemoryAsync(Token));
        Assert.Equal(lines.Length, good.RowCount + bad.RowCount);
        Assert.Equal(good.RowCount, (await dataset.Select("id").ToMemoryAsync(Token)).RowCount);
        var found = new SortedDictionary<long, string>();
        await foreach (var batch in good.ReadAsync(cancellationToken: Token))
        {
            for (var i = 0; i < batch.RowCount; i++)
            {
                var id = ((Column<long>)batch["id"]).Values[i];
                found.Add(id, $"{id},{((TextColumn)batch["name"]).GetString(i)},{((Column<double>)batch["score"]).Values[i]:0.0}");
            }
        }

        await foreach (var batch in bad.ReadAsync(cancellationToken: Token))
        {
            foreach (var text in Texts(batch["row"])) found.Add(long.Parse(text!.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture), text);
        }

        Assert.Equal(lines, found.Values);
    }

    [Theory]
    [InlineData(BadRowHandling.Refuse)]
    [InlineData(BadRowHandling.Quarantine)]
    public async Task Csv_UnterminatedQuote_TakesNoGoodRowWithIt(BadRowHandling handling)
    {
        var dataset = new CsvDataset(_directory.Write("a.csv", "id,name,score\n1,a,1\n2,\"b,2\n3,c,3\n"), Schema(), new CsvOptions { BadRowHandling = handling });
        if (handling == BadRowHandling.Refuse)
        {
            var (rows, error) = await ReadUntilErrorAsync(dataset);
            Assert.Equal((1, 3L), (rows, error.Line));
            Assert.Contains("never closed", error.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(1, (await ReadAsync(dataset)).RowCount);
        var bad = await ReadAsync(dataset.BadRows);
        Assert.Equal("2,\"b,2\n3,c,3", Texts(bad["row"])[0]!.TrimEnd('\n'));
    }

    [Fact]
    public async Task Csv_RowLongerThanAllowed_SaysWhatToDo()
    {
        var path = _directory.Write("a.csv", $"id,name,score\n1,a,1\n2,\"{new string('x', 3_000_000)}\",2\n3,c,3\n");
        var (rows, error) = await ReadUntilErrorAsync(new CsvDataset(path, Schema(), new CsvOptions { MaximumRowBytes = 1 << 20 }));
        Assert.Equal(1, rows);
        Assert.Contains("CsvOptions.MaximumRowBytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("1,048,576", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await new CsvDataset(path, Schema()).ToMemoryAsync(Token)).RowCount);
    }

    [Fact]
    public async Task Csv_FieldOfHundredMegabytes_IsReadWhereThatIsAllowedAndRefusedByDefault()
    {
        const int Length = 100 << 20;
        var path = Path.Combine(_directory.Path, "large.csv");
        await using (var file = new StreamWriter(path))
        {
            await file.WriteAsync("id,name,score\n1,");
            var part = new string('x', 1 << 20);
            for (var i = 0; i < Length >> 20; i++) await file.WriteAsync(part);
            await file.WriteAsync(",2\n");
        }

        var error = (await ReadUntilErrorAsync(new CsvDataset(path, Schema()))).Error;
        Assert.Contains("longer than 67,108,864 bytes", error.Message, StringComparison.Ordinal);
        await foreach (var batch in new CsvDataset(path, Schema(), new CsvOptions { MaximumRowBytes = 2 * Length }).ReadAsync(cancellationToken: Token))
            Assert.Equal(Length, ((TextColumn)batch["name"]).GetUtf8(0).Length);
    }

    [Fact]
    public async Task Csv_InvalidUtf8_NamesTheColumnAndTheRemedy()
    {
        var path = Path.Combine(_directory.Path, "latin.csv");
        await File.WriteAllBytesAsync(path, Encoding.Latin1.GetBytes("id,name,score\n1,Zoë,1\n"), Token);
        var error = (await ReadUntilErrorAsync(new CsvDataset(path, Schema()))).Error;
        Assert.Equal((2L, "name"), (error.Line, error.Column));
        Assert.Contains("UTF-8", error.Message, StringComparison.Ordinal);
        var batch = await ReadAsync(new CsvDataset(path, Schema(), new CsvOptions { Encoding = Encoding.Latin1 }));
        Assert.Equal("Zoë", Texts(batch["name"])[0]);

        await File.WriteAllBytesAsync(path, Encoding.Latin1.GetBytes("id,näme,score\n1,a,1\n"), Token);
        Assert.Contains("CsvOptions.Encoding", (await Assert.ThrowsAsync<DataFormatException>(() => CsvDataset.OpenAsync(path, cancellationToken: Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_Utf16WithByteOrderMark_IsReadAsItIsAlsoInParallel()
    {
        var path = Path.Combine(_directory.Path, "utf16.csv");
        await File.WriteAllTextAsync(path, "id,name,score\n1,Łódź,1\n", Encoding.Unicode, Token);
        foreach (var parallelism in new[] { 1, 4 })
            Assert.Equal("Łódź", Texts((await ReadAsync(new CsvDataset(path, Schema(), new CsvOptions { Parallelism = parallelism })))["name"])[0]);
    }

    [Fact]
    public async Task Csv_EmptyHeaderAloneAndOneRow_HaveDefinedOutcomes()
    {
        Assert.Contains("empty", (await ReadUntilErrorAsync(new CsvDataset(_directory.Write("a.csv", ""), Schema()))).Error.Message, StringComparison.Ordinal);
        var headerAlone = await CsvDataset.OpenAsync(_directory.Write("b.csv", "id,name"), cancellationToken: Token);
        Assert.All(headerAlone.Schema, column => Assert.Equal(ElementType.String, column.Type));
        var profile = await DatasetProfile.CreateAsync(headerAlone, Token);
        Assert.Equal((0L, 0L), (profile.RowCount, profile.Columns[0].MissingCount));
        var one = await DatasetProfile.CreateAsync(await CsvDataset.OpenAsync(_directory.Write("c.csv", "id,name\n1,a"), cancellationToken: Token), Token);
        Assert.Equal((1L, 1.0), (one.RowCount, one.Columns[0].Moments!.Mean));
    }

    [Fact]
    public async Task Csv_NaNAndInfinities_AreNumbersAndNaNCountsAsMissingInTheProfile()
    {
        var dataset = await CsvDataset.OpenAsync(_directory.Write("a.csv", "x\nNaN\nnan\nInfinity\n-Infinity\ninf\n-inf\n1e400\n1.5\n"), cancellationToken: Token);
        Assert.Equal(ElementType.Float64, dataset.Schema[0].Type);
        var values = ((Column<double>)(await ReadAsync(dataset))["x"]).Values.ToArray();
        Assert.Equal([double.NaN, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity, 1.5], values);
        Assert.Equal(2, (await DatasetProfile.CreateAsync(dataset, Token)).Columns[0].MissingCount);
    }

    [Fact]
    public async Task Csv_AllNullColumn_IsTextWithoutValuesAndFitsAnyGivenType()
    {
        var path = _directory.Write("a.csv", "x,y\n1,NA\n2,\n3,NA\n");
        Assert.Equal(ElementType.String, (await CsvDataset.OpenAsync(path, cancellationToken: Token)).Schema["y"].Type);
        foreach (var type in new[] { ElementType.Float64, ElementType.Boolean, ElementType.Date, ElementType.Timestamp, ElementType.Int32 })
        {
            var batch = await ReadAsync(new CsvDataset(path, new DataSchema(new ColumnSchema("y", type))));
            Assert.Equal(3, batch["y"].NullCount);
        }
    }

    [Fact]
    public async Task Csv_TenThousandColumns_AreReadProfiledAndFingerprinted()
    {
        const int Columns = 10_000;
        var text = new StringBuilder().AppendJoin(',', Enumerable.Range(0, Columns).Select(i => $"c{i}")).Append('\n');
        for (var row = 0; row < 20; row++) text.AppendJoin(',', Enumerable.Range(0, Columns).Select(i => i % 3 == 0 ? $"{row + i}" : i % 3 == 1 ? $"{row}.5" : $"t{row}")).Append('\n');
        var dataset = await CsvDataset.OpenAsync(_directory.Write("wide.csv", text.ToString()), cancellationToken: Token);
        Assert.Equal(Columns, dataset.Schema.Count);
        var memory = await dataset.ToMemoryAsync(Token);
        Assert.Equal(20, memory.RowCount);
        Assert.Equal(Columns, (await DatasetProfile.CreateAsync(dataset, Token)).Columns.Count);
        Assert.Equal((await DatasetFingerprint.ComputeAsync(memory, cancellationToken: Token)).Digest, (await DatasetFingerprint.ComputeAsync(dataset, cancellationToken: Token)).Digest);
    }

    [Fact]
    public async Task Csv_NullTextThatIsANumber_IsMissing()
    {
        var dataset = await CsvDataset.OpenAsync(_directory.Write("a.csv", "x\n1\n-999\n3\n"), new CsvOptions { NullTexts = ["-999"] }, Token);
        var batch = await ReadAsync(dataset);
        Assert.True(batch["x"].IsNull(1));
        Assert.Equal([1L, 0L, 3L], ((Column<long>)batch["x"]).Values.ToArray());
    }

    [Fact]
    public async Task Csv_DecimalComma_IsReadWhereItIsSaid()
    {
        var path = _directory.Write("a.csv", "x;n;t\n1,5;2;a\n-0,25;3;b\nNA;4;c\n1e3;5;1.5\n");
        Assert.Equal(ElementType.String, (await CsvDataset.OpenAsync(path, cancellationToken: Token)).Schema["x"].Type);
        var dataset = await CsvDataset.OpenAsync(path, new CsvOptions { DecimalSeparator = ',' }, Token);
        Assert.Equal([ElementType.Float64, ElementType.Int64, ElementType.String], dataset.Schema.Select(column => column.Type));
        var batch = await ReadAsync(dataset);
        Assert.Equal([1.5, -0.25, 0, 1000], ((Column<double>)batch["x"]).Values.ToArray());
        Assert.True(batch["x"].IsNull(2));
        var error = (await ReadUntilErrorAsync(new CsvDataset(_directory.Write("b.csv", "x;y\n1.000,5;1\n"), new DataSchema(new ColumnSchema("x", ElementType.Float64)), new CsvOptions { DecimalSeparator = ',' }))).Error;
        Assert.Contains("'1.000,5'", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => CsvDataset.OpenAsync(path, new CsvOptions { DecimalSeparator = ',', Separator = ',' }, Token));
    }

    [Fact]
    public async Task Csv_WithoutHeader_NumbersTheColumnsOrTakesTheSchema()
    {
        var path = _directory.Write("a.csv", "1,a,0.5\n2,b,1\n");
        var inferred = await CsvDataset.OpenAsync(path, new CsvOptions { HasHeader = false }, Token);
        Assert.Equal(["column1", "column2", "column3"], inferred.Schema.Select(column => column.Name));
        Assert.Equal(2, (await ReadAsync(inferred)).RowCount);
        var given = new CsvDataset(path, Schema(), new CsvOptions { HasHeader = false });
        Assert.Equal((long[])[1L, 2L], Values<long>(await ReadAsync(given), "id"));
        var error = (await ReadUntilErrorAsync(new CsvDataset(path, Schema().Select("id", "name"), new CsvOptions { HasHeader = false }))).Error;
        Assert.Contains("3 fields, but the schema has 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_FolderOrUnreadableFile_IsAStorageException()
    {
        var error = await Assert.ThrowsAsync<StorageException>(() => CsvDataset.OpenAsync(_directory.Path, cancellationToken: Token));
        Assert.Contains("folder", error.Message, StringComparison.Ordinal);
        Assert.Equal("file", (await Assert.ThrowsAsync<EntityNotFoundException>(() => CsvDataset.OpenAllAsync(Path.Combine(_directory.Path, "*.csv"), cancellationToken: Token))).Kind);
    }

    [Fact]
    public async Task Csv_CompressedFileCutOff_IsADataFormatExceptionAfterTheRowsBefore()
    {
        var path = Path.Combine(_directory.Path, "a.csv.gz");
        await using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("id,name,score\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i},{Guid.NewGuid()},1\n"))), Token);
        var bytes = await File.ReadAllBytesAsync(path, Token);
        var damaged = bytes.ToArray();
        new Random(1).NextBytes(damaged.AsSpan(bytes.Length / 2, 2000));
        foreach (var content in new[] { damaged, bytes[..(bytes.Length / 2)], bytes[..^3] })
        {
            await File.WriteAllBytesAsync(path, content, Token);
            foreach (var parallelism in new[] { 1, 2 })
                Assert.InRange((await ReadUntilErrorAsync(new CsvDataset(path, Schema(), new CsvOptions { Parallelism = parallelism }))).Rows, 0, 100_000);
        }

        // A stream that cannot seek, read a few bytes at a time, is looked at as closely.
        await Assert.ThrowsAsync<DataFormatException>(() => new CsvDataset("cut", _ => new(new TricklingStream(bytes[..^9])), Schema()).ToMemoryAsync(Token));
        Assert.Equal(100_000, (await new CsvDataset("whole", _ => new(new TricklingStream(bytes)), Schema()).ToMemoryAsync(Token)).RowCount);

        // Members one after another, as parallel compressors write them, are one content.
        await File.WriteAllBytesAsync(path, [.. bytes, .. Compress("100000,x,2\n")], Token);
        Assert.Equal(100_001, (await new CsvDataset(path, Schema()).ToMemoryAsync(Token)).RowCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task ReadAsync_BatchRowsBelowOne_Throws(int rows)
    {
        var dataset = new CsvDataset(_directory.Write("a.csv", "id,name,score\n1,a,1\n"), Schema());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
        {
            await foreach (var _ in dataset.ReadAsync(new ReadOptions { BatchRows = rows }, Token)) Assert.Fail("A batch was delivered.");
        });
    }

    [Fact]
    public async Task Csv_ParallelBlocks_GiveTheSameRowsAndTheSameErrorAsOneThread()
    {
        var text = new StringBuilder("id,name,score\r\n");
        var random = new Random(9);
        for (var i = 0; i < 300_000; i++) text.Append(i).Append(",\"").Append(random.Next(3) == 0 ? "a\r\nb\"\"c" : "plain, text").Append("\",").Append(i).Append(".25\r\n");
        var path = _directory.Write("large.csv", text.ToString());
        var expected = await DatasetFingerprint.ComputeAsync(new CsvDataset(path, Schema()), cancellationToken: Token);
        var actual = await DatasetFingerprint.ComputeAsync(new CsvDataset(path, Schema(), new CsvOptions { Parallelism = 3 }), cancellationToken: Token);
        Assert.Equal((expected.Digest, expected.RowCount), (actual.Digest, actual.RowCount));

        // The mistake is far into a later block; row and line are those that one thread finds.
        await File.AppendAllTextAsync(path, "x,y,1\r\n1,a,1\r\n", Token);
        var one = await ReadUntilErrorAsync(new CsvDataset(path, Schema()));
        var parallel = await ReadUntilErrorAsync(new CsvDataset(path, Schema(), new CsvOptions { Parallelism = 3 }));
        Assert.Equal((one.Rows, one.Error.Line, one.Error.Column, one.Error.Message), (parallel.Rows, parallel.Error.Line, parallel.Error.Column, parallel.Error.Message));
        Assert.Equal(300_000, parallel.Rows);
    }

    [Fact]
    public async Task JsonLines_BadLines_AreQuarantinedWithReasons()
    {
        string[] lines =
        [
            """{"id":1,"name":"a","score":0.5}""", "[1]", """{"id":2,"name":"b",""", """{"id":"x","name":"c"}""", "", """{"name":"d","id":3,"other":{"deep":[1,2]},"score":null}""",
            """{"id":4,"id":5}""", """{"id":6,"name":"\ud800"}""", """{"id":7,"name":{"first":"e"}} {}""", """{"id":8.5}""", """{"id":9,"score":"1.5"}""",
        ];
        var dataset = new JsonLinesDataset(_directory.Write("a.jsonl", string.Join("\n", lines)), Schema(), new JsonLinesOptions { BadRowHandling = BadRowHandling.Quarantine });
        var good = await ReadAsync(dataset);
        Assert.Equal([1L, 3L, 9L], ((Column<long>)good["id"]).Values.ToArray());
        Assert.Equal(1.5, ((Column<double>)good["score"]).Values[2]);
        var bad = await ReadAsync(dataset.BadRows);
        Assert.Equal([2L, 3L, 4L, 7L, 8L, 9L, 10L], ((Column<long>)bad["line"]).Values.ToArray());
        Assert.Equal((string?[])[null, null, "id", "id", null, null, "id"], Texts(bad["column"]));
        Assert.Equal(((Column<long>)bad["line"]).Values.ToArray().Select(line => lines[line - 1]), Texts(bad["row"]));

        var error = (await ReadUntilErrorAsync(new JsonLinesDataset(Path.Combine(_directory.Path, "a.jsonl"), Schema()))).Error;
        Assert.Equal(2, error.Line);
    }

    [Fact]
    public async Task JsonLines_NestedObjectsAndVectors_BecomeColumns()
    {
        var path = _directory.Write("a.jsonl", """
            {"user":{"age":30,"home":{"city":"Bonn"}},"v":[1,2.5],"tags":["x","y"],"on":true,"day":"2020-01-02"}
            {"user":{"age":31.5},"v":[3,4],"tags":[],"extra":1}
            """);
        var dataset = await JsonLinesDataset.OpenAsync(path, cancellationToken: Token);
        Assert.Equal(["user.age", "user.home.city", "v", "tags", "on", "day", "extra"], dataset.Schema.Select(column => column.Name));
        Assert.Equal((ElementType.Float32, 2), (dataset.Schema["v"].Type, dataset.Schema["v"].Width));
        var batch = await ReadAsync(dataset);
        Assert.Equal([30, 31.5], ((Column<double>)batch["user.age"]).Values.ToArray());
        Assert.Equal(["""["x","y"]""", "[]"], Texts(batch["tags"]));
        Assert.Equal([1, 2.5f, 3, 4], ((Column<float>)batch["v"]).Values.ToArray());
        Assert.Equal(ElementType.Date, dataset.Schema["day"].Type);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Csv_EmptyFileLongRowAndLoneReturns_AreTheSameForAnyNumberOfThreads(int parallelism)
    {
        var options = new CsvOptions { Parallelism = parallelism, MaximumRowBytes = 1000 };
        Assert.Contains("empty", (await ReadUntilErrorAsync(new CsvDataset(_directory.Write("a.csv", ""), Schema(), options))).Error.Message, StringComparison.Ordinal);
        var (rows, error) = await ReadUntilErrorAsync(new CsvDataset(_directory.Write("b.csv", $"id,name,score\n1,a,1\n2,{new string('x', 2000)},1\n"), Schema(), options));
        Assert.Equal(1, rows);
        Assert.Contains("1,000 bytes", error.Message, StringComparison.Ordinal);
        var returns = new CsvDataset(_directory.Write("c.csv", "id,name,score\r" + string.Concat(Enumerable.Range(0, 400_000).Select(i => $"{i},b,1\r"))), Schema(), options);
        Assert.Equal(400_000, (await returns.ToMemoryAsync(Token)).RowCount);
    }

    [Fact]
    public async Task OpenStreamAsync_StreamThatFails_IsClosed()
    {
        var stream = new FailingStream();
        await Assert.ThrowsAsync<IOException>(() => CsvDataset.OpenStreamAsync("failing", _ => new ValueTask<Stream>(stream), cancellationToken: Token));
        Assert.True(stream.IsClosed);
    }

    [Fact]
    public async Task JsonLines_ObjectInOneRowAndValueInAnother_IsReadAsText()
    {
        var dataset = await JsonLinesDataset.OpenAsync(_directory.Write("a.jsonl", "{\"a\":1}\n{\"a\":{\"b\":2},\"c\":3}\n"), cancellationToken: Token);
        Assert.Equal(["a", "c"], dataset.Schema.Select(column => column.Name));
        Assert.Equal(["1", "{\"b\":2}"], Texts((await ReadAsync(dataset))["a"]));
    }

    [Fact]
    public async Task JsonLines_LineLongerThanAllowed_SaysWhatToDo()
    {
        var path = _directory.Write("a.jsonl", "{\"id\":1}\n{\"id\":2,\"name\":\"" + new string('x', 500) + "\"}\n");
        var (rows, error) = await ReadUntilErrorAsync(new JsonLinesDataset(path, Schema(), new JsonLinesOptions { MaximumLineBytes = 100 }));
        Assert.Equal((1, 2L), (rows, error.Line));
        Assert.Contains("MaximumLineBytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_DecimalsAndFractionsOfOtherPrecision_KeepTheirDigits()
    {
        var schema = new DataSchema(new ColumnSchema("whole", ElementType.Int64), new ColumnSchema("text", ElementType.String));
        var records = new[] { (Whole: 9007199254740993m, Text: 0.1f) };
        var batch = await ReadAsync(records.ToDataset("records", map => map.Column("whole", r => r.Whole).Column("text", r => r.Text), schema));
        Assert.Equal([9007199254740993], ((Column<long>)batch["whole"]).Values.ToArray());
        Assert.Equal(["0.1"], Texts(batch["text"]));
    }

    [Fact]
    public void Records_VectorsWithoutASchema_AreNamed()
        => Assert.Contains("'Vector'", Assert.Throws<NotSupportedException>(() => new[] { new { Id = 1, Vector = new float[2] } }.ToDataset("records")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task WriteCsvAsync_CompressedOrIntoAFolderThatIsNotThere_DoesWhatTheNameSays()
    {
        var dataset = Enumerable.Range(0, 10).ToDataset("numbers", map => map.Column("i", i => i));
        var path = Path.Combine(_directory.Path, "out.csv.gz");
        Assert.Equal(10, await dataset.WriteCsvAsync(path, cancellationToken: Token));
        Assert.Equal([0x1F, 0x8B], (await File.ReadAllBytesAsync(path, Token))[..2]);
        Assert.Equal(10, (await (await CsvDataset.OpenAsync(path, cancellationToken: Token)).ToMemoryAsync(Token)).RowCount);
        Assert.Equal("folder", (await Assert.ThrowsAsync<EntityNotFoundException>(() => dataset.WriteCsvAsync(Path.Combine(_directory.Path, "absent", "out.csv"), cancellationToken: Token))).Kind);
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task Records_HiddenProperties_AreThoseOfTheRecordItself()
        => Assert.Equal(["b"], Texts((await ReadAsync(new[] { new Derived { Name = "b" } }.ToDataset("records")))["Name"]));

    [Fact]
    public async Task Records_QuarantinedOnes_AreKeptWhole()
    {
        var dataset = new[] { (Id: 300, Vector: (float[]?)[1, 2.5f], At: new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc)) }.ToDataset(
            "records",
            map => map.Column("id", r => r.Id).Vector("v", 2, r => r.Vector).Column("at", r => r.At),
            new DataSchema(new ColumnSchema("id", ElementType.UInt8), new ColumnSchema("v", ElementType.Float32) { Width = 2 }, new ColumnSchema("at", ElementType.Timestamp)),
            BadRowHandling.Quarantine);
        Assert.Equal(["""{"id":"300","v":"[1, 2.5]","at":"2020-01-02T03:04:05.0000000Z"}"""], Texts((await ReadAsync(dataset.BadRows))["row"]));
    }

    [Fact]
    public async Task Records_PlainSequence_ObservesCancellationWithinABatch()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var dataset = Enumerable.Range(0, 1000).Select(i =>
        {
            if (i == 10) cancellation.Cancel();
            return i;
        }).ToDataset("numbers", map => map.Column("i", i => i));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dataset.ToMemoryAsync(cancellation.Token));
    }

    [Fact]
    public async Task Records_ThatDoNotFitTheSchema_AreRefusedOrQuarantined()
    {
        Reading[] readings = [new(1, 10), new(2, 300), new(3, null), new(4, 5)];
        var schema = new DataSchema(new ColumnSchema("Id", ElementType.Int32), new ColumnSchema("Value", ElementType.UInt8) { IsNullable = false });
        var (rows, error) = await ReadUntilErrorAsync(readings.ToDataset("readings", schema));
        Assert.Equal((1, 2L, "Value"), (rows, error.Line, error.Column));
        var quarantined = readings.ToDataset("readings", map => map.Column("Id", r => r.Id).Column("Value", r => r.Value), schema, BadRowHandling.Quarantine);
        Assert.Equal((int[])[1, 4], Values<int>(await ReadAsync(quarantined), "Id"));
        Assert.Equal((long[])[2L, 3L], Values<long>(await ReadAsync(quarantined.BadRows), "line"));
        Assert.Throws<NotSupportedException>(() => readings.ToDataset("readings", map => map.Column("x", r => r)));
        Assert.Throws<EntityNotFoundException>(() => readings.ToDataset("readings", new DataSchema(new ColumnSchema("Absent", ElementType.Int32))));
    }

    private static byte[] Compress(string text)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return target.ToArray();
    }

    private static DataSchema Schema() => new(
        new ColumnSchema("id", ElementType.Int64), new ColumnSchema("name", ElementType.String), new ColumnSchema("score", ElementType.Float64));

    private static async Task<DataBatch> ReadAsync(IDataset dataset)
    {
        DataBatch? single = null;
        await foreach (var batch in dataset.ReadAsync(cancellationToken: Token))
        {
            Assert.Null(single);
            single = batch;
        }

        return single!;
    }

    private static async Task<(int Rows, DataFormatException Error)> ReadUntilErrorAsync(IDataset dataset)
    {
        var rows = 0;
        var error = await Assert.ThrowsAsync<DataFormatException>(async () =>
        {
            await foreach (var batch in dataset.ReadAsync(cancellationToken: Token)) rows += batch.RowCount;
        });
        return (rows, error);
    }

    private static IReadOnlyList<string?> Texts(Column column) => [.. Enumerable.Range(0, column.Length).Select(row => ((TextColumn)column).GetString(row))];

    private static T[] Values<T>(DataBatch batch, string column)
        where T : unmanaged
        => ((Column<T>)batch[column]).Values.ToArray();

    private class Base
    {
        public object? Name { get; init; }
    }

    private sealed class Derived : Base
    {
        public new string? Name { get; init; }
    }

    private sealed class TricklingStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1000)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => base.ReadAsync(buffer[..Math.Min(buffer.Length, 1000)], cancellationToken);
    }

    private sealed class FailingStream : MemoryStream
    {
        public bool IsClosed { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The connection is gone.");

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }

    private sealed record Reading(int Id, int? Value);
}
