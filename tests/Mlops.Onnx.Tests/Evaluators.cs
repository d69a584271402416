using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Compares what the two evaluators answer.</summary>
internal static class Evaluators
{
    private const double Tolerance = 1e-5;

    public static readonly OnnxOptions Managed = new() { Evaluator = OnnxEvaluator.Managed };

    /// <summary>Predicts batches of several sizes with both.</summary>
    public static async Task AssertAgreeAsync(byte[] bytes, IEnumerable<int> sizes, Action<TensorBatch, int> fill, CancellationToken cancellationToken)
    {
        using var runtime = OnnxModel.Load(bytes);
        using var managed = OnnxModel.Load(bytes, Managed);
        Assert.Null(runtime.Signature.FindIncompatibility(managed.Signature));
        Assert.Equal(OnnxEvaluator.Managed, managed.EvaluatorChoice.Evaluator);
        await using var first = runtime.CreatePredictor();
        await using var second = managed.CreatePredictor();
        foreach (var size in sizes)
        {
            using var inputs = runtime.Signature.RentInputs(size);
            using var expected = runtime.Signature.RentOutputs(size);
            using var actual = managed.Signature.RentOutputs(size);
            fill(inputs, size);
            await first.PredictAsync(inputs, expected, new PredictionContext(), cancellationToken);
            await second.PredictAsync(inputs, actual, new PredictionContext(), cancellationToken);
            for (var slot = 0; slot < expected.Count; slot++) AssertClose(expected[slot], actual[slot]);
        }
    }

    private static void AssertClose(TensorBuffer expected, TensorBuffer actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        if (expected is TensorBuffer<string> texts)
        {
            Assert.Equal(texts.Span.ToArray(), ((TensorBuffer<string>)actual).Span.ToArray());
            return;
        }

        var (want, have) = (TensorNumbers.ToDoubles(expected), TensorNumbers.ToDoubles(actual));
        for (var i = 0; i < want.Length; i++)
        {
            if (want[i].Equals(have[i])) continue;
            Assert.True(Math.Abs(want[i] - have[i]) <= Tolerance * Math.Max(1, Math.Abs(want[i])), $"{expected.Spec.Name}, element {i} of {want.Length}: {have[i]} instead of {want[i]}.");
        }
    }
}
