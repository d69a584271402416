using Mlops.Data;
using Mlops.Models;
using Mlops.Serving;
using Mlops.Tests;

namespace Mlops.Onnx.Tests;

/// <summary>Outputs that are sequences or maps.</summary>
public sealed class SequenceOutputTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<OnnxEvaluator> Evaluators => [OnnxEvaluator.Runtime, OnnxEvaluator.Managed, OnnxEvaluator.Fastest];

    [Theory]
    [MemberData(nameof(Evaluators))]
    public async Task Load_ZipMapOfTexts_GivesProbabilitiesAndNamesTheirClasses(OnnxEvaluator evaluator)
    {
        var bytes = Classifier(new OnnxAttribute("classlabels_strings", new[] { "nein", "ja ✓", "東京" }));
        using var model = OnnxModel.Load(bytes, new OnnxOptions { Evaluator = evaluator });
        Assert.Equal("(features: Float32[?, 2]) → (output_label: Int64[?], output_probability: Float32[?, 3])", model.Signature.ToString());
        Assert.Equal(["nein", "ja ✓", "東京"], model.Signature.Outputs[1].Classes);
        // What was loaded is what is saved, for others to read as it was.
        Assert.True(model.ToBytes().Span.SequenceEqual(bytes));
        await using var predictor = model.CreatePredictor();
        await AssertProbabilitiesAsync(predictor);
    }

    [Fact]
    public async Task Load_ZipMapOfNumbers_NamesClassesInvariantly()
    {
        using var model = OnnxModel.Load(Classifier(new OnnxAttribute("classlabels_int64s", new[] { -1L, 0L, 1_000_000L })));
        Assert.Equal(["-1", "0", "1000000"], model.Signature.Outputs[1].Classes);
        await using var predictor = model.CreatePredictor();
        await AssertProbabilitiesAsync(predictor);
    }

    [Fact]
    public void PredictAsync_ZipMap_IsWrittenInPlaceWithoutAllocation()
    {
        using var model = OnnxModel.Load(Classifier(new OnnxAttribute("classlabels_int64s", new[] { 0L, 1L, 2L })));
        var predictor = model.CreatePredictor();
        var probabilities = new float[4 * 3];
        using var inputs = model.Signature.RentInputs(4);
        using var outputs = model.Signature.RentOutputs(4);
        inputs.Get<float>(0).Span.Fill(0.5f);
        outputs.Get<float>(1).Borrow(probabilities, 4, 3);
        var context = new PredictionContext();
        Assert.Equal(0, Allocations.Measure(() => Assert.True(IsDone(predictor.PredictAsync(inputs, outputs, context, CancellationToken.None)))));
        for (var row = 0; row < 4; row++) Assert.Equal(1f, probabilities.AsSpan(row * 3, 3).ToArray().Sum(), 1e-5f);
    }

    /// <summary>A ZipMap that contradicts itself is left to ONNX Runtime, which says so.</summary>
    [Fact]
    public void Load_ZipMapOfTextsAndNumbers_ThrowsModelLoad()
    {
        var bytes = Classifier(new OnnxAttribute("classlabels_int64s", new[] { 0L, 1L, 2L }), new OnnxAttribute("classlabels_strings", new[] { "a", "b", "c" }));
        Assert.Contains("classlabels", Assert.Throws<ModelLoadException>(() => OnnxModel.Load(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_ZipMapOfFewerClassesThanScores_ThrowsPredictionFailed()
    {
        using var model = OnnxModel.Load(Classifier(new OnnxAttribute("classlabels_int64s", new[] { 0L, 1L })));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        inputs.Get<float>(0).Span.Fill(0.5f);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token));
        Assert.Contains("output_probability", error.Message, StringComparison.Ordinal);
    }

    /// <summary>In a function of the model's own the ZipMap stays, and its maps are decoded.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PredictAsync_SequenceOfMaps_GivesValuesAndKeys(bool isText)
    {
        using var model = OnnxModel.Load(FunctionWithZipMap(isText));
        Assert.Equal($"(x: Float32[?, 3]) → (maps: Float32[?, ?], maps.keys: {(isText ? "String" : "Int64")}[?, ?])", model.Signature.ToString());
        await using var predictor = model.CreatePredictor();
        foreach (var rows in new[] { 2, 1, 0, 3 })
        {
            using var inputs = model.Signature.RentInputs(rows);
            using var outputs = model.Signature.RentOutputs(rows);
            for (var i = 0; i < rows * 3; i++) inputs.Get<float>(0).Span[i] = i;
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            Assert.Equal([rows, rows == 0 ? 0 : 3], outputs[0].Shape.ToArray());
            Assert.Equal(outputs[0].Shape.ToArray(), outputs[1].Shape.ToArray());
            // A map is ordered by its keys: c, ä, b are b, c, ä.
            for (var row = 0; row < rows; row++) Assert.Equal([(row * 3) + 2, row * 3, (row * 3) + 1], outputs.Get<float>(0).GetRow(row).ToArray());
            for (var row = 0; row < rows; row++)
            {
                if (isText) Assert.Equal(["b", "c", "ä"], outputs.Get<string>(1).GetRow(row).ToArray());
                else Assert.Equal([-7, 3, 9], outputs.Get<long>(1).GetRow(row).ToArray());
            }
        }
    }

    /// <summary>As a classifier of several labels gives its probabilities: for each label a tensor (rows × classes).</summary>
    [Theory]
    [MemberData(nameof(Evaluators))]
    public async Task PredictAsync_SequenceConstructAtTheEnd_GivesEachTensorByItself(OnnxEvaluator evaluator)
    {
        using var model = OnnxModel.Load(Sequence(), new OnnxOptions { Evaluator = evaluator });
        Assert.Equal("(x: Float32[?, 2]) → (list.0: Float32[?, 2], list.1: Float32[?, 4], list.2: Float32[?, 2])", model.Signature.ToString());
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        new[] { 1f, 2, 3, 4 }.CopyTo(inputs.Get<float>(0).Span);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal([1, 2, 3, 4], outputs.Get<float>(0).Span.ToArray());
        Assert.Equal([1, 2, 1, 2, 3, 4, 3, 4], outputs.Get<float>(1).Span.ToArray());
        Assert.Equal([1, 2, 3, 4], outputs.Get<float>(2).Span.ToArray());
    }

    /// <summary>Where the names are taken, the sequence stays and is stacked.</summary>
    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.String)]
    public async Task PredictAsync_SequenceOfTensors_StacksThem(ElementType type)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(new TensorSpec("x", type, [-1, 2]));
        builder.AddSequenceOutput(new TensorSpec("list", type, [-1, 2]));
        builder.AddNode("Identity", "", ["x"], ["list.0"]);
        builder.AddNode("SequenceConstruct", "", ["x", "list.0", "x"], ["list"]);
        using var model = OnnxModel.Load(builder.Build());
        Assert.Equal($"(x: {type}[?, 2]) → (list: {type}[?, ?, 2])", model.Signature.ToString());
        await using var predictor = model.CreatePredictor();
        foreach (var rows in new[] { 2, 0, 5 })
        {
            using var inputs = model.Signature.RentInputs(rows);
            using var outputs = model.Signature.RentOutputs(rows);
            if (inputs[0] is TensorBuffer<string> texts) for (var i = 0; i < texts.Length; i++) texts.Span[i] = $"№ {i}";
            else TensorNumbers.FromDoubles([.. Enumerable.Range(0, rows * 2).Select(i => (double)i)], inputs[0]);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            // Row by row, so that a row of the result belongs to one of the inputs.
            Assert.Equal([rows, rows == 0 ? 0 : 3, 2], outputs[0].Shape.ToArray());
            if (type == ElementType.String) AssertRows<string>(inputs, outputs);
            else AssertRows<float>(inputs, outputs);
        }

        static void AssertRows<T>(TensorBatch inputs, TensorBatch outputs)
        {
            for (var row = 0; row < inputs.Rows; row++)
                Assert.Equal(Enumerable.Repeat(inputs.Get<T>(0).GetRow(row).ToArray(), 3).SelectMany(part => part), outputs.Get<T>(0).GetRow(row).ToArray());
        }
    }

    [Fact]
    public async Task PredictAsync_SequenceOfTensorsWithoutRows_StacksThem()
    {
        using var model = OnnxModel.Load(SequenceWithoutRows());
        Assert.Equal("(x: Float32[?, 2]) → (list: Float32[1, ?, 2])", model.Signature.ToString());
        await using var predictor = model.CreatePredictor();
        foreach (var rows in new[] { 3, 2, 1 })
        {
            using var inputs = model.Signature.RentInputs(rows);
            using var outputs = model.Signature.RentOutputs(rows);
            inputs.Get<float>(0).Span.Fill(5);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            Assert.Equal([1, 2, 2], outputs[0].Shape.ToArray());
            Assert.Equal([1, 2, 5 * rows, 5 * rows], outputs.Get<float>(0).Span.ToArray());
        }
    }

    /// <summary>As many tensors as rows would otherwise be handed out as if they were rows.</summary>
    [Fact]
    public async Task UseBatching_SequenceOfTensorsWithoutRows_IsRefused()
    {
        using var model = OnnxModel.Load(SequenceWithoutRows(), name: "sums");
        await using var predictor = model.CreatePredictor();
        var error = Assert.Throws<ArgumentException>(() => new BatchingPredictor(predictor, null, "sums"));
        Assert.Contains("The model 'sums' cannot be batched: the output list: Float32[1, ?, 2] does not have a row for each row of the inputs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_SequenceOfTensorsOfDifferentShapes_ThrowsPredictionFailedNamingThem()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddSequenceOutput(new TensorSpec("list", ElementType.Float32, [-1, -1]));
        builder.AddNode("Concat", "", ["x", "x"], ["list.0"], new OnnxAttribute("axis", 1L));
        builder.AddNode("SequenceConstruct", "", ["x", "list.0"], ["list"]);
        using var model = OnnxModel.Load(builder.Build());
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(3);
        using var outputs = model.Signature.RentOutputs(3);
        inputs.Get<float>(0).Span.Fill(1);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token));
        Assert.Contains("'list'", error.Message, StringComparison.Ordinal);
        Assert.Contains("tensor 1 has the shape [3, 4], tensor 0 has [3, 2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OptionalOutput_ThrowsModelLoadNamingIt()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddUntypedOutput("perhaps");
        builder.AddNode("Optional", "", ["x"], ["perhaps"]);
        var error = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(builder.Build()));
        Assert.Contains("The output 'perhaps' is an optional value", error.Message, StringComparison.Ordinal);
    }

    /// <summary>As skl2onnx exports a logistic regression of three classes.</summary>
    internal static byte[] Classifier(params OnnxAttribute[] classes)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("features", 2), "N");
        builder.AddOutput(new TensorSpec("output_label", ElementType.Int64, [-1]), "N");
        builder.AddUntypedOutput("output_probability");
        builder.AddNode(
            "LinearClassifier", OnnxGraphBuilder.MachineLearning, ["features"], ["label", "probability_tensor"],
            new OnnxAttribute("classlabels_ints", new[] { 0L, 1L, 2L }), new OnnxAttribute("coefficients", new[] { 1f, -1f, 0.5f, 2f, -0.25f, 1f }),
            new OnnxAttribute("intercepts", new[] { 0.1f, 0.2f, -0.1f }), new OnnxAttribute("multi_class", 1L), new OnnxAttribute("post_transform", "SOFTMAX"));
        builder.AddNode("Cast", "", ["label"], ["output_label"], new OnnxAttribute("to", 7L));
        builder.AddNode("Normalizer", OnnxGraphBuilder.MachineLearning, ["probability_tensor"], ["probabilities"], new OnnxAttribute("norm", "L1"));
        builder.AddNode("ZipMap", OnnxGraphBuilder.MachineLearning, ["probabilities"], ["output_probability"], classes);
        return builder.Build();
    }

    /// <summary>x, x and x again, and x, as a sequence.</summary>
    internal static byte[] Sequence()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddUntypedOutput("list");
        builder.AddNode("Concat", "", ["x", "x"], ["twice"], new OnnxAttribute("axis", 1L));
        builder.AddNode("SequenceConstruct", "", ["x", "twice", "x"], ["list"]);
        return builder.Build();
    }

    /// <summary>A constant and the sums of the columns, as a sequence.</summary>
    private static byte[] SequenceWithoutRows()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddSequenceOutput(new TensorSpec("list", ElementType.Float32, [2]));
        builder.AddNode("Constant", "", [], ["list.0"], new OnnxAttribute("value_floats", new[] { 1f, 2 }));
        builder.AddNode("ReduceSum", "", ["x", "axes"], ["sum"], new OnnxAttribute("keepdims", 0L));
        builder.AddConstant("axes", [0L]);
        builder.AddNode("SequenceConstruct", "", ["list.0", "sum"], ["list"]);
        return builder.Build();
    }

    private static async Task AssertProbabilitiesAsync(IPredictor predictor)
    {
        using var inputs = predictor.Signature.RentInputs(2);
        using var outputs = predictor.Signature.RentOutputs(2);
        new[] { 0.5f, 1f, -2f, 0.25f }.CopyTo(inputs.Get<float>(0).Span);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        for (var row = 0; row < 2; row++)
        {
            var (a, b) = (inputs.Get<float>(0).Span[row * 2], inputs.Get<float>(0).Span[(row * 2) + 1]);
            double[] scores = [a - b + 0.1, (0.5 * a) + (2 * b) + 0.2, (-0.25 * a) + b - 0.1];
            var sum = scores.Sum(Math.Exp);
            var probabilities = outputs.Get<float>(1).GetRow(row).ToArray();
            for (var i = 0; i < 3; i++) Assert.Equal(Math.Exp(scores[i]) / sum, probabilities[i], 1e-5);
            Assert.Equal(scores.IndexOf(scores.Max()), outputs.Get<long>(0).Span[row]);
        }
    }

    private static bool IsDone(ValueTask task) => task.IsCompletedSuccessfully;

    private static byte[] FunctionWithZipMap(bool isText)
    {
        const string domain = "org.example";
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 3));
        builder.AddUntypedOutput("maps");
        builder.AddNode("Zip", domain, ["x"], ["maps"]);
        var function = new ProtobufWriter();
        function.WriteText(1, "Zip");
        function.WriteText(4, "a");
        function.WriteText(5, "b");
        function.WriteMessage(7, OnnxGraphBuilder.DescribeNode(
            "zip", "ZipMap", OnnxGraphBuilder.MachineLearning, ["a"], ["b"],
            isText ? new OnnxAttribute("classlabels_strings", new[] { "c", "ä", "b" }) : new OnnxAttribute("classlabels_int64s", new[] { 3L, 9L, -7L })));
        function.WriteMessage(9, OnnxGraphBuilder.DescribeOperatorSet(OnnxGraphBuilder.MachineLearning, 3));
        function.WriteText(10, domain);
        var model = new ProtobufWriter();
        model.WriteRaw(builder.Build());
        model.WriteMessage(8, OnnxGraphBuilder.DescribeOperatorSet(domain, 1));
        model.WriteMessage(25, function);
        return model.ToArray();
    }
}
