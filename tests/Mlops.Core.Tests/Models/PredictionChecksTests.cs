using Mlops.Data;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class PredictionChecksTests
{
    private static readonly ModelSignature s_signature = new(
        [TensorSpec.Of<float>("x", 3), new TensorSpec("fixed", ElementType.Int64, [4, -1])],
        [TensorSpec.Of<float>("y", 2), new TensorSpec("kept", ElementType.String, [-1])]);

    [Fact]
    public void Check_OwnBatches_PassesAndAllocatesNothing()
    {
        using var inputs = s_signature.RentInputs(4);
        using var outputs = s_signature.RentOutputs(4);
        Check();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Check();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Check()
        {
            PredictionChecks.CheckInputs(s_signature, inputs, "m");
            PredictionChecks.CheckOutputs(s_signature, inputs, outputs, "m");
        }
    }

    [Fact]
    public void CheckInputs_TensorOfOtherRowsThanItsBatch_ThrowsUnlessItHasItsOwn()
    {
        using var inputs = s_signature.RentInputs(4);
        inputs[0].Resize(5, 3);
        var error = Assert.Throws<PredictionFailedException>(() => PredictionChecks.CheckInputs(s_signature, inputs, "m"));
        Assert.Equal("m", error.Model);
        Assert.Contains("'x' is Float32[5, 3] in a batch of 4 rows, but x: Float32[?, 3] was expected", error.Message, StringComparison.Ordinal);
        PredictionChecks.CheckInputs(s_signature, inputs, "m", slot => slot == 0);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(3, false)]
    public void CheckInputs_OwnRowsThatTheSignatureFixes_MustBeThoseOrNone(int rows, bool isRight)
    {
        using var inputs = s_signature.RentInputs(rows);
        var error = Record.Exception(() => PredictionChecks.CheckInputs(s_signature, inputs, "m", _ => true));
        if (isRight) Assert.Null(error);
        else Assert.Contains("'fixed'", Assert.IsType<PredictionFailedException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckOutputs_TensorOfOtherRowsThanItsBatch_ThrowsUnlessItHasItsOwn()
    {
        using var inputs = s_signature.RentInputs(4);
        using var outputs = s_signature.RentOutputs(4);
        outputs[1].Resize(7);
        Assert.Contains("'kept'", Assert.Throws<PredictionFailedException>(() => PredictionChecks.CheckOutputs(s_signature, inputs, outputs, "m")).Message, StringComparison.Ordinal);
        PredictionChecks.CheckOutputs(s_signature, inputs, outputs, "m", slot => slot == 1);
    }

    [Fact]
    public void CheckOutputs_RentedWithAnOpenWidth_TakesTheOneOfTheModelUnlessItHasAnother()
    {
        var (model, open) = (Of(3, 2), Of(-1, 2));
        using var inputs = model.RentInputs(4);
        using var outputs = open.RentOutputs(4);
        PredictionChecks.CheckOutputs(model, inputs, outputs, "m");
        Assert.Equal([4, 3, 2], outputs[0].Shape.ToArray());
        outputs[0].Resize(4, 5, 2);
        Assert.Contains("'y' is Float32[4, 5, 2]", Assert.Throws<PredictionFailedException>(() => PredictionChecks.CheckOutputs(model, inputs, outputs, "m")).Message, StringComparison.Ordinal);
        using var other = Of(-1, 7).RentOutputs(4);
        Assert.Throws<PredictionFailedException>(() => PredictionChecks.CheckOutputs(model, inputs, other, "m"));

        static ModelSignature Of(int width, int depth) => new([TensorSpec.Of<float>("x")], [new TensorSpec("y", ElementType.Float32, [-1, width, depth])]);
    }

    [Fact]
    public void Check_OtherNumberOfTensors_ThrowsNamingThoseOfTheModel()
    {
        using var inputs = new ModelSignature([TensorSpec.Of<float>("x", 3)], []).RentInputs(4);
        using var outputs = new ModelSignature([], [TensorSpec.Of<float>("y", 2)]).RentOutputs(4);
        Assert.Contains("fixed: Int64[4, ?]", Assert.Throws<PredictionFailedException>(() => PredictionChecks.CheckInputs(s_signature, inputs, "m")).Message, StringComparison.Ordinal);
        Assert.Contains("kept: String[?]", Assert.Throws<PredictionFailedException>(() => PredictionChecks.CheckOutputs(s_signature, inputs, outputs, "m")).Message, StringComparison.Ordinal);
    }
}
