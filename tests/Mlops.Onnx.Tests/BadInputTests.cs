using Mlops.Data;
using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Onnx.Tests;

/// <summary>Whatever callers and files hold ends in an answer or in an exception that says what is wrong, and never ends the process.</summary>
public sealed class BadInputTests
{
    /// <summary>Trees are walked for a row, for eight rows together, and asked without a walk for more.</summary>
    private static readonly int[] s_rowsOfEachWalk = [2, 9, 40];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_WrongRankOrType_SaysWhatWasExpected()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(4));
        await using var predictor = model.CreatePredictor();
        using var outputs = model.Signature.RentOutputs(2);
        foreach (var spec in new TensorSpec[] { new("x", ElementType.Float32, [-1]), new("x", ElementType.Float32, [-1, 2, 2]), new("x", ElementType.Float64, [-1, 4]), new("x", ElementType.String, [-1, 4]) })
        {
            using var inputs = new ModelSignature([spec], []).RentInputs(2);
            var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token));
            Assert.Contains($"'x' is {spec.ElementType}[2", error.Message, StringComparison.Ordinal);
            Assert.Contains("but x: Float32[?, 4] was expected", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task PredictAsync_WrongName_NamesItAndWhatWasMeant()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(1));
        await using var predictor = model.CreatePredictor();
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(async () => await predictor.PredictAsync(new Dictionary<string, object?> { ["X"] = 1f }, cancellationToken: Token));
        Assert.Contains("'x'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>No memory is asked for: the number of elements alone is too large.</summary>
    [Theory]
    [InlineData(int.MaxValue, 2)]
    [InlineData(1 << 20, 1 << 12)]
    public void RentInputs_MoreElementsThanATensorHolds_ThrowsArgumentOutOfRangeNamingTheTensor(int rows, int width)
    {
        using var model = OnnxModel.Load(TinyModels.Identity(ElementType.Float32, -1, width));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => model.Signature.RentInputs(rows));
        Assert.Contains($"x: Float32[?, {width}]", error.Message, StringComparison.Ordinal);
        using var inputs = model.Signature.RentInputs(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => inputs.SetRows(rows));
    }

    [Fact]
    public async Task PredictAsync_NotFinite_PassesThrough()
    {
        float[] values = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, float.Epsilon, float.MaxValue];
        using var model = OnnxModel.Load(TinyModels.Identity(ElementType.Float32, -1, 2));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(3);
        using var outputs = model.Signature.RentOutputs(3);
        values.CopyTo(inputs.Get<float>(0).Span);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), outputs.Get<float>(0).Span.ToArray().Select(BitConverter.SingleToInt32Bits));
    }

    /// <summary>Half of a surrogate pair cannot be said in UTF-8; the model sees the character that stands for what cannot be read.</summary>
    [Fact]
    public async Task PredictAsync_TextThatIsNoUnicode_IsReplaced()
    {
        using var model = OnnxModel.Load(TinyModels.Identity(ElementType.String, -1, 1));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(3);
        using var outputs = model.Signature.RentOutputs(3);
        (inputs.Get<string>(0).Span[0], inputs.Get<string>(0).Span[1], inputs.Get<string>(0).Span[2]) = ("a\uD800b", "\uDC00", "🦉");
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal(["a\uFFFDb", "\uFFFD", "🦉"], outputs.Get<string>(0).Span.ToArray());
    }

    [Theory]
    [InlineData(OnnxEvaluator.Runtime)]
    [InlineData(OnnxEvaluator.Managed)]
    public async Task PredictAsync_NullTextInModelOfCategories_IsTheMissingText(OnnxEvaluator evaluator)
    {
        using var model = OnnxModel.Load(TinyModels.TextClassifier(), new OnnxOptions { Evaluator = evaluator });
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        (inputs.Get<string>(0).Span[0], inputs.Get<string>(0).Span[1]) = (null!, "");
        inputs.Get<float>(1).Span.Fill(1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal(outputs.Get<float>(1).GetRow(1).ToArray(), outputs.Get<float>(1).GetRow(0).ToArray());
    }

    [Fact]
    public async Task PredictAsync_ModelGivesBytesThatAreNoUtf8_AreReplaced()
    {
        var texts = new ProtobufWriter();
        texts.WritePacked(1, [2L]);
        texts.WriteInteger(2, OrtElementTypes.Text);
        texts.WriteBytes(6, [0x61, 0xFF, 0x62]);
        texts.WriteBytes(6, [0xE2, 0x82]);
        var builder = new OnnxGraphBuilder();
        builder.AddInput(new TensorSpec("x", ElementType.Int64, [-1]));
        builder.AddOutput(new TensorSpec("y", ElementType.String, [-1]));
        builder.AddNode("Constant", "", [], ["texts"], new OnnxAttribute("value", texts));
        builder.AddNode("Gather", "", ["texts", "x"], ["y"]);
        using var model = OnnxModel.Load(builder.Build());
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        (inputs.Get<long>(0).Span[0], inputs.Get<long>(0).Span[1]) = (0, 1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal(["a\uFFFDb", "\uFFFD"], outputs.Get<string>(0).Span.ToArray());
    }

    [Fact]
    public void Load_NameThatIsNoUtf8_ThrowsModelLoad()
    {
        var bytes = TinyModels.Identity(ElementType.Float32, -1, 1);
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("?name?", 1));
        builder.AddOutput(TensorSpec.Of<float>("y", 1));
        builder.AddNode("Identity", "", ["?name?"], ["y"]);
        bytes = builder.Build();
        for (int at; (at = bytes.AsSpan().IndexOf("?name?"u8)) >= 0;) bytes[at] = bytes[at + 5] = 0xFF;
        Assert.Contains("is not UTF-8", Assert.Throws<ModelLoadException>(() => OnnxModel.Load(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OperatorUnknown_ThrowsModelLoadNamingIt()
    {
        foreach (var (name, domain) in new[] { ("NoSuchOperator", ""), ("NoSuchOperator", OnnxGraphBuilder.MachineLearning), ("NoSuchOperator", "org.example") })
        {
            var builder = new OnnxGraphBuilder();
            builder.AddInput(TensorSpec.Of<float>("x", 2));
            builder.AddOutput(TensorSpec.Of<float>("y", 2));
            builder.AddNode(name, domain, ["x"], ["y"]);
            Assert.Contains("NoSuchOperator", Assert.Throws<ModelLoadException>(() => OnnxModel.Load(builder.Build())).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_WeightsInAnotherFile_ThrowsModelLoadNamingBoth(bool isInitializer)
    {
        var location = new ProtobufWriter();
        location.WriteText(1, "location");
        location.WriteText(2, "model.onnx.data");
        var tensor = new ProtobufWriter();
        tensor.WritePacked(1, [2L]);
        tensor.WriteInteger(2, OrtElementTypes.Float32);
        tensor.WriteText(8, "w");
        tensor.WriteMessage(13, location);
        tensor.WriteInteger(14, 1);
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddOutput(TensorSpec.Of<float>("y", 2));
        if (isInitializer) builder.AddConstant(tensor);
        else builder.AddNode("Constant", "", [], ["w"], new OnnxAttribute("value", tensor));
        builder.AddNode("Add", "", ["x", "w"], ["y"]);
        var error = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(builder.Build()));
        Assert.Contains("'w'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'model.onnx.data'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Files cut off anywhere, and files with wrong bytes anywhere, with both evaluators; what loads all the same is asked to predict.</summary>
    [Theory]
    [InlineData("texts")]
    [InlineData("classifier")]
    [InlineData("trees")]
    [InlineData("trees in double precision")]
    [InlineData("sequence")]
    public async Task Load_DamagedAnywhere_ThrowsModelLoadOrPredicts(string model)
    {
        var bytes = model switch
        {
            "texts" => TinyModels.TextClassifier(),
            "classifier" => SequenceOutputTests.Classifier(new OnnxAttribute("classlabels_strings", new[] { "a", "b", "c" })),
            "trees" => new RandomTrees(new RandomTreesOptions { Trees = 3, Depth = 3 }).Build(),
            "trees in double precision" => new RandomTrees(new RandomTreesOptions { Trees = 3, Depth = 3, Type = ElementType.Float64, AsTensors = true }).Build(),
            _ => SequenceOutputTests.Sequence(),
        };
        var refused = 0;
        for (var length = 1; length < bytes.Length; length += Math.Max(1, bytes.Length / 150)) refused += await IsRefusedAsync(bytes.AsMemory(0, length)) ? 1 : 0;
        var random = new Random(17);
        for (var i = 0; i < 200; i++)
        {
            var damaged = bytes.ToArray();
            for (var change = 0; change <= i % 3; change++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            refused += await IsRefusedAsync(damaged) ? 1 : 0;
        }

        Assert.InRange(refused, 100, int.MaxValue);
    }

    private static async Task<bool> IsRefusedAsync(ReadOnlyMemory<byte> bytes)
    {
        var isRefused = false;
        foreach (var evaluator in new[] { OnnxEvaluator.Runtime, OnnxEvaluator.Managed })
        {
            try
            {
                using var model = OnnxModel.Load(bytes, new OnnxOptions { Evaluator = evaluator, ShareWeights = true });
                // Damage may ask for more memory than a test should take.
                if (model.Signature.Inputs.Concat(model.Signature.Outputs).Any(spec => spec.Width > 10_000)) continue;
                await using var predictor = model.CreatePredictor();
                foreach (var rows in s_rowsOfEachWalk)
                {
                    using var inputs = model.Signature.RentInputs(rows);
                    using var outputs = model.Signature.RentOutputs(rows);
                    foreach (var slot in Enumerable.Range(0, inputs.Count).Where(slot => inputs[slot] is TensorBuffer<float>)) inputs.Get<float>(slot).Span.Fill(0.5f);
                    await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
                }
            }
            catch (ModelLoadException error)
            {
                Assert.NotEmpty(error.Message);
                isRefused = true;
            }
            catch (PredictionFailedException)
            {
                isRefused = true;
            }
        }

        return isRefused;
    }
}
