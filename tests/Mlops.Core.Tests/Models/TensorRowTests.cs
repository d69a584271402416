using System.Collections.Immutable;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

/// <summary>Rows as the generator implements them, in the compiler that builds this repository.</summary>
public sealed partial class TensorRowTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void WriteThenRead_EveryType_GivesTheSameValues()
    {
        var row = new Every(true, -8, -1600, -320000, long.MinValue, 200, 60000, uint.MaxValue, ulong.MaxValue, (Half)0.5, 1.5f, Math.PI, "Łódź", new DateOnly(2024, 2, 29),
            new DateTime(2024, 2, 29, 23, 59, 59, 123, DateTimeKind.Utc), new DateTimeOffset(1969, 7, 20, 20, 17, 40, TimeSpan.Zero));
        Assert.Equal(row, RoundTrip(row));
        Assert.Equal(
            [ElementType.Boolean, ElementType.Int8, ElementType.Int16, ElementType.Int32, ElementType.Int64, ElementType.UInt8, ElementType.UInt16, ElementType.UInt32, ElementType.UInt64,
                ElementType.Float16, ElementType.Float32, ElementType.Float64, ElementType.String, ElementType.Int64, ElementType.Float64, ElementType.Float64],
            Every.Tensors.Select(tensor => tensor.ElementType));
    }

    [Fact]
    public void WriteThenRead_MissingValues_AreMissing()
    {
        var none = new Optional(null, null, null, null, null, null, null, null);
        Assert.Equal(none, RoundTrip(none));
        var some = new Optional(1.5f, 2.5, (Half)3, "a", 4, true, new DateOnly(1960, 1, 1), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(some, RoundTrip(some));
    }

    [Fact]
    public void Write_MissingValues_AreNaNAndEmptyText()
    {
        using var batch = Rent<Optional>(2);
        new Optional(null, null, null, null, null, null, null, null).Write(batch, 1);
        Assert.All(Enumerable.Range(0, batch.Count), slot => Assert.True(batch[slot] is TensorBuffer<string> texts ? texts.GetRow(1)[0] == "" : double.IsNaN(TensorNumbers.ToDoubles(batch[slot])[1])));
    }

    /// <summary>A struct's default has no texts, whatever its type says.</summary>
    [Fact]
    public void Write_DefaultOfAStruct_WritesAnEmptyText()
    {
        using var batch = Rent<Named>(1);
        default(Named).Write(batch, 0);
        Assert.Equal("", batch.Get<string>(0).Span[0]);
    }

    [Fact]
    public void WriteThenRead_Vectors_GiveTheSameElements()
    {
        var row = new Vectors([1, 2, 3], new long[] { 4, 5 }, new bool[] { true, false }, ["a", "", "c"], ["x", "y"], null);
        var read = RoundTrip(row);
        Assert.Equal(row.Numbers, read.Numbers);
        Assert.Equal(row.Integers.ToArray(), read.Integers.ToArray());
        Assert.Equal(row.Flags.ToArray(), read.Flags.ToArray());
        Assert.Equal(row.Texts, read.Texts);
        Assert.Equal(row.Tags, read.Tags);
        Assert.Null(read.Embedding);
        Assert.Equal([0.5, double.NaN], RoundTrip(row with { Embedding = [0.5, double.NaN] }).Embedding!);
        Assert.Null(RoundTrip(row with { Tags = null }).Tags);
        Assert.Equal([-1, 3, 1], Vectors.Tensors[0].Shape);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void Write_VectorOfAnotherLength_ThrowsNamingTheColumnAndNoOtherChanges(int length)
    {
        using var batch = Rent<Packed>(1);
        batch.Get<float>(0).Span.Fill(7);
        var error = Assert.Throws<ArgumentException>(() => new Packed(1, new float[length], 1).Write(batch, 0));
        Assert.Contains($"'embedding' takes 3 elements in each row; {length} were given for row 0.", error.Message, StringComparison.Ordinal);
        Assert.Equal(7, batch.Get<float>(0).Span[4]);
        Assert.Throws<ArgumentException>(() => new Packed(1, null!, 1).Write(batch, 0));
    }

    [Fact]
    public void Write_PackedRow_LiesInOneTensorInOrder()
    {
        using var batch = Rent<Packed>(2);
        new Packed(1, [2, 3, 4], null).Write(batch, 1);
        Assert.Equal(1, batch.Count);
        Assert.Equal([1, 2, 3, 4, float.NaN], batch.Get<float>(0).GetRow(1).ToArray());
        var read = Packed.Read(batch, 1);
        Assert.Equal((1, null), (read.Count, read.Last));
        Assert.Equal(["Count", "embedding", "Last"], Packed.Tensors[0].Columns);
    }

    /// <summary>What a model gives must be what the property can hold: nothing is cut or guessed.</summary>
    [Theory]
    [InlineData(double.NaN, "missing")]
    [InlineData(2.5, "does not fit")]
    [InlineData(1e12, "does not fit")]
    [InlineData(double.PositiveInfinity, "does not fit")]
    public void Read_NumberThatThePropertyCannotHold_ThrowsNamingTheColumn(double value, string problem)
    {
        using var batch = Rent<Count>(1);
        batch.Get<double>(0).Span[0] = value;
        var error = Assert.Throws<DataFormatException>(() => Count.Read(batch, 0));
        Assert.Equal("count", error.Column);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        batch.Get<double>(0).Span[0] = -3;
        Assert.Equal(-3, Count.Read(batch, 0).Value);
    }

    [Theory]
    [InlineData(0, double.NaN, "Flag")]
    [InlineData(1, 1e300, "Day")]
    [InlineData(1, -1e7, "Day")]
    [InlineData(2, double.NaN, "At")]
    [InlineData(2, 1e300, "At")]
    [InlineData(2, -1e12, "At")]
    public void Read_NoTruthValueDayOrMoment_ThrowsNamingTheColumn(int element, double value, string column)
    {
        using var batch = Rent<Converted>(1);
        new Converted(true, DateOnly.MaxValue, DateTime.UnixEpoch).Write(batch, 0);
        Assert.Equal(new Converted(true, DateOnly.MaxValue, DateTime.UnixEpoch), Converted.Read(batch, 0));
        batch.Get<double>(0).Span[element] = value;
        Assert.Equal(column, Assert.Throws<DataFormatException>(() => Converted.Read(batch, 0)).Column);
    }

    [Fact]
    public void WriteThenRead_FirstAndLastMoments_AreTheSame()
    {
        Assert.Equal(DateTime.MinValue, RoundTrip(new Converted(false, DateOnly.MinValue, DateTime.MinValue)).At);
        var last = new DateTime(9999, 12, 31, 23, 59, 59, DateTimeKind.Utc);
        Assert.Equal(last, RoundTrip(new Converted(false, DateOnly.MaxValue, last)).At);
    }

    [Fact]
    public void Write_LocalMoment_IsWrittenInUtc()
    {
        var utc = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        Assert.Equal(utc, RoundTrip(new Converted(false, default, utc.ToLocalTime())).At);
        Assert.Equal(utc, RoundTrip(new Converted(false, default, DateTime.SpecifyKind(utc, DateTimeKind.Unspecified))).At);
    }

    [Fact]
    public void Write_NoSuchRowOrOtherLayout_Throws()
    {
        using var batch = Rent<Packed>(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => Packed.Read(batch, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Packed.Read(batch, -1));
        Assert.Throws<ArgumentNullException>(() => Packed.Read(null!, 0));
        using var other = new ModelSignature([TensorSpec.Of<float>("input", 4)], []).RentInputs(2);
        var error = Assert.Throws<InvalidOperationException>(() => new Packed(1, [1, 2, 3], 1).Write(other, 0));
        Assert.Contains("'input' is Float32[2, 4] in a batch of 2 rows; 5 elements in each row were expected", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The message says which field of which side it is, and what was expected.</summary>
    [Fact]
    public void AsTyped_ModelOfOtherFields_ThrowsNamingTheField()
    {
        Assert.Contains("'embedding'", Refused(TensorSpec.Of<float>("input", 5, "Count", "embeding", "Last")), StringComparison.Ordinal);
        Assert.Contains("input 'input' is input: Float64[?, 5], but input: Float32[?, 5] was expected", Refused(TensorSpec.Of<double>("input", 5)), StringComparison.Ordinal);
        Assert.Contains("input 'input' is input: Float32[?, 6]", Refused(TensorSpec.Of<float>("input", 6)), StringComparison.Ordinal);
        Assert.Contains("input 0 is 'features', but 'input' was expected", Refused(TensorSpec.Of<float>("features", 5)), StringComparison.Ordinal);

        static string Refused(TensorSpec input)
            => Assert.Throws<ArgumentException>(() => new DelegatePredictor(new ModelSignature([input], Count.Tensors), (_, _) => { }).AsTyped<Packed, Count>()).Message;
    }

    [Fact]
    public void AsTyped_ModelTakesOneTensorOfAll_SaysHowPropertiesBelongToOne()
    {
        var predictor = new DelegatePredictor(new ModelSignature([TensorSpec.Of<double>("numeric", 2, "area", "rooms")], Count.Tensors), (_, _) => { });
        Assert.StartsWith(
            "Apart and Count do not fit the model, which is not as they expect: 2 inputs were expected, but there is 1: numeric: Float64[?, 2] of 'area', 'rooms'; not expected: 'numeric'; "
            + "expected and not there: 'area', 'rooms'. Correct the types of rows: [TensorColumn(\"…\")] names a column, [TensorRow(Tensor = \"…\")] the one tensor that several of them belong to.",
            Assert.Throws<ArgumentException>(() => predictor.AsTyped<Apart, Count>()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_ClassWithSetters_IsWrittenAndRead()
    {
        var typed = new DelegatePredictor(new ModelSignature(Mutable.Tensors, Count.Tensors), (inputs, outputs) =>
        {
            for (var row = 0; row < inputs.Rows; row++) outputs.Get<double>(0).Span[row] = inputs.Get<float>(0).Span[row] * inputs.Get<int>(1).Span[row];
        }).AsTyped<Mutable, Count>();
        Assert.Equal(new Count(12), await typed.PredictAsync(new Mutable { Price = 1.5f, Amount = 8 }, cancellationToken: Token));
    }

    [Fact]
    public void WriteAndReadOfStructs_Numbers_AllocateNothing()
    {
        using var batch = Rent<Packed>(64);
        using var texts = Rent<Optional>(64);
        using var counts = Rent<Count>(64);
        var (packed, optional) = (new Packed(1, [1, 2, 3], 4), new Optional(1, null, (Half)1, "a", 2, null, new DateOnly(2020, 1, 1), null));
        counts.Get<double>(0).Span.Fill(3);
        Fill();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Fill();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Fill()
        {
            for (var row = 0; row < 64; row++)
            {
                packed.Write(batch, row);
                optional.Write(texts, row);
                Count.Read(counts, row).Write(counts, row);
            }
        }
    }

    private static T RoundTrip<T>(T value)
        where T : ITensorRow<T>
    {
        using var batch = Rent<T>(3);
        value.Write(batch, 1);
        return T.Read(batch, 1);
    }

    private static TensorBatch Rent<T>(int rows)
        where T : ITensorRow<T> => new ModelSignature(T.Tensors, []).RentInputs(rows);

    [TensorRow]
    private sealed partial record Every(
        bool Boolean, sbyte Int8, short Int16, int Int32, long Int64, byte UInt8, ushort UInt16, uint UInt32, ulong UInt64, Half Float16, float Float32, double Float64, string Text,
        DateOnly Day, DateTime Moment, DateTimeOffset Offset);

    [TensorRow]
    private sealed partial record Optional(
        float? Single, double? Double, Half? Half, string? Text, [TensorColumn(ElementType = ElementType.Float64)] int? Integer, [TensorColumn(ElementType = ElementType.Float32)] bool? Flag,
        [TensorColumn(ElementType = ElementType.Float64)] DateOnly? Day, DateTime? Moment);

    [TensorRow]
    private readonly partial record struct Named(string Name);

    [TensorRow]
    private sealed partial record Vectors(
        [TensorShape(3, 1)] float[] Numbers, [TensorShape(2)] ReadOnlyMemory<long> Integers, [TensorShape(2)] Memory<bool> Flags, [TensorShape(3)] ImmutableArray<string> Texts,
        [TensorShape(2)] string[]? Tags, [TensorShape(2)] double[]? Embedding);

    [TensorRow(Tensor = "input", ElementType = ElementType.Float32)]
    private readonly partial record struct Packed(int Count, [TensorColumn("embedding"), TensorShape(3)] float[] Embedding, double? Last);

    [TensorRow]
    private readonly partial record struct Apart([TensorColumn("area")] double Area, [TensorColumn("rooms")] double Rooms);

    [TensorRow]
    private readonly partial record struct Count([TensorColumn("count", ElementType = ElementType.Float64)] int Value);

    [TensorRow(Tensor = "all", ElementType = ElementType.Float64)]
    private readonly partial record struct Converted(bool Flag, [TensorColumn(Tensor = "all")] DateOnly Day, [TensorColumn(Tensor = "all")] DateTime At);

    [TensorRow]
    private sealed partial class Mutable
    {
        public float Price { get; set; }

        public int Amount { get; set; }

        public float Total => Price * Amount;
    }
}
