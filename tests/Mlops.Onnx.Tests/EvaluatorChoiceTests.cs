using Mlops.Data;
using Mlops.Models;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Onnx.Tests;

public sealed class EvaluatorChoiceTests
{
    private static readonly OnnxOptions s_fastest = new() { Evaluator = OnnxEvaluator.Fastest };

    [Fact]
    public void Load_RowsTooWideForTheTrial_ChoosesTheRuntime()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 40_000_000));
        builder.AddOutput(TensorSpec.Of<float>("y", 40_000_000));
        builder.AddNode("Scaler", OnnxGraphBuilder.MachineLearning, ["x"], ["y"], new OnnxAttribute("offset", new[] { 0f }), new OnnxAttribute("scale", new[] { 2f }));
        using var model = OnnxModel.Load(builder.Build(), s_fastest);
        Assert.Equal(OnnxEvaluator.Runtime, model.EvaluatorChoice.Evaluator);
        Assert.Contains("would not fit a tensor", model.EvaluatorChoice.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OnnxEvaluator.Runtime)]
    [InlineData(OnnxEvaluator.Managed)]
    [InlineData(null)]
    public async Task KeepFastest_WhateverTheTrialEndsWith_DisposesWhatIsNotKept(OnnxEvaluator? faster)
    {
        var bytes = TinyModels.Linear(3);
        var runtime = OnnxModel.Load(bytes);
        var file = new ModelFile(bytes, ModelPreparation.Prepare(bytes, "linear"), IsKept: false);
        if (faster is not { } evaluator)
        {
            Assert.Throws<InvalidOperationException>(() => OnnxModel.KeepFastest(runtime, file, (_, _) => throw new InvalidOperationException()));
            Assert.Throws<ObjectDisposedException>(runtime.CreatePredictor);
            return;
        }

        using var model = OnnxModel.KeepFastest(runtime, file, (_, _) => new OnnxEvaluatorChoice(evaluator, "it is faster"));
        Assert.Equal(evaluator, model.EvaluatorChoice.Evaluator);
        await using (var predictor = model.CreatePredictor())
        {
            using var inputs = model.Signature.RentInputs(1);
            using var outputs = model.Signature.RentOutputs(1);
            inputs.Get<float>(0).Span.Fill(1);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
            Assert.Equal(7f, outputs.Get<float>(0).Span[0]);
        }

        model.Dispose();

        // The session of the runtime is gone with the last of its owners, or was before.
        Assert.Throws<ObjectDisposedException>(runtime.CreatePredictor);
    }

    /// <summary>Without the native library, because its path leads nowhere.</summary>
    [Fact]
    public async Task Load_Managed_NeedsNoNativeLibrary()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(3), new OnnxOptions { Evaluator = OnnxEvaluator.Managed, LibraryPath = "/nowhere/libonnxruntime.so" });
        Assert.Equal("", model.RuntimeVersion);
        Assert.Equal("(x: Float32[?, 3]) → (y: Float32[?, 1])", model.Signature.ToString());
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        inputs.Get<float>(0).Span.Fill(1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal([7f, 7f], outputs.Get<float>(0).Span.ToArray());
        Assert.Same(model.EvaluatorChoice, predictor.GetService(typeof(OnnxEvaluatorChoice)));
        Assert.Same(model, predictor.GetService(typeof(OnnxModel)));
        Assert.Same(model.Metadata, predictor.GetService(typeof(OnnxMetadata)));
    }

    [Fact]
    public void Load_Managed_ReadsMetadataAsRuntimeDoes()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x", 2, "age", "income")], [TensorSpec.Of<float>("y")]);
        var bytes = OnnxExporter.Export(new ModelGraph(signature, [new GraphNode(new LinearRegressorOperator([1, 2], 3), ["x"], ["y"])]));
        using var runtime = OnnxModel.Load(bytes);
        using var managed = OnnxModel.Load(bytes, Evaluators.Managed);
        Assert.Equal(runtime.Signature, managed.Signature);
        Assert.Equal(runtime.Metadata.Properties, managed.Metadata.Properties);
        Assert.Equal(runtime.Metadata with { Properties = managed.Metadata.Properties }, managed.Metadata);
    }

    [Fact]
    public void Load_ManagedWithOperatorsItDoesNotKnow_ThrowsModelLoadNamingThemAll()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddOutput(TensorSpec.Of<float>("y", 2));
        builder.AddNode("Sin", "", ["x"], ["p"]);
        builder.AddNode("Scaler", OnnxGraphBuilder.MachineLearning, ["p"], ["q"], new("offset", new[] { 0f }), new("scale", new[] { 1f }));
        builder.AddNode("SVMRegressor", OnnxGraphBuilder.MachineLearning, ["q"], ["y"]);
        var error = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(builder.Build(), Evaluators.Managed, "wave"));
        Assert.Equal("wave", error.ModelUri);
        Assert.Contains("Sin 'Sin_0'", error.Message, StringComparison.Ordinal);
        Assert.Contains("SVMRegressor 'SVMRegressor_2'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Scaler", error.Message, StringComparison.Ordinal);
        Assert.Contains("OnnxOptions.Evaluator", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_FastestWithOperatorsItDoesNotKnow_TakesRuntimeAndSaysWhy()
    {
        using var model = OnnxModel.Load(TinyModels.Slow(nodes: 2, width: 3), s_fastest);
        Assert.Equal(OnnxEvaluator.Runtime, model.EvaluatorChoice.Evaluator);
        Assert.Contains("Sin", model.EvaluatorChoice.Reason, StringComparison.Ordinal);
        await using var predictor = model.CreatePredictor();
        Assert.Same(model.EvaluatorChoice, predictor.GetService(typeof(OnnxEvaluatorChoice)));
    }

    /// <summary>Which one is faster depends on the machine; whichever it is, its answers are right, and the figures agree with the choice.</summary>
    [Fact]
    public async Task Load_Fastest_MeasuresBothAndPredicts()
    {
        var bytes = new RandomTrees(new RandomTreesOptions { Trees = 50 }).Build();
        using var model = OnnxModel.Load(bytes, s_fastest);
        var choice = model.EvaluatorChoice;
        Assert.Equal("1.30.0", model.RuntimeVersion);
        var (row, batch) = (choice.ManagedRowDuration!.Value / choice.RuntimeRowDuration!.Value, choice.ManagedBatchDuration!.Value / choice.RuntimeBatchDuration!.Value);
        Assert.Equal(row * batch < 1 && Math.Max(row, batch) <= 1.25 ? OnnxEvaluator.Managed : OnnxEvaluator.Runtime, choice.Evaluator);
        Assert.Contains("µs", choice.ToString(), StringComparison.Ordinal);
        using var runtime = OnnxModel.Load(bytes);
        await using var first = runtime.CreatePredictor();
        await using var second = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(9);
        using var expected = model.Signature.RentOutputs(9);
        using var actual = model.Signature.RentOutputs(9);
        RandomTrees.Fill(inputs, 1);
        await first.PredictAsync(inputs, expected, new PredictionContext(), TestContext.Current.CancellationToken);
        await second.PredictAsync(inputs, actual, new PredictionContext(), TestContext.Current.CancellationToken);
        for (var i = 0; i < 9; i++) Assert.Equal(expected.Get<float>(0).Span[i], actual.Get<float>(0).Span[i], 1e-5);
    }

    [Fact]
    public void Load_EvaluatorUnknown_ThrowsArgument()
        => Assert.Throws<ArgumentException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { Evaluator = (OnnxEvaluator)9 }));

    /// <summary>Whatever byte is cut off or changed, loading ends with a model or with the error for damaged ones.</summary>
    [Fact]
    public void Load_ManagedFileDamaged_ThrowsModelLoad()
    {
        var bytes = new RandomTrees(new RandomTreesOptions { Trees = 4, Classes = 3, HasTextLabels = true, BaseValues = 3, AsTensors = true }).Build();
        for (var length = 0; length < bytes.Length; length += 3) Load(bytes.AsMemory(0, length));
        var random = new Random(5);
        var damaged = 0;
        for (var i = 0; i < 4000; i++)
        {
            var copy = (byte[])bytes.Clone();
            for (var k = random.Next(1, 4); k > 0; k--) copy[random.Next(copy.Length)] = (byte)random.Next(256);
            if (!Load(copy)) damaged++;
        }

        Assert.InRange(damaged, 1000, 4000);

        static bool Load(ReadOnlyMemory<byte> content)
        {
            try
            {
                OnnxModel.Load(content, Evaluators.Managed).Dispose();
                return true;
            }
            catch (ModelLoadException error)
            {
                Assert.NotEmpty(error.Message);
                return false;
            }
        }
    }

    [Theory]
    [InlineData("nodes_truenodeids", 999L)]
    [InlineData("nodes_featureids", 99L)]
    [InlineData("nodes_featureids", (long)int.MaxValue)]
    [InlineData("nodes_treeids", -5L)]
    [InlineData("target_ids", 7L)]
    public void Load_ManagedTreesThatContradictThemselves_ThrowsModelLoadNamingTheNode(string attribute, long value)
    {
        string[] integers = ["nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids", "target_treeids", "target_nodeids", "target_ids"];
        long[][] values = [[0, 0, 0], [0, 1, 2], [1, 0, 0], [1, 0, 0], [2, 0, 0], [0, 0], [1, 2], [0, 0]];
        values[Array.IndexOf(integers, attribute)][0] = value;
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddOutput(TensorSpec.Of<float>("y"));
        builder.AddNode(
            "TreeEnsembleRegressor", OnnxGraphBuilder.MachineLearning, ["x"], ["y"],
            [.. integers.Zip(values, (name, numbers) => new OnnxAttribute(name, numbers)), new("n_targets", 1L), new("nodes_modes", new[] { "BRANCH_LEQ", "LEAF", "LEAF" }), new("nodes_values", new[] { 0f, 0, 0 }), new("target_weights", new[] { 1f, 2f })]);
        Assert.Contains("TreeEnsembleRegressor 'TreeEnsembleRegressor_0'", Assert.Throws<ModelLoadException>(() => OnnxModel.Load(builder.Build(), Evaluators.Managed)).Message, StringComparison.Ordinal);
    }

    /// <summary>A node that leads back to an earlier one would be walked for ever.</summary>
    [Fact]
    public void Load_ManagedTreeWithoutEnd_ThrowsModelLoad()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddOutput(TensorSpec.Of<float>("y"));
        builder.AddNode(
            "TreeEnsembleRegressor", OnnxGraphBuilder.MachineLearning, ["x"], ["y"],
            new("nodes_treeids", new long[3]), new("nodes_nodeids", new long[] { 0, 1, 2 }), new("nodes_featureids", new long[3]), new("nodes_modes", new[] { "BRANCH_LEQ", "BRANCH_LEQ", "LEAF" }),
            new("nodes_truenodeids", new long[] { 1, 0, 0 }), new("nodes_falsenodeids", new long[] { 2, 2, 0 }), new("nodes_values", new[] { 0f, 1, 0 }),
            new("target_treeids", new long[1]), new("target_nodeids", new[] { 2L }), new("target_ids", new long[1]), new("target_weights", new[] { 1f }), new("n_targets", 1L));
        Assert.Contains("leads back", Assert.Throws<ModelLoadException>(() => OnnxModel.Load(builder.Build(), Evaluators.Managed)).Message, StringComparison.Ordinal);
    }

    /// <summary>Many callers at once, each with rows of its own, and no allocation once all is warm.</summary>
    [Fact]
    public async Task Predict_ManagedByManyCallers_GivesEachItsOwn()
    {
        using var model = OnnxModel.Load(new RandomTrees(new RandomTreesOptions { Trees = 30, TracksMissing = 0.5 }).Build(), Evaluators.Managed);
        await using var predictor = model.CreatePredictor();
        var expected = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => PredictAsync(predictor, seed, 1)));
        var actual = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() => PredictAsync(predictor, seed, 300))));
        for (var seed = 0; seed < 8; seed++) Assert.Equal(expected[seed], actual[seed]);
    }

    [Fact]
    public async Task Predict_ManagedWarm_AllocatesNothing()
    {
        using var model = OnnxModel.Load(new RandomTrees(new RandomTreesOptions { Classes = 3 }).Build(), Evaluators.Managed);
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(130);
        using var outputs = model.Signature.RentOutputs(130);
        RandomTrees.Fill(inputs, 3);
        var context = new PredictionContext();
        Assert.Equal(0, Allocations.Measure(Predict));

        void Predict()
        {
            var task = predictor.PredictAsync(inputs, outputs, context, CancellationToken.None);
            Assert.True(task.IsCompletedSuccessfully);
        }
    }

    private static async Task<float[]> PredictAsync(IPredictor predictor, int seed, int calls)
    {
        using var inputs = predictor.Signature.RentInputs(seed + 3);
        using var outputs = predictor.Signature.RentOutputs(seed + 3);
        RandomTrees.Fill(inputs, seed);
        for (var call = 0; call < calls; call++) await predictor.PredictAsync(inputs, outputs, new PredictionContext());
        return outputs.Get<float>(0).Span.ToArray();
    }
}

public sealed class ManagedPredictorConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken)
    {
        using var model = OnnxModel.Load(TinyModels.TextClassifier(), Evaluators.Managed);
        return Task.FromResult(model.CreatePredictor());
    }
}
