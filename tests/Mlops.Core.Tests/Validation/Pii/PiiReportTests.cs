using System.Text;
using System.Text.Json;
using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Pii;

public sealed class PiiReportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DetectAsync_Columns_CountsRowsValuesAndShares()
    {
        var data = Data(
            ("name", TextColumn.FromStrings("Anna", null, "Bob", "Eve")),
            ("note", TextColumn.FromStrings("a@b.de c@d.de", null, "ip 10.0.0.1 a@b.de", "nothing")),
            ("amount", new Column<double>([1.5, 2, 3, 4])));
        var report = await new PiiDetector().DetectAsync(data, Token);
        Assert.Equal(4, report.RowCount);
        Assert.Equal(["note"], report.Columns);
        Assert.Equal([(PiiKind.Email, 2L, 3L), (PiiKind.Ip, 1L, 1L)], report.Findings.Select(finding => (finding.Kind, finding.RowCount, finding.ValueCount)));
        Assert.Equal(2.0 / 3, report.Findings[0].RowRatio, 1e-12);
        Assert.Equal([0L, 2L], report.Findings[0].FirstRows);
        Assert.False(report.IsClean);
        var json = JsonDocument.Parse(report.ToJson()).RootElement;
        Assert.Equal("Email", json.GetProperty("findings")[0].GetProperty("kind").GetString());
        foreach (var text in (string[])[report.ToString(), report.ToHtml(), Encoding.UTF8.GetString(report.ToJson())])
        {
            Assert.DoesNotContain("b.de", text, StringComparison.Ordinal);
            Assert.DoesNotContain("10.0.0.1", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task DetectAsync_AnyEncodingAndBatchSize_FindsTheSame(int batchRows)
    {
        var samples = new PiiSamples(3);
        string?[] values = [.. Enumerable.Range(0, 900).Select(i => (i % 9) switch { 0 => samples.Email(), 1 => samples.Card(), 2 => null, 3 => samples.Iban(), _ => "nothing here" })];
        var plain = new TextColumn(Encoding.UTF8.GetBytes(string.Concat(values)), Offsets(values));
        var codes = values.Index().Select(item => item.Index).ToArray();
        var coded = TextColumn.FromCodes(codes, [.. values.Select(value => value ?? "")]);
        var expected = await new PiiDetector().DetectAsync(Data(("text", plain)), Token);
        Assert.Equal([(PiiKind.Email, 100L), (PiiKind.Iban, 100L), (PiiKind.Card, 100L)], expected.Findings.Select(finding => (finding.Kind, finding.RowCount)));
        foreach (var column in (TextColumn[])[plain, coded, TextColumn.FromStrings(values)])
        {
            var detection = new PiiDetector().Begin("d", new DataSchema(new ColumnSchema("text", ElementType.String)));
            await foreach (var batch in Data(("text", column)).ReadAsync(new ReadOptions { BatchRows = batchRows }, Token)) detection.Add(batch);
            Assert.Equal(expected.Findings.Select(finding => (finding.Kind, finding.RowCount, finding.ValueCount, string.Join(",", finding.FirstRows))), detection.Finish().Findings.Select(finding => (finding.Kind, finding.RowCount, finding.ValueCount, string.Join(",", finding.FirstRows))));
        }
    }

    [Fact]
    public async Task DetectAsync_ScanShared_GivesTheSameReport()
    {
        var data = Data(("text", TextColumn.FromStrings("a@b.de", "x")));
        var detection = new PiiDetector().Begin(data.Name, data.Schema);
        var rows = 0;
        await data.ScanAsync([detection.Add, batch => rows += batch.RowCount], Token);
        Assert.Equal((await new PiiDetector().DetectAsync(data, Token)).ToString(), detection.Finish().ToString());
        Assert.Equal(2, rows);
    }

    [Fact]
    public async Task DetectAsync_NumberColumns_FindsCardsAndPhones()
    {
        var samples = new PiiSamples(5);
        var german = PhoneRegions.Get("DE", "");
        long[] cards = [.. Enumerable.Range(0, 500).Select(_ => long.Parse(samples.CardDigits(), System.Globalization.CultureInfo.InvariantCulture))];
        long[] random = [.. Enumerable.Range(0, 500).Select(_ => long.Parse($"{1 + samples.Next(9)}{samples.Digits(15)}", System.Globalization.CultureInfo.InvariantCulture))];
        long[] phones = [.. Enumerable.Range(0, 500).Select(_ => long.Parse(samples.PhoneDigits(german, isMobile: true), System.Globalization.CultureInfo.InvariantCulture))];
        long[] seconds = [.. Enumerable.Range(0, 500).Select(i => 1_700_000_000L + i)];
        var data = Data(
            ("paid_with", new Column<long>(cards)),
            ("as_float", new Column<double>([.. cards.Select(card => card < 9_007_199_254_740_992 ? (double)card : 4111111111111111)])),
            ("order_id", new Column<long>(random)),
            ("created", new Column<long>(seconds)),
            ("mobile", new Column<ulong>([.. phones.Select(phone => (ulong)phone)])),
            ("contact", new Column<long>([.. phones.Select(phone => phone + 490_000_000_000)])),
            ("count", new Column<int>([.. Enumerable.Range(0, 500)])));
        var report = await new PiiDetector(new PiiOptions { Locales = ["DE"] }).DetectAsync(data, Token);
        Assert.Equal([("paid_with", PiiKind.Card), ("as_float", PiiKind.Card), ("mobile", PiiKind.Phone)], report.Findings.Where(finding => finding.Column != "contact").Select(finding => (finding.Column, finding.Kind)));
        Assert.True(report.Findings[0].Confidence > 0.9);
        // Where a share as small as chance is asked for, the wrong check digits tell that it is chance.
        var lax = await new PiiDetector(new PiiOptions { MinimumNumberRatio = 0 }).DetectAsync(data.Select("order_id"), Token);
        Assert.True(lax.Findings.Single().Confidence < 0.5, lax.ToString());
    }

    [Fact]
    public async Task DetectAsync_ColumnNamedForPhones_FindsDigitsInOnePiece()
    {
        var detector = new PiiDetector(new PiiOptions { Locales = ["US"] });
        var digits = TextColumn.FromStrings("2125551234", "3125551234");
        foreach (var (name, isFound) in (IEnumerable<(string, bool)>)[("phone", true), ("homePhone", true), ("TEL_NR", true), ("order", false), ("telemetry", false)])
            Assert.Equal(isFound, !(await detector.DetectAsync(Data((name, digits)), Token)).IsClean);
    }

    [Fact]
    public async Task DetectAsync_MinimumRatio_LeavesOutRareKinds()
    {
        var data = Data(("text", TextColumn.FromStrings("a@b.de", "x", "y", "z")));
        Assert.Single((await new PiiDetector(new PiiOptions { MinimumRatio = 0.25 }).DetectAsync(data, Token)).Findings);
        Assert.Empty((await new PiiDetector(new PiiOptions { MinimumRatio = 0.26 }).DetectAsync(data, Token)).Findings);
    }

    [Fact]
    public async Task DetectAsync_LargeField_TakesLinearTimeAndLittleMemory()
    {
        // Texts that defeat backtracking: each would take hours if time were quadratic.
        const int Length = 2_000_000;
        foreach (var pattern in (string[])["a", "1", "@", "a@", "1 ", "a.b@", "1.", ":", "ab:", "+1", "(0)", "DE12", "4111-", "00 ", "@a.", "é", "\"@"])
        {
            var bytes = new byte[Length];
            var unit = Encoding.UTF8.GetBytes(pattern);
            for (var i = 0; i < Length; i++) bytes[i] = unit[i % unit.Length];
            var detection = new PiiDetector(new PiiOptions { Locales = ["DE", "US"] }).Begin("d", new DataSchema(new ColumnSchema("text", ElementType.String)));
            var before = GC.GetAllocatedBytesForCurrentThread();
            detection.Add(new DataBatch(new DataSchema(new ColumnSchema("text", ElementType.String)), new TextColumn(bytes, new[] { 0, Length })));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
            Token.ThrowIfCancellationRequested();
        }

        await Task.CompletedTask;
    }

    private static int[] Offsets(string?[] values)
    {
        var offsets = new int[values.Length + 1];
        for (var i = 0; i < values.Length; i++) offsets[i + 1] = offsets[i] + Encoding.UTF8.GetByteCount(values[i] ?? "");
        return offsets;
    }

    private static InMemoryDataset Data(params (string Name, Column Column)[] columns)
        => InMemoryDataset.FromColumns("people", [.. columns.Select(column => (new ColumnSchema(column.Name, column.Column.Type), column.Column))]);
}
