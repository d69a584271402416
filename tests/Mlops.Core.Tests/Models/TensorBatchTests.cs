using System.Buffers;
using Mlops.Data;
using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Core.Tests.Models;

public sealed class TensorBatchTests
{
    private static readonly ModelSignature s_signature = new([TensorSpec.Of<float>("x", 3), TensorSpec.Of<string>("city")], [TensorSpec.Of<double>("y")]);

    [Fact]
    public void Rent_Rows_HasTheShapes()
    {
        using var batch = s_signature.RentInputs(5);
        Assert.Equal((5, 2), (batch.Rows, batch.Count));
        Assert.Equal([5, 3], batch[0].Shape.ToArray());
        Assert.Equal(15, batch.Get<float>(0).Span.Length);
        Assert.Equal(5, batch.Get<string>(1).Span.Length);
    }

    [Fact]
    public void Rent_AfterDispose_GivesTheSameBatchAndAllocatesNothing()
    {
        var signature = new ModelSignature(s_signature.Inputs, s_signature.Outputs);
        var first = signature.RentInputs(10);
        first.Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var second = signature.RentInputs(7);
        second.Dispose();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Same(first, second);
    }

    /// <summary>A thread keeps one small batch of each side, whichever model it was for; the others go where every thread finds them.</summary>
    [Fact]
    public void Rent_TwoModelsByTurns_GivesEachItsOwnAndAllocatesNothing()
    {
        ModelSignature one = new([TensorSpec.Of<float>("x", 3)], [TensorSpec.Of<float>("y")]), two = new([TensorSpec.Of<double>("x", 5)], [TensorSpec.Of<string>("y")]);
        Assert.Equal(0, Allocations.Measure(() =>
        {
            foreach (var signature in (ReadOnlySpan<ModelSignature>)[one, two, two, one])
            {
                using var inputs = signature.RentInputs(1);
                using var outputs = signature.RentOutputs(1);
                Assert.Same(signature.Inputs[0], inputs[0].Spec);
                Assert.Same(signature.Outputs[0], outputs[0].Spec);
            }
        }));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(100_000, true)]
    public void Dispose_OnOneThread_OffersLargeBatchesToAll(int rows, bool isOffered)
    {
        var signature = new ModelSignature(s_signature.Inputs, s_signature.Outputs);
        var batch = signature.RentInputs(rows);
        batch.Dispose();
        TensorBatch? other = null;
        var thread = new Thread(() => other = signature.RentInputs(1));
        thread.Start();
        thread.Join();
        Assert.Equal(isOffered, ReferenceEquals(batch, other));
    }

