using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

/// <summary>The binary form against sketches that Apache DataSketches wrote.</summary>
public sealed class KllFormatTests
{
    private static readonly JsonElement s_golden
        = JsonDocument.Parse(File.ReadAllBytes(TestFiles.PathOf("tests", "TestData", "profiles", "sketch_golden.json"))).RootElement;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_golden.GetProperty("kll_deserialize").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void ReadFrom_OfDataSketches_AnswersAsItDoesAndIsWrittenAgainByteForByte(int index)
    {
        var expected = s_golden.GetProperty("kll_deserialize")[index];
        var bytes = expected.GetProperty("base64").GetBytesFromBase64();
        var sketch = KllSketch.ReadFrom(bytes);

        AssertAnswers(expected, sketch);
        Assert.Equal(bytes, Bytes(sketch));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ReadFrom_SameSketchOfFloats_IsWidened(int index)
    {
        var expected = s_golden.GetProperty("kll_deserialize")[index];
        var floats = ToFloats(expected.GetProperty("base64").GetBytesFromBase64());
        AssertAnswers(expected, KllSketch.ReadFrom(floats));
    }

    [Fact]
    public void GetNormalizedRankError_AnyK_IsThatOfDataSketches()
    {
        var cases = s_golden.GetProperty("kll_rank_error").EnumerateArray().ToArray();
        Assert.Equal(9, cases.Length);
        foreach (var expected in cases)
        {
            var k = expected.GetProperty("k").GetInt32();
            Assert.Equal(expected.GetProperty("single").GetDouble(), KllSketch.GetNormalizedRankError(k), 1e-15);
            Assert.Equal(expected.GetProperty("pmf").GetDouble(), KllSketch.GetNormalizedIntervalError(k), 1e-15);
            var sketch = new KllSketch(k);
            sketch.Add(new double[k + 1]);
            Assert.Equal(expected.GetProperty("single").GetDouble(), sketch.NormalizedRankError, 1e-15);
            Assert.Equal(expected.GetProperty("pmf").GetDouble(), sketch.NormalizedIntervalError, 1e-15);
        }
    }

    [Fact]
    public void ReadFrom_OneValueInTheFullForm_IsRead()
    {
        // What DataSketches wrote before it had a form for one value.
        var bytes = new byte[20 + 4 + 24];
        byte[] head = [5, 1, 15, 0, 200, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 200, 0, 1, 0, 199, 0, 0, 0];
        head.CopyTo(bytes, 0);
        for (var i = 0; i < 3; i++) BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(24 + (8 * i)), 1.5);
        var sketch = KllSketch.ReadFrom(bytes);
        Assert.Equal((1, 1.5, 1.5), (sketch.Count, sketch.Minimum, sketch.GetQuantile(0.5)));
        Assert.Equal(16, Bytes(sketch).Length);
    }

    [Theory]
    [InlineData(8, 5000)]
    [InlineData(200, 3)]
    [InlineData(200, 100_000)]
    [InlineData(1000, 100_000)]
    public void WriteTo_OwnSketch_ReadsBackTheSame(int k, int count)
    {
        var sketch = new KllSketch(k);
        sketch.Add([.. Enumerable.Range(0, count).Select(i => i % 3 == 0 ? -0.0 : Math.Tan(i))]);
        var bytes = Bytes(sketch);
        var restored = KllSketch.ReadFrom(bytes);
        Assert.Equal(bytes, Bytes(restored));
        Assert.Equal((sketch.Count, sketch.Minimum, sketch.Maximum, sketch.RetainedCount), (restored.Count, restored.Minimum, restored.Maximum, restored.RetainedCount));
        Assert.Equal(sketch.GetSortedItems(), restored.GetSortedItems());
    }

