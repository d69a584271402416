using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Linear classifiers and regressors of every form, by both evaluators.</summary>
public sealed class LinearModelTests
{
    private const int Width = 4;
    private static readonly int[] s_sizes = [1, 9, 300];
    private static readonly string[] s_transforms = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, int, bool> Classifiers()
    {
        var data = new TheoryData<string, int, int, bool>();
        foreach (var transform in s_transforms)
        {
            foreach (var (rows, labels) in new[] { (1, 2), (2, 2), (3, 3), (5, 5), (2, 4) })
            {
                if (rows == 1 && transform == "PROBIT") continue;
                data.Add(transform, rows, labels, false);
                data.Add(transform, rows, labels, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public async Task Predict_Classifier_GivesWhatRuntimeGives(string transform, int rows, int labels, bool hasNumbers)
    {
        var bytes = BuildClassifier(transform, rows, labels, hasNumbers);
        await Evaluators.AssertAgreeAsync(bytes, s_sizes, FillBetween0And1, Token);
        await Evaluators.AssertAgreeAsync(bytes, s_sizes, FillWithAnything, Token);
    }

    [Theory]
    [MemberData(nameof(Regressors))]
    public async Task Predict_Regressor_GivesWhatRuntimeGives(string transform, int targets)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", Width));
        builder.AddOutput(TensorSpec.Of<float>("y", targets));
        builder.AddNode(
            "LinearRegressor", OnnxGraphBuilder.MachineLearning, ["x"], ["y"],
            new("targets", (long)targets), new("coefficients", Numbers(targets * Width)), new("intercepts", Numbers(targets)), new("post_transform", transform));
        var bytes = builder.Build();
        await Evaluators.AssertAgreeAsync(bytes, s_sizes, FillBetween0And1, Token);
        await Evaluators.AssertAgreeAsync(bytes, s_sizes, FillWithAnything, Token);
    }

    public static TheoryData<string, int> Regressors()
    {
        var data = new TheoryData<string, int>();
        foreach (var transform in s_transforms)
        {
            foreach (var targets in new[] { 1, 2, 5 }) data.Add(transform, targets);
        }

        return data;
    }

    /// <summary>ONNX Runtime leaves the second score of such a classifier to chance.</summary>
    [Fact]
    public void Load_ProbitOfTwoClassesByOneRow_IsNotEvaluatedHere()
    {
        var error = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(BuildClassifier("PROBIT", 1, 2, hasNumbers: false), Evaluators.Managed));
        Assert.Contains("LinearClassifier", error.Message, StringComparison.Ordinal);
        Assert.Contains("as probits", error.Message, StringComparison.Ordinal);
    }

    private static byte[] BuildClassifier(string transform, int rows, int labels, bool hasNumbers)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", Width));
        builder.AddOutput(new TensorSpec("label", hasNumbers ? ElementType.Int64 : ElementType.String, [-1]));
        builder.AddOutput(TensorSpec.Of<float>("scores", rows == 1 ? 2 : rows));
        builder.AddNode(
            "LinearClassifier", OnnxGraphBuilder.MachineLearning, ["x"], ["label", "scores"],
            new("coefficients", Numbers(rows * Width)), new("intercepts", Numbers(rows)), new("post_transform", transform),
            hasNumbers ? new("classlabels_ints", Enumerable.Range(0, labels).Select(i => (10L * i) + 3).ToArray()) : new("classlabels_strings", Enumerable.Range(0, labels).Select(i => $"class {i}").ToArray()));
        return builder.Build();
    }

    private static float[] Numbers(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 0.4f)];
    }

    private static void FillBetween0And1(TensorBatch inputs, int seed)
    {
        var random = new Random(seed);
        foreach (ref var value in inputs.Get<float>(0).Span) value = random.NextSingle();
    }

    private static void FillWithAnything(TensorBatch inputs, int seed)
    {
        var random = new Random(seed);
        foreach (ref var value in inputs.Get<float>(0).Span)
            value = random.Next(12) switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => float.NegativeInfinity, 3 => 0, 4 => -0f, _ => (random.NextSingle() - 0.5f) * 20 };
    }
}
