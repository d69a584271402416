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
