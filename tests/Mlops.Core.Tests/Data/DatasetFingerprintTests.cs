using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class DatasetFingerprintTests
{
    [Fact]
    public async Task ComputeAsync_CsvAndMemory_Agree()
    {
        var csv = await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "churn.csv"), cancellationToken: Token);
        var memory = await csv.ToMemoryAsync(Token);

        var expected = await DatasetFingerprint.ComputeAsync(csv, "churn.csv", cancellationToken: Token);
        var actual = await DatasetFingerprint.ComputeAsync(memory, cancellationToken: Token);

        Assert.Equal(expected.Digest, actual.Digest);
        Assert.Equal(5000, expected.RowCount);
        Assert.Equal(64, expected.Digest.Length);
        Assert.Equal("churn.csv", expected.Source);
    }

    /// <summary>The form is a promise: a fingerprint that was stored must be found again by every later version, on every platform.</summary>
    [Theory]
    [InlineData(RowOrder.Significant, "3506accf8b90a9dd7c05806910a182724b63a0b7719fef105ff09c83e828e6ca")]
    [InlineData(RowOrder.Ignored, "08b38832da289e6ff9344c41a0ab5693daa76774a49976c81286aeb4ec3322d8")]
    public async Task ComputeAsync_KnownTable_HasTheKnownFingerprint(RowOrder order, string expected)
    {
        var table = InMemoryDataset.FromColumns(
            "table",
            (new ColumnSchema("number", ElementType.Float64), new Column<double>([1.5, -0.0, double.NaN, 0], [0b0111])),
            (new ColumnSchema("integer", ElementType.Int32), new Column<int>([1, -2, 3, 4])),
            (new ColumnSchema("flag", ElementType.Boolean), new Column<bool>([true, false, true, false])),
            (new ColumnSchema("day", ElementType.Date), new Column<DateOnly>([new(2020, 1, 1), new(1999, 12, 31), new(1, 1, 1), new(9999, 12, 31)])),
            (new ColumnSchema("at", ElementType.Timestamp), new Column<DateTime>([.. Enumerable.Range(0, 4).Select(i => new DateTime(2020, 1, 1, 0, 0, i, DateTimeKind.Utc))])),
            (new ColumnSchema("text", ElementType.String), TextColumn.FromStrings("a", "", null, "Köln")),
            (new ColumnSchema("vector", ElementType.Float32) { Width = 2 }, new Column<float>([1, 2, 3, 4, 5, 6, 7, 8], null, 2)));
        var first = await DatasetFingerprint.ComputeAsync(table, null, order, Token);
        Assert.Equal(expected, first.Digest);
        using var again = new DatasetFingerprint(table.Schema, order);
        await foreach (var batch in table.ReadAsync(cancellationToken: Token)) again.Add(batch);
        Assert.Equal((expected, expected), (again.Finish(), again.Finish()));
    }

    [Fact]
    public async Task ComputeAsync_AnyChange_ChangesIt()
    {
        var digests = new List<string>
        {
            await DigestAsync("x", [1, 2, 3], null),
            await DigestAsync("y", [1, 2, 3], null),
            await DigestAsync("x", [1, 3, 2], null),
            await DigestAsync("x", [1, 2], null),
            await DigestAsync("x", [0, 2, 3], null),
            await DigestAsync("x", [0, 2, 3], [0b110]),
        };
        Assert.Equal(digests.Count, digests.Distinct().Count());
        Assert.Equal(digests[0], await DigestAsync("x", [1, 2, 3], null));
    }

    [Fact]
    public async Task ComputeAsync_DictionaryEncodedText_EqualsPlainText()
    {
        var schema = new ColumnSchema("t", ElementType.String);
        var plain = InMemoryDataset.FromColumns("a", (schema, TextColumn.FromStrings("u", "v", null, "u")));
        var coded = InMemoryDataset.FromColumns("b", (schema, TextColumn.FromCodes([0, 1, 0, 0], ["u", "v"], [0b1011])));
        Assert.Equal((await DatasetFingerprint.ComputeAsync(plain, cancellationToken: Token)).Digest, (await DatasetFingerprint.ComputeAsync(coded, cancellationToken: Token)).Digest);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<string> DigestAsync(string name, long[] values, ulong[]? validity)
    {
        var dataset = InMemoryDataset.FromColumns("d", (new ColumnSchema(name, ElementType.Int64), new Column<long>(values, validity)));
        return (await DatasetFingerprint.ComputeAsync(dataset, cancellationToken: Token)).Digest;
    }
}
