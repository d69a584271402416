using Mlops.Data;

namespace Mlops.Core.Tests.Data.Catalog;

public sealed class DataBatchCodecTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(63, 64)]
    [InlineData(64, 65)]
    [InlineData(15, 16)]
    [InlineData(1000, 777)]
    public async Task Decode_AllTypes_GivesTheRowsOfAllPayloads(int first, int second)
    {
        var (one, two) = (CatalogRows.AllTypes(first, 1), CatalogRows.AllTypes(second, 2));
        var decoded = Decode(one.Schema, await EncodeAsync(one), await EncodeAsync(two), await EncodeAsync(CatalogRows.AllTypes(100, 3, nullsIn: 0)));
        Assert.Equal(
            [.. await CatalogRows.ReadAsync(one), .. await CatalogRows.ReadAsync(two), .. await CatalogRows.ReadAsync(CatalogRows.AllTypes(100, 3, nullsIn: 0))],
            await CatalogRows.ReadAsync(new InMemoryDataset("decoded", one.Schema, decoded)));
    }

    [Fact]
    public async Task Encode_OtherBatchesAndOtherEncodingOfTexts_GivesTheSameBytes()
    {
        var rows = await CatalogRows.ReadAsync(CatalogRows.AllTypes(500, 7));
        var expected = await EncodeAsync(CatalogRows.AllTypes(500, 7));
        foreach (var batchRows in new[] { 1, 17, 64, 499 })
        {
            var batches = new List<DataBatch>();
            await foreach (var batch in CatalogRows.AllTypes(500, 7).ReadAsync(new ReadOptions { BatchRows = batchRows }, TestContext.Current.CancellationToken)) batches.Add(batch);
            Assert.Equal(expected, Encode(batches[0].Schema, batches));
        }

        var schema = new DataSchema(new ColumnSchema("few", ElementType.String));
        string?[] texts = [.. rows.Select(row => (string?)row[12])];
        // One entry each, twice as many as needed, and in another order: nothing of the source's dictionary shows.
        string[] entries = [.. texts.OfType<string>().Distinct().Reverse(), "unused", .. texts.OfType<string>().Distinct()];
        var validity = new ulong[(texts.Length + 63) / 64];
        for (var i = 0; i < texts.Length; i++) validity[i / 64] |= texts[i] is null ? 0UL : 1UL << i;
        var odd = false;
        int[] codes = [.. texts.Select(text => text is null ? 0 : (odd = !odd) ? Array.IndexOf(entries, text) : Array.LastIndexOf(entries, text))];
        int[] offsets = [0, .. texts.Select((_, i) => texts.Take(i + 1).Sum(text => System.Text.Encoding.UTF8.GetByteCount(text ?? "")))];
        var plain = new TextColumn(System.Text.Encoding.UTF8.GetBytes(string.Concat(texts)), offsets, validity);
        Assert.Equal(
            Encode(schema, [new DataBatch(schema, plain)]),
            Encode(schema, [new DataBatch(schema, TextColumn.FromCodes(codes, entries, validity))]));
    }

    [Fact]
    public void Encode_OtherRows_GivesOtherBytes()
    {
        var schema = new DataSchema(new ColumnSchema("x", ElementType.Int32));
        byte[][] all =
        [
            Encode(schema, [new DataBatch(schema, new Column<int>([1, 2]))]),
            Encode(schema, [new DataBatch(schema, new Column<int>([2, 1]))]),
            Encode(schema, [new DataBatch(schema, new Column<int>([1, 0]))]),
            Encode(schema, [new DataBatch(schema, new Column<int>([1, 0], [0b01]))]),
            Encode(schema, [new DataBatch(schema, new Column<int>([1]))]),
        ];
        Assert.Equal(all.Length, all.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public async Task Decode_SomeColumns_GivesThemInTheOrderAskedFor()
    {
        var dataset = CatalogRows.AllTypes(50, 4);
        var selected = dataset.Schema.Select("many", "int8");
        var bytes = await EncodeAsync(dataset);
        var batch = DataBatchCodec.Decode(dataset.Schema, [13, 1], selected, [bytes], "test");
        Assert.Equal(selected, batch.Schema);
        Assert.Equal((await CatalogRows.ReadAsync(dataset)).Select(row => row[13]), Enumerable.Range(0, 50).Select(batch[0].GetValue));
    }

    /// <summary>Damage anywhere is told, or changes a value; it never ends in another way, nor takes memory for what is not there.</summary>
    [Fact]
    public async Task Decode_DamagedBytes_ThrowsOrGivesValidColumns()
    {
        var dataset = CatalogRows.AllTypes(40, 5);
        var whole = await EncodeAsync(dataset);
        var random = new Random(11);
        var refused = 0;
        for (var attempt = 0; attempt < 4000; attempt++)
        {
            var bytes = (byte[])whole.Clone();
            for (var i = random.Next(3); i >= 0; i--) bytes[attempt < 2000 ? random.Next(200) : random.Next(bytes.Length)] = (byte)random.Next(256);
            if (attempt % 5 == 0) bytes = bytes[..random.Next(bytes.Length)];
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var batch = Decode(dataset.Schema, bytes);
                for (var column = 0; column < batch.Schema.Count; column++)
                {
                    for (var row = 0; row < batch.RowCount; row++) batch[column].GetValue(row);
                }
            }
            catch (DataFormatException error)
            {
                Assert.Equal("test", error.DataSource);
                refused++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }

        Assert.InRange(refused, 1000, 3999);
    }

    [Fact]
    public void Encode_SpecialNumbers_KeepsThemAsFingerprintsSeeThem()
    {
        var schema = new DataSchema(new ColumnSchema("x", ElementType.Float64));
        var bytes = Encode(schema, [new DataBatch(schema, new Column<double>([-0.0, double.NaN, double.PositiveInfinity, double.Epsilon, double.MaxValue]))]);
        var values = ((Column<double>)Decode(schema, bytes)[0]).Values;
        Assert.Equal([0.0, double.NaN, double.PositiveInfinity, double.Epsilon, double.MaxValue], values.ToArray());
        Assert.False(double.IsNegative(values[0]));
    }

    private static DataBatch Decode(DataSchema schema, params ReadOnlySpan<byte[]> payloads)
    {
        var memories = new ReadOnlyMemory<byte>[payloads.Length];
        for (var i = 0; i < payloads.Length; i++) memories[i] = payloads[i];
        return DataBatchCodec.Decode(schema, [.. Enumerable.Range(0, schema.Count)], schema, memories, "test");
    }

    private static async Task<byte[]> EncodeAsync(IDataset dataset)
    {
        var batches = new List<DataBatch>();
        await foreach (var batch in dataset.ReadAsync(null, TestContext.Current.CancellationToken)) batches.Add(batch);
        return Encode(dataset.Schema, batches);
    }

    private static byte[] Encode(DataSchema schema, IEnumerable<DataBatch> batches)
    {
        var writer = new PayloadWriter();
        DataBatchCodec.Encode(schema, [.. batches.Select(batch => new RowRange(batch, 0, batch.RowCount))], writer);
        return writer.Written.ToArray();
    }
}
