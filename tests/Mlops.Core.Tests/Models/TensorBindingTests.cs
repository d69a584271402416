using Mlops.Data;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class TensorBindingTests
{
    private const int Rows = 70; // More than one word of a bitmap of nulls.

    public static TheoryData<ElementType> Numbers => [.. Enum.GetValues<ElementType>().Where(type => type.IsNumeric())];

    /// <summary>A wide column between two of one element, into every type of tensor, from every type of column.</summary>
    [Theory]
    [MemberData(nameof(Numbers))]
    public void Write_WideColumnBetweenNarrowOnes_KeepsRowsTogether(ElementType target)
    {
        foreach (var type in Numbers.Select(row => row.Data))
        {
            var schema = new DataSchema([new("before", type), new("wide", type) { Width = 3 }, new("after", type)]);
            // 0 and 1 are in the range of every type, booleans included; a pattern that no other layout gives.
            int[][] columns = [Pattern(1, 2), Pattern(3, 5), Pattern(1, 3)];
            var batch = new DataBatch(schema, [MakeColumn(type, columns[0], 1), MakeColumn(type, columns[1], 3), MakeColumn(type, columns[2], 1)]);
            var signature = new ModelSignature([new TensorSpec("x", target, [-1, 5]) { Columns = ["before", "wide", "after"] }], []);
            using var inputs = signature.RentInputs(1);

            TensorBinding.Create(signature.Inputs, schema).Write(batch, inputs);

            Assert.Equal(Rows, inputs.Rows);
            var expected = Enumerable.Range(0, Rows).SelectMany(row => new[] { columns[0][row], columns[1][row * 3], columns[1][(row * 3) + 1], columns[1][(row * 3) + 2], columns[2][row] }).Select(number => (double)number);
            Assert.Equal(expected, TensorNumbers.ToDoubles(inputs[0]));
        }
    }

    [Fact]
    public void Write_SameType_KeepsEveryBit()
    {
        long[] longs = [long.MinValue, long.MaxValue, (1L << 53) + 1, -1];
        ulong[] unsigned = [ulong.MaxValue, (1UL << 53) + 1, 0, 1];
        var schema = new DataSchema([new("l", ElementType.Int64), new("u", ElementType.UInt64) { Width = 2 }]);
        var signature = new ModelSignature([TensorSpec.Of<long>("l"), TensorSpec.Of<ulong>("u", 2)], []);
        using var inputs = signature.RentInputs(1);

        TensorBinding.Create(signature.Inputs, schema).Write(new DataBatch(schema, [new Column<long>(longs[..2]), new Column<ulong>(unsigned, width: 2)]), inputs);

        Assert.Equal(longs[..2], inputs.Get<long>(0).Span.ToArray());
        Assert.Equal(unsigned, inputs.Get<ulong>(1).Span.ToArray());
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float64)]
    public void Write_MissingRowOfWideColumn_IsNaNThroughout(ElementType target)
    {
        foreach (var column in new Column[] { new Column<float>(new float[] { 1, 2, 3, 4, 5, 6 }, [0b101], 2), new Column<double>(new double[] { 1, 2, 3, 4, 5, 6 }, [0b101], 2), new Column<bool>(new bool[] { true, true, true, true, true, true }, [0b101], 2) })
        {
            var schema = new DataSchema([new("x", column.Type) { Width = 2 }]);
            var signature = new ModelSignature([new TensorSpec("x", target, [-1, 2])], []);
            using var inputs = signature.RentInputs(1);
            TensorBinding.Create(signature.Inputs, schema).Write(new DataBatch(schema, [column]), inputs);
            Assert.Equal([false, false, true, true, false, false], TensorNumbers.ToDoubles(inputs[0]).Select(double.IsNaN));
        }
    }

    [Theory]
    [InlineData(ElementType.Boolean)]
    [InlineData(ElementType.Int8)]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.UInt32)]
    public void Write_MissingWhereNothingCanSaySo_ThrowsNamingTheColumn(ElementType target)
    {
        // Missing by the bitmap, and missing as a number that is none.
        foreach (var column in new Column[] { new Column<double>(new double[] { 1, 0, 1 }, [0b101]), new Column<double>(new double[] { 1, double.NaN, 1 }) })
        {
            var schema = new DataSchema([new("x", ElementType.Float64)]);
            var signature = new ModelSignature([new TensorSpec("x", target, [-1, 1])], []);
            using var inputs = signature.RentInputs(1);
            var error = Assert.Throws<DataFormatException>(() => TensorBinding.Create(signature.Inputs, schema).Write(new DataBatch(schema, [column]), inputs));
            Assert.Equal("x", error.Column);
        }
    }

    [Fact]
    public void Write_DatesTimestampsAndTexts_HaveTheirDefinedForm()
    {
        var schema = new DataSchema([new("d", ElementType.Date), new("t", ElementType.Timestamp), new("a", ElementType.String), new("b", ElementType.String)]);
        var batch = new DataBatch(schema,
        [
            new Column<DateOnly>(new DateOnly[] { new(1969, 12, 31), new(1970, 1, 2) }),
            new Column<DateTime>(new DateTime[] { new(1970, 1, 1, 0, 1, 0, DateTimeKind.Utc), new(1969, 12, 31, 23, 59, 59, 500, DateTimeKind.Utc) }),
            TextColumn.FromStrings("x", null),
            TextColumn.FromStrings("y", "z"),
        ]);
        var signature = new ModelSignature([TensorSpec.Of<long>("d"), TensorSpec.Of<double>("t"), TensorSpec.Of<string>("words", 2, "a", "b")], []);
        using var inputs = signature.RentInputs(1);

        TensorBinding.Create(signature.Inputs, schema).Write(batch, inputs);

        Assert.Equal([-1, 1], inputs.Get<long>(0).Span.ToArray());
        Assert.Equal([60, -0.5], inputs.Get<double>(1).Span.ToArray());
        Assert.Equal(["x", "y", "", "z"], inputs.Get<string>(2).Span.ToArray());
    }

    [Fact]
    public void Create_ColumnsThatDoNotFit_ThrowsNamingTheInput()
    {
        var schema = new DataSchema([new("wide", ElementType.Boolean) { Width = 3 }, new("t", ElementType.String)]);
        Assert.StartsWith("The input x: Boolean[?, 2] takes 2 elements a row, but its columns have 3: 'wide' (3). ", Assert.Throws<ArgumentException>(() => TensorBinding.Create([TensorSpec.Of<bool>("x", 2, "wide")], schema)).Message, StringComparison.Ordinal);
        Assert.Contains("'t'", Assert.Throws<ArgumentException>(() => TensorBinding.Create([TensorSpec.Of<float>("x", 1, "t")], schema)).Message, StringComparison.Ordinal);
        Assert.Throws<EntityNotFoundException>(() => TensorBinding.Create([TensorSpec.Of<float>("absent")], schema));
    }

    [Fact]
    public void Create_ManyColumnsThatDoNotFit_NamesTheVectorsAndNotAllOfThem()
    {
        string[] names = [.. Enumerable.Range(0, 2000).Select(i => $"c{i}")];
        var schema = new DataSchema([.. names.Select((name, i) => new ColumnSchema(name, ElementType.Float32) { Width = i % 250 == 7 ? 2 : 1 })]);
        var error = Assert.Throws<ArgumentException>(() => TensorBinding.Create([TensorSpec.Of<float>("x", 2000, names)], schema));
        Assert.Contains(" takes 2000 elements a row, but its columns have 2008: 'c7' (2), 'c257' (2), 'c507' (2), 'c757' (2), 'c1007' (2) and 3 more. Give ", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => TensorBinding.Create([TensorSpec.Of<float>("x", 3, "c0", "c1")], schema));
        Assert.Contains(" takes 3 elements a row, but its columns have 2. Give ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>0 and 1, with a period that no stride of another layout shares.</summary>
    private static int[] Pattern(int width, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Rows * width).Select(_ => random.Next(2))];
    }

    private static Column MakeColumn(ElementType type, int[] values, int width) => type switch
    {
        ElementType.Boolean => new Column<bool>(Array.ConvertAll(values, value => value != 0), width: width),
        ElementType.Int8 => new Column<sbyte>(Array.ConvertAll(values, value => (sbyte)value), width: width),
        ElementType.Int16 => new Column<short>(Array.ConvertAll(values, value => (short)value), width: width),
        ElementType.Int32 => new Column<int>(values, width: width),
        ElementType.Int64 => new Column<long>(Array.ConvertAll(values, value => (long)value), width: width),
        ElementType.UInt8 => new Column<byte>(Array.ConvertAll(values, value => (byte)value), width: width),
        ElementType.UInt16 => new Column<ushort>(Array.ConvertAll(values, value => (ushort)value), width: width),
        ElementType.UInt32 => new Column<uint>(Array.ConvertAll(values, value => (uint)value), width: width),
        ElementType.UInt64 => new Column<ulong>(Array.ConvertAll(values, value => (ulong)value), width: width),
        ElementType.Float16 => new Column<Half>(Array.ConvertAll(values, value => (Half)value), width: width),
        ElementType.Float32 => new Column<float>(Array.ConvertAll(values, value => (float)value), width: width),
        _ => new Column<double>(Array.ConvertAll(values, value => (double)value), width: width),
    };
}