    /// <summary>The shape of the last time is not taken for what is asked for, whatever was done to the batch meanwhile.</summary>
    [Fact]
    public void Rent_AfterResizeBorrowAndOtherRows_HasTheShapeThatIsAskedFor()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x", 3), new TensorSpec("open", ElementType.Float32, [-1, -1]), TensorSpec.Of<string>("city")], []);
        var change = 0;
        foreach (var rows in new[] { 1, 1, 2, 2, 0, 1, 300, 1, 1, 300 })
        {
            using var batch = signature.RentInputs(rows);
            Assert.Equal([rows, 3], batch[0].Shape.ToArray());
            Assert.Equal([rows, 0], batch[1].Shape.ToArray());
            Assert.Equal((rows * 3, 0, rows), (batch[0].Length, batch[1].Length, batch[2].Length));
            Assert.Equal((rows * 3, rows), (batch.Get<float>(0).Span.Length, batch.Get<string>(2).Span.Length));
            Assert.All(batch.Get<string>(2).Span.ToArray(), Assert.Null);
            batch.Get<string>(2).Span.Fill("private");
            batch[1].Resize(rows, 2);
            switch (change++ % 3)
            {
                case 0: batch.Get<float>(0).Borrow(new float[12], 4, 3); break;
                case 1: batch[0].Resize(7, 3); break;
                default: batch.SetRows(5); break;
            }
        }
    }

    [Fact]
    public void Dispose_Twice_ReturnsOnce()
    {
        var signature = new ModelSignature(s_signature.Inputs, s_signature.Outputs);
        var batch = signature.RentInputs(1);
        batch.Dispose();
        batch.Dispose();
        using var one = signature.RentInputs(1);
        using var two = signature.RentInputs(1);
        Assert.NotSame(one, two);
    }

    [Fact]
    public void Get_Disposed_Throws()
    {
        var batch = s_signature.RentInputs(1);
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch[0]);
        Assert.Throws<ObjectDisposedException>(() => batch.Get<float>(0));
        Assert.Throws<ObjectDisposedException>(() => batch.SetRows(2));
    }

    [Fact]
    public void Get_NoSuchSlot_TellsTheSlots()
    {
        using var batch = s_signature.RentInputs(1);
        foreach (var slot in new[] { -1, 17 })
        {
            Assert.Contains($"0 {s_signature.Inputs[0]}", Assert.Throws<ArgumentOutOfRangeException>("slot", () => batch.Get<float>(slot)).Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentOutOfRangeException>("slot", () => batch[slot]);
        }
    }

    [Fact]
    public void Get_OtherType_ThrowsNamingBoth()
    {
        using var batch = s_signature.RentInputs(1);
        var message = Assert.Throws<InvalidOperationException>(() => batch.Get<double>(0)).Message;
        Assert.Contains("'x'", message, StringComparison.Ordinal);
        Assert.Contains("Float32", message, StringComparison.Ordinal);
        Assert.Contains("Float64", message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteRow_EachRow_IsReadBackInItsPlace()
    {
        using var batch = s_signature.RentInputs(3);
        var buffer = batch.Get<float>(0);
        for (var row = 0; row < 3; row++) buffer.WriteRow(row, [row, row + 0.25f, row + 0.5f]);
        Assert.Equal([0, 0.25f, 0.5f, 1, 1.25f, 1.5f, 2, 2.25f, 2.5f], buffer.Span.ToArray());
        Assert.Equal([1, 1.25f, 1.5f], buffer.GetRow(1).ToArray());
        buffer.Borrow(new float[] { 1, 2, 3, 4, 5, 6 }, 2, 3);
        Assert.Equal([4, 5, 6], buffer.GetRow(1).ToArray());
    }

    [Fact]
    public void WriteRow_OtherWidth_ThrowsAndWritesNothing()
    {
        using var batch = s_signature.RentInputs(2);
        var buffer = batch.Get<float>(0);
        buffer.Span.Fill(7);
        Assert.Throws<ArgumentException>(() => buffer.WriteRow(0, [1, 2]));
        Assert.Throws<ArgumentException>(() => buffer.WriteRow(0, [1, 2, 3, 4]));
        Assert.Equal([7, 7, 7, 7, 7, 7], buffer.Span.ToArray());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void GetRow_NoSuchRow_Throws(int row)
    {
        using var batch = s_signature.RentInputs(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = batch.Get<float>(0).GetRow(row).Length);
        using var scalar = new ModelSignature([new TensorSpec("s", ElementType.Float32, [])], []).RentInputs(1);
        Assert.Throws<InvalidOperationException>(() => _ = scalar.Get<float>(0).GetRow(0).Length);
    }

    [Fact]
    public void Rent_TextOfAnEarlierCaller_IsGone()
    {
        var signature = new ModelSignature(s_signature.Inputs, s_signature.Outputs);
        var batch = signature.RentInputs(8);
        batch.Get<string>(1).Span.Fill("secret");
        batch.SetRows(2);
        batch.Dispose();
        using var again = signature.RentInputs(8);
        Assert.Same(batch, again);
        Assert.DoesNotContain("secret", again.Get<string>(1).Span.ToArray());
    }

    [Fact]
    public void Rent_ManyThreads_NeverShareABatch()
    {
        var signature = new ModelSignature([TensorSpec.Of<int>("x", 8)], []);
        var clashes = 0;
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using var batch = signature.RentInputs(1);
            var span = batch.Get<int>(0).Span;
            span.Fill(i);
            if (span.ContainsAnyExcept(i)) Interlocked.Increment(ref clashes);
        });
        Assert.Equal(0, clashes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void Address_Numbers_PointsToTheFirstElementAcrossCollections(int rows)
    {
        using var batch = s_signature.RentInputs(rows);
        var buffer = batch.Get<float>(0);
        buffer.Span.Fill(3);
        GC.Collect();
        if (rows == 0) return;
        unsafe
        {
            Assert.Equal(3, *(float*)buffer.Address);
            ((float*)buffer.Address)[buffer.Length - 1] = 4;
        }

        Assert.Equal(4, buffer.Span[^1]);
        Assert.Equal(0, batch[1].Address);
    }

    [Fact]
    public void Resize_DynamicDimension_TakesItAndRentForgetsIt()
    {
        var signature = new ModelSignature([new TensorSpec("image", ElementType.UInt8, [-1, -1, 4])], []);
        var batch = signature.RentInputs(2);
        Assert.Equal([2, 0, 4], batch[0].Shape.ToArray());
        batch[0].Resize(2, 3, 4);
        Assert.Equal((24, 24), (batch[0].Length, batch.Get<byte>(0).Span.Length));
        batch.Dispose();
        using var again = signature.RentInputs(2);
        Assert.Equal([2, 0, 4], again[0].Shape.ToArray());
    }

    [Fact]
    public void Resize_ShapeNotAllowed_ThrowsAndKeepsTheOldOne()
    {
        using var batch = s_signature.RentInputs(2);
        var buffer = batch[0];
        Assert.Throws<ArgumentException>(() => buffer.Resize(6));
        Assert.Throws<ArgumentException>(() => buffer.Resize(2, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Resize(-1, 3));
        Assert.Throws<ArgumentException>(() => buffer.Resize(int.MaxValue, 3));
        Assert.Throws<ArgumentException>(() => buffer.Resize(nint.MaxValue, 3));
        Assert.Equal([2, 3], buffer.Shape.ToArray());
        Assert.Equal(6, buffer.Length);
    }

    [Fact]
    public void Borrow_Memory_IsUsedWithoutACopyUntilDisposed()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x", 3)], []);
        var memory = new float[300_000];
        var batch = signature.RentInputs(1);
        var owned = batch[0].Address;
        var before = GC.GetAllocatedBytesForCurrentThread();
        batch.Get<float>(0).Borrow(memory, 100_000, 3);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1000);
        Assert.Equal([100_000, 3], batch[0].Shape.ToArray());
        Assert.Equal(memory.Length, batch[0].Length);
        unsafe
        {
            ((float*)batch[0].Address)[5] = 7;
        }

        Assert.Equal(7, memory[5]);
        batch.Get<float>(0).Span[6] = 8;
        Assert.Equal(8, memory[6]);
        batch.Dispose();

        using var again = signature.RentInputs(1);
        Assert.Same(batch, again);
        Assert.Equal(owned, again[0].Address);
        again.Get<float>(0).Span.Fill(9);
        Assert.DoesNotContain(9, memory);
    }

    /// <summary>Otherwise it would tell an address with the length of other memory.</summary>
    [Fact]
    public void Borrow_MemoryThatCannotBePinned_LeavesTheBufferAsItWas()
    {
        using var batch = s_signature.RentInputs(2);
        var buffer = batch.Get<float>(0);
        buffer.Span.Fill(5);
        var address = buffer.Address;
        using var memory = new UnpinnableMemory(300);
        Assert.Throws<NotSupportedException>(() => buffer.Borrow(memory.Memory, 100, 3));
        Assert.Equal([2, 3], buffer.Shape.ToArray());
        Assert.Equal((6, address), (buffer.Length, buffer.Address));
        Assert.All(buffer.Span.ToArray(), value => Assert.Equal(5, value));
    }

    [Fact]
    public void Borrow_ThenResize_ReturnsToOwnMemory()
    {
        using var batch = s_signature.RentInputs(1);
        var buffer = batch.Get<float>(0);
        var memory = new float[30];
        buffer.Borrow(memory, 10, 3);
        buffer.Resize(20, 3);
        buffer.Span.Fill(1);
        Assert.Equal(60, buffer.Span.Length);
        Assert.DoesNotContain(1, memory);
        buffer.Borrow(memory, 10, 3);
        buffer.Borrow(new float[3], 1, 3);
        Assert.Equal(3, buffer.Span.Length);
        batch.SetRows(4);
        Assert.Equal(12, buffer.Span.Length);
    }

    [Fact]
    public void Borrow_ShapeAndLengthDisagree_ThrowsAndKeepsTheOldOne()
    {
        using var batch = s_signature.RentInputs(2);
        var buffer = batch.Get<float>(0);
        Assert.Throws<ArgumentException>(() => buffer.Borrow(new float[5], 2, 3));
        Assert.Throws<ArgumentException>(() => buffer.Borrow(new float[4], 1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Borrow(new float[6], -2, -3));
        Assert.Equal([2, 3], buffer.Shape.ToArray());
        Assert.Equal(6, buffer.Span.Length);
    }

    [Fact]
    public void Borrow_Texts_AreUsedAndLeftAlone()
    {
        string[] cities = ["Oslo", "Roma"];
        var batch = s_signature.RentInputs(1);
        batch.Get<string>(1).Borrow(cities, 2, 1);
        Assert.Equal("Roma", batch.Get<string>(1).Span[1]);
        batch.Dispose();
        Assert.Equal(["Oslo", "Roma"], cities);
    }

    [Fact]
    public void ToDoubles_EveryNumericType_RoundTrips()
    {
        foreach (var type in Enum.GetValues<ElementType>().Where(type => type.IsNumeric()))
        {
            var signature = new ModelSignature([new TensorSpec("x", type, [-1, 1])], []);
            using var batch = signature.RentInputs(3);
            TensorNumbers.FromDoubles([0, 1, 1], batch[0]);
            Assert.Equal([0, 1, 1], TensorNumbers.ToDoubles(batch[0]));
            Assert.Throws<ArgumentException>(() => TensorNumbers.FromDoubles([1, 2], batch[0]));
            Assert.Throws<ArgumentException>(() => TensorNumbers.CopyTo(batch[0], new double[2]));
        }
    }

    [Fact]
    public void FromDoubles_OutOfRange_BecomesTheNearestValue()
    {
        var signature = new ModelSignature([TensorSpec.Of<sbyte>("a"), TensorSpec.Of<ulong>("b"), TensorSpec.Of<float>("c"), TensorSpec.Of<string>("d")], []);
        using var batch = signature.RentInputs(3);
        TensorNumbers.FromDoubles([-1000, 1000, double.NaN], batch[0]);
        TensorNumbers.FromDoubles([-1, 1e300, 5], batch[1]);
        TensorNumbers.FromDoubles([1e300, double.NaN, 0.1], batch[2]);
        Assert.Equal([sbyte.MinValue, sbyte.MaxValue, 0], batch.Get<sbyte>(0).Span.ToArray());
        Assert.Equal([0, ulong.MaxValue, 5], batch.Get<ulong>(1).Span.ToArray());
        Assert.Equal([float.PositiveInfinity, float.NaN, 0.1f], batch.Get<float>(2).Span.ToArray());
        Assert.Throws<ArgumentException>(() => TensorNumbers.ToDoubles(batch[3]));
    }

    private sealed class UnpinnableMemory(int length) : MemoryManager<float>
    {
        private readonly float[] _elements = new float[length];

        public override Span<float> GetSpan() => _elements;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