    [Fact]
    public void ReadFrom_SortedLevelZero_KeepsTheMarkUntilSomethingIsAdded()
    {
        var bytes = s_golden.GetProperty("kll_deserialize")[2].GetProperty("base64").GetBytesFromBase64();
        bytes[3] = 2;
        Assert.Throws<FormatException>(() => KllSketch.ReadFrom(bytes));
        for (var i = 0; i < 7; i++) BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(40 + (8 * i)), i);
        var sketch = KllSketch.ReadFrom(bytes);
        Assert.Equal(bytes, Bytes(sketch));
        sketch.Add(1);
        Assert.Equal(0, Bytes(sketch)[3]);
    }

    [Fact]
    public void ReadFrom_UpdatableForm_IsRefusedBySayingSo()
    {
        var bytes = s_golden.GetProperty("kll_deserialize")[3].GetProperty("base64").GetBytesFromBase64();
        bytes[1] = 3;
        Assert.Contains("updatable", Assert.Throws<FormatException>(() => KllSketch.ReadFrom(bytes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(2000)]
    public void ReadFrom_CutOff_IsRefused(int count)
    {
        var sketch = new KllSketch(20);
        sketch.Add([.. Enumerable.Range(0, count).Select(i => (double)i)]);
        var bytes = Bytes(sketch);
        // One value cut to four bytes is a value of four bytes, a float; nothing in the form tells them apart.
        for (var length = 0; length < bytes.Length; length++)
        {
            var part = bytes[..length];
            if (count == 1 && length == 12) continue;
            Assert.Throws<FormatException>(() => KllSketch.ReadFrom(part));
        }

        Assert.Throws<FormatException>(() => KllSketch.ReadFrom([.. bytes, 0]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(2000)]
    public void ReadFrom_AnyByteChanged_IsRefusedOrAWorkingSketch(int count)
    {
        var sketch = new KllSketch(20);
        sketch.Add([.. Enumerable.Range(0, count).Select(i => (double)i)]);
        var bytes = Bytes(sketch);
        var refused = 0;
        for (var position = 0; position < bytes.Length; position++)
        {
            for (var bit = 0; bit < 9; bit++)
            {
                var damaged = (byte[])bytes.Clone();
                damaged[position] = bit == 8 ? (byte)~damaged[position] : (byte)(damaged[position] ^ (1 << bit));
                try
                {
                    var read = KllSketch.ReadFrom(damaged);
                    Assert.Equal(read.Count, read.GetSortedItems().Sum(item => item.Weight));
                    Assert.Equal(damaged, Bytes(read));
                    read.Add([.. Enumerable.Range(0, 100).Select(i => (double)i)]);
                    read.Merge(sketch);
                    KllSketch.ReadFrom(Bytes(read));
                }
                catch (FormatException)
                {
                    refused++;
                }
            }
        }

        // All of the header but k, the smallest k and the mark of a sorted level; and what makes a value NaN or breaks its level's order.
        Assert.True(refused > 35, $"{refused} refused");
    }

    private static void AssertAnswers(JsonElement expected, KllSketch sketch)
    {
        Assert.Equal(expected.GetProperty("k").GetInt32(), sketch.K);
        Assert.Equal(expected.GetProperty("n").GetInt64(), sketch.Count);
        Assert.Equal(expected.GetProperty("retained").GetInt32(), sketch.RetainedCount);
        Assert.Equal(expected.GetProperty("estimation_mode").GetBoolean(), !sketch.IsExact);
        if (sketch.Count == 0) return;
        Assert.Equal(expected.GetProperty("min").GetDouble(), sketch.Minimum);
        Assert.Equal(expected.GetProperty("max").GetDouble(), sketch.Maximum);
        foreach (var pair in expected.GetProperty("ranks_inclusive").EnumerateArray())
            Assert.Equal(pair[1].GetDouble(), sketch.GetRank(pair[0].GetDouble()));
        foreach (var pair in expected.GetProperty("quantiles_inclusive").EnumerateArray())
            Assert.Equal(pair[1].GetDouble(), sketch.GetQuantile(pair[0].GetDouble()));
    }

    /// <summary>Writes the doubles of a stored sketch as floats, as DataSketches' sketch of floats is stored.</summary>
    private static byte[] ToFloats(byte[] doubles)
    {
        var start = doubles[0] == 2 ? 8 : 20 + (4 * doubles[18]);
        var floats = new byte[start + ((doubles.Length - start) / 2)];
        doubles.AsSpan(0, start).CopyTo(floats);
        for (var i = 0; start + (8 * i) < doubles.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(floats.AsSpan(start + (4 * i)), (float)BinaryPrimitives.ReadDoubleLittleEndian(doubles.AsSpan(start + (8 * i))));
        return floats;
    }

    private static byte[] Bytes(KllSketch sketch)
    {
        var writer = new ArrayBufferWriter<byte>();
        sketch.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }
}
