using Mlops.Data;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class ModelSignatureTests
{
    private static readonly ModelSignature s_signature = new([TensorSpec.Of<float>("x", 2, "a", "b")], [TensorSpec.Of<float>("y")]);

    [Fact]
    public void Constructor_NotTensors_Throws()
    {
        Assert.Throws<ArgumentException>(() => new ModelSignature([TensorSpec.Of<float>("x"), TensorSpec.Of<long>("x")], []));
        Assert.Throws<ArgumentException>(() => new ModelSignature([TensorSpec.Of<float>("")], []));
        Assert.Throws<ArgumentException>(() => new ModelSignature([TensorSpec.Of<DateOnly>("day")], []));
        Assert.Throws<ArgumentException>(() => new ModelSignature([], [TensorSpec.Of<DateTime>("time")]));
        Assert.Throws<ArgumentException>(() => new ModelSignature([new TensorSpec("x", ElementType.Float32, [-2])], []));
        Assert.Throws<ArgumentNullException>(() => new ModelSignature([null!], []));
    }

    [Fact]
    public void FindIncompatibility_Compatible_FindsNone()
    {
        Assert.Null(s_signature.FindIncompatibility(s_signature));
        Assert.Null(s_signature.FindIncompatibility(new([TensorSpec.Of<float>("x", 2)], [TensorSpec.Of<float>("y")])));
        Assert.Null(s_signature.FindIncompatibility(new([new TensorSpec("x", ElementType.Float32, [-1, -1])], [TensorSpec.Of<float>("y")])));
    }

    [Fact]
    public void FindIncompatibility_Different_NamesWhatDiffers()
    {
        Check("'z'", [TensorSpec.Of<float>("z", 2)], s_signature.Outputs);
        Check("Float64", [TensorSpec.Of<double>("x", 2)], s_signature.Outputs);
        Check("Float32[?, 3]", [TensorSpec.Of<float>("x", 3)], s_signature.Outputs);
        Check("Float32[?]", [new TensorSpec("x", ElementType.Float32, [-1])], s_signature.Outputs);
        Check("element 1 is 'c' instead of 'b'", [TensorSpec.Of<float>("x", 2, "a", "c")], s_signature.Outputs);
        Check("1 input was expected, but there are 2: x: Float32[?, 2], more: Float32[?, 1]; not expected: 'more'", [TensorSpec.Of<float>("x", 2), TensorSpec.Of<float>("more")], s_signature.Outputs);
        Check("1 output was expected, but there is none; expected and not there: 'y'", s_signature.Inputs, []);
        Check("Float32[?, 3], but x: Float32[?, 2] was expected; not expected: 'c'", [TensorSpec.Of<float>("x", 3, "a", "b", "c")], s_signature.Outputs);

        static void Check(string expected, IEnumerable<TensorSpec> inputs, IEnumerable<TensorSpec> outputs)
            => Assert.Contains(expected, s_signature.FindIncompatibility(new ModelSignature(inputs, outputs)), StringComparison.Ordinal);
    }

    [Fact]
    public void Equals_ByValue_ComparesShapesAndColumns()
    {
        Assert.Equal(s_signature, new ModelSignature([TensorSpec.Of<float>("x", 2, "a", "b")], [TensorSpec.Of<float>("y")]));
        Assert.Equal(s_signature.GetHashCode(), new ModelSignature([TensorSpec.Of<float>("x", 2, "a", "b")], [TensorSpec.Of<float>("y")]).GetHashCode());
        Assert.NotEqual(s_signature, new ModelSignature([TensorSpec.Of<float>("x", 2, "a", "c")], [TensorSpec.Of<float>("y")]));
        Assert.NotEqual(s_signature, new ModelSignature([TensorSpec.Of<float>("x", 3, "a", "b")], [TensorSpec.Of<float>("y")]));
    }

    [Fact]
    public void Width_ProductOfInnerDimensions_OrUnknown()
    {
        Assert.Equal(6, new TensorSpec("x", ElementType.Float32, [-1, 2, 3]).Width);
        Assert.Equal(1, new TensorSpec("x", ElementType.Float32, [-1]).Width);
        Assert.Equal(-1, new TensorSpec("x", ElementType.Float32, [-1, 2, -1]).Width);
    }
}
