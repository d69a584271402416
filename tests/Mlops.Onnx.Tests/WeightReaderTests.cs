using Mlops.Data;

namespace Mlops.Onnx.Tests;

/// <summary>Which constants of a file are taken for weights; what a damaged file says of its shapes must not overflow.</summary>
public sealed class WeightReaderTests
{
    private const int ElementBytes = 4;

    [Theory]
    [InlineData(1024L)]
    [InlineData(2L, 512L)]
    [InlineData(1024L, 1L, 1L)]
    public void Read_ShapeOfTheBytes_IsAWeight(params long[] shape)
    {
        var weight = Assert.Single(WeightReader.Read(Build(1024, shape)));
        Assert.Equal(("w", ElementType.Float32, 1024 * ElementBytes), (weight.Name, weight.ElementType, weight.Data.Length));
        Assert.Equal(shape, weight.Shape);
    }

    /// <summary>The products of the last two are the right ones when they overflow.</summary>
    [Theory]
    [InlineData(1023L)]
    [InlineData(-1024L)]
    [InlineData(-1L, -1024L)]
    [InlineData(0L)]
    [InlineData((1L << 62) + 1024)]
    [InlineData(-1L, 4096L, long.MaxValue)]
    public void Read_ShapeOfOtherBytes_IsNone(params long[] shape) => Assert.Empty(WeightReader.Read(Build(1024, shape)));

    [Fact]
    public void Read_NoElements_IsAWeightOfNoBytes() => Assert.Equal(0, Assert.Single(WeightReader.Read(Build(0, [3, 0, long.MaxValue]))).Data.Length);

    /// <summary>Writes a model of one constant: ModelProto.graph (7), GraphProto.initializer (5), and of TensorProto dims (1), data_type (2), name (8) and raw_data (9).</summary>
    private static byte[] Build(int elements, long[] shape)
    {
        var tensor = new ProtobufWriter();
        foreach (var dimension in shape) tensor.WriteInteger(1, dimension);
        tensor.WriteInteger(2, 1);
        tensor.WriteText(8, "w");
        tensor.WriteBytes(9, new byte[elements * ElementBytes]);
        var graph = new ProtobufWriter();
        graph.WriteMessage(5, tensor);
        var model = new ProtobufWriter();
        model.WriteMessage(7, graph);
        return model.ToArray();
    }
}
