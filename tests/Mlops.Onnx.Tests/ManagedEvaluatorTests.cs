using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Linear models and the preparation of features, evaluated without ONNX Runtime, give what it gives.</summary>
public sealed class ManagedEvaluatorTests
{
    private static readonly int[] s_sizes = [1, 2, 7, 65, 200];

    /// <summary>Each part of a pipeline as converters write it: what it reads, what it writes, and its nodes.</summary>
    public static TheoryData<string> Parts() => [.. s_parts.Keys];

    private static readonly Dictionary<string, byte[]> s_parts = new()
    {
        ["linear regressor"] = Build(TensorSpec.Of<float>("x", 4), TensorSpec.Of<float>("y", 2), builder => builder.AddNode("LinearRegressor", Ml, ["x"], ["y"], new("targets", 2L), new("coefficients", Numbers(8)), new("intercepts", Numbers(2)))),
        ["linear regressor, softmax of many"] = Build(TensorSpec.Of<float>("x", 4), TensorSpec.Of<float>("y", 3), builder => builder.AddNode("LinearRegressor", Ml, ["x"], ["y"], new("targets", 3L), new("coefficients", Numbers(12)), new("post_transform", "SOFTMAX"))),
        ["linear classifier, many"] = Classifier(3, 3, "SOFTMAX"),
        ["linear classifier, logistic"] = Classifier(3, 3, "LOGISTIC"),
        ["linear classifier, none"] = Classifier(2, 2, "NONE"),
        ["linear classifier, softmax zero"] = Classifier(4, 4, "SOFTMAX_ZERO"),
        ["linear classifier, one row"] = Classifier(1, 2, "NONE"),
        ["linear classifier, one row, logistic"] = Classifier(1, 2, "LOGISTIC"),
        ["linear classifier, one row, softmax"] = Classifier(1, 2, "SOFTMAX"),
        ["linear classifier of integers"] = Classifier(3, 3, "SOFTMAX", ElementType.Int64),
        ["linear classifier of doubles"] = Classifier(3, 3, "SOFTMAX", ElementType.Float64),
        ["scaler"] = One<float>("Scaler", new("offset", Numbers(4)), new("scale", Numbers(4))),
        ["scaler of doubles"] = One<double>("Scaler", new("offset", Numbers(4)), new("scale", Numbers(4))),
        ["scaler of integers, one for all"] = One<long>("Scaler", new("offset", Numbers(1)), new("scale", Numbers(1))),
        ["imputer"] = One<float>("Imputer", new("imputed_value_floats", Numbers(4)), new("replaced_value_float", float.NaN)),
        ["imputer of a number"] = One<float>("Imputer", new("imputed_value_floats", Numbers(1)), new("replaced_value_float", 2f)),
        ["normalizer, max"] = One<float>("Normalizer", new OnnxAttribute("norm", "MAX")),
        ["normalizer, L1"] = One<float>("Normalizer", new OnnxAttribute("norm", "L1")),
        ["normalizer, L2"] = One<double>("Normalizer", new OnnxAttribute("norm", "L2")),
        ["imputer of integers"] = Build(TensorSpec.Of<long>("x", 4), TensorSpec.Of<long>("y", 4), builder => builder.AddNode("Imputer", Ml, ["x"], ["y"], new("imputed_value_int64s", new long[] { 7 }), new("replaced_value_int64", 2L))),
        ["one-hot of integers"] = OneHot(TensorSpec.Of<long>("x", 2), new OnnxAttribute("cats_int64s", new long[] { -1, 0, 3 })),
        ["one-hot of numbers"] = OneHot(TensorSpec.Of<float>("x", 2), new OnnxAttribute("cats_int64s", new long[] { -1, 0, 3 })),
        ["one-hot of texts"] = OneHot(TensorSpec.Of<string>("x", 2), new OnnxAttribute("cats_strings", new[] { "a", "ß", "" })),
        ["labels of texts"] = Encoder(TensorSpec.Of<string>("x", 2), TensorSpec.Of<long>("y", 2), new("keys_strings", new[] { "a", "ß" }), new("values_int64s", new long[] { 3, 4 }), new("default_int64", -7L)),
        ["labels of integers"] = Encoder(TensorSpec.Of<long>("x", 2), TensorSpec.Of<string>("y", 2), new("keys_int64s", new long[] { 1, 2 }), new("values_strings", new[] { "one", "two" })),
        ["labels of numbers"] = Encoder(TensorSpec.Of<float>("x", 2), TensorSpec.Of<float>("y", 2), new("keys_floats", new[] { 1f, float.NaN, 2f }), new("values_floats", new[] { 10f, 20f, 30f }), new("default_float", 0.5f)),
        ["columns"] = Build(TensorSpec.Of<float>("x", 4), TensorSpec.Of<float>("y", 3), builder =>
        {
            builder.AddConstant("columns", [3L, 0, 3]);
            builder.AddNode("ArrayFeatureExtractor", Ml, ["x", "columns"], ["y"]);
        }),
        ["columns, joined again"] = Build(TensorSpec.Of<double>("x", 4), TensorSpec.Of<double>("y", 5), builder =>
        {
            builder.AddConstant("first", [0L, -1]);
            builder.AddConstant("second", [2L, 1, 2]);
            builder.AddNode("Gather", "", ["x", "first"], ["a"], new OnnxAttribute("axis", 1L));
            builder.AddNode("Gather", "", ["x", "second"], ["b"], new OnnxAttribute("axis", 1L));
            builder.AddNode("Concat", "", ["a", "b"], ["y"], new OnnxAttribute("axis", 1L));
        }),
        ["arithmetic"] = Build(TensorSpec.Of<float>("x", 4), TensorSpec.Of<float>("y", 4), builder =>
        {
            builder.AddConstant("a", Numbers(4));
            builder.AddConstant("b", [3f]);
            builder.AddNode("Sub", "", ["x", "a"], ["p"]);
            builder.AddNode("Mul", "", ["p", "p"], ["q"]);
            builder.AddNode("Div", "", ["q", "b"], ["r"]);
            builder.AddNode("Add", "", ["a", "r"], ["s"]);
            builder.AddNode("Neg", "", ["s"], ["t"]);
            builder.AddNode("Sigmoid", "", ["t"], ["y"]);
        }),
        ["functions"] = Build(TensorSpec.Of<double>("x", 4), TensorSpec.Of<double>("y", 4), builder =>
        {
            builder.AddNode("Abs", "", ["x"], ["p"]);
            builder.AddNode("Sqrt", "", ["p"], ["q"]);
            builder.AddNode("Log", "", ["q"], ["r"]);
            builder.AddNode("Exp", "", ["r"], ["y"]);
        }),
        ["choices"] = Build(TensorSpec.Of<float>("x", 4), TensorSpec.Of<float>("y", 4), builder =>
        {
            builder.AddConstant("a", Numbers(4));
            builder.AddConstant("b", [0.5f]);
            builder.AddNode("IsNaN", "", ["x"], ["missing"]);
            builder.AddNode("Not", "", ["missing"], ["there"]);
            builder.AddNode("Less", "", ["x", "b"], ["small"]);
            builder.AddNode("Greater", "", ["x", "a"], ["large"]);
            builder.AddNode("Or", "", ["small", "large"], ["odd"]);
            builder.AddNode("And", "", ["odd", "there"], ["wanted"]);
            builder.AddNode("Where", "", ["wanted", "x", "a"], ["y"]);
        }),
        ["casts"] = Build(TensorSpec.Of<float>("x", 4), TensorSpec.Of<double>("y", 4), builder =>
        {
            builder.AddNode("Cast", "", ["x"], ["whole"], new OnnxAttribute("to", 7L));
            builder.AddNode("Cast", "", ["whole"], ["y"], new OnnxAttribute("to", 11L));
        }),
        ["remainders"] = Build(TensorSpec.Of<long>("x", 4), TensorSpec.Of<long>("y", 4), builder =>
        {
            builder.AddConstant("divisors", [3L, -3, 1, -1]);
            builder.AddNode("Mod", "", ["x", "divisors"], ["y"]);
        }),
        ["functions of doubles"] = Build(TensorSpec.Of<double>("x", 4), TensorSpec.Of<double>("y", 4), builder =>
        {
            builder.AddNode("Sigmoid", "", ["x"], ["p"]);
            builder.AddNode("Neg", "", ["p"], ["q"]);
            builder.AddNode("Abs", "", ["q"], ["r"]);
            builder.AddNode("Sqrt", "", ["r"], ["s"]);
            builder.AddNode("Log", "", ["s"], ["t"]);
            builder.AddNode("Exp", "", ["t"], ["y"]);
        }),
        ["the largest"] = Build(TensorSpec.Of<float>("x", 4), new TensorSpec("y", ElementType.Int64, [-1]), builder => builder.AddNode("ArgMax", "", ["x"], ["y"], new("axis", 1L), new("keepdims", 0L))),
        ["numbers of classes, version 1"] = EncoderBefore2(TensorSpec.Of<string>("x", 4), TensorSpec.Of<long>("y", 4), new("classes_strings", new[] { "a", "Wien", "a", "" }), new("default_int64", 7L)),
        ["classes of numbers, version 1"] = EncoderBefore2(TensorSpec.Of<long>("x", 4), TensorSpec.Of<string>("y", 4), new("classes_strings", new[] { "a", "Wien", "a" }), new("default_string", "none")),
        ["classes without a default, version 1"] = EncoderBefore2(TensorSpec.Of<long>("x", 4), TensorSpec.Of<string>("y", 4), new OnnxAttribute("classes_strings", new[] { "a", "Wien" })),
        ["shapes"] = Build(TensorSpec.Of<float>("x", 4), TensorSpec.Of<float>("y", 4), builder =>
        {
            builder.AddConstant("square", [-1L, 2, 2]);
            builder.AddConstant("axis", [1L]);
            builder.AddNode("Reshape", "", ["x", "square"], ["p"]);
            builder.AddNode("Flatten", "", ["p"], ["q"]);
            builder.AddNode("Unsqueeze", "", ["q", "axis"], ["r"]);
            builder.AddNode("Squeeze", "", ["r", "axis"], ["s"]);
            builder.AddNode("Identity", "", ["s"], ["y"]);
        }),
    };

    private static string Ml => OnnxGraphBuilder.MachineLearning;

    [Theory]
    [MemberData(nameof(Parts))]
    public Task Predict_PartOfPipeline_GivesWhatRuntimeGives(string part)
        => Evaluators.AssertAgreeAsync(s_parts[part], s_sizes, (inputs, size) => Fill(inputs, size, isFinite: part == "casts"), TestContext.Current.CancellationToken);

    /// <summary>What this package exports is evaluated without ONNX Runtime, too.</summary>
    [Fact]
    public Task Predict_OwnExport_GivesWhatRuntimeGives()
        => Evaluators.AssertAgreeAsync(TinyModels.TextClassifier(), s_sizes, (inputs, size) => Fill(inputs, size, isFinite: true), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Predict_UnknownCategoryRefused_ThrowsPredictionFailedAsRuntimeDoes()
    {
        var bytes = OneHot(TensorSpec.Of<string>("x", 2), new("cats_strings", new[] { "a", "b" }), new("zeros", 0L));
        foreach (var options in new[] { new OnnxOptions(), Evaluators.Managed })
        {
            using var model = OnnxModel.Load(bytes, options);
            await using var predictor = model.CreatePredictor();
            using var inputs = model.Signature.RentInputs(1);
            using var outputs = model.Signature.RentOutputs(1);
            inputs.Get<string>(0).Span.Fill("never seen");
            var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
            Assert.DoesNotContain("never seen", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>ONNX Runtime refuses it when it predicts; Gather counts from the end.</summary>
    [Fact]
    public void Load_ColumnBeforeTheFirst_ThrowsModelLoadNamingTheOperator()
    {
        var bytes = Build(TensorSpec.Of<float>("x", 4), TensorSpec.Of<float>("y", 1), builder =>
        {
            builder.AddConstant("columns", [-1L]);
            builder.AddNode("ArrayFeatureExtractor", Ml, ["x", "columns"], ["y"]);
        });
        Assert.Contains("ArrayFeatureExtractor", Assert.Throws<ModelLoadException>(() => OnnxModel.Load(bytes, Evaluators.Managed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_IndexBeyondTheTable_ThrowsPredictionFailedThatNamesTheOperator()
    {
        var bytes = Build(TensorSpec.Of<long>("x", 2), TensorSpec.Of<float>("y", 2), builder =>
        {
            builder.AddConstant("table", Numbers(3));
            builder.AddNode("Gather", "", ["table", "x"], ["y"]);
        });
        foreach (var options in new[] { new OnnxOptions(), Evaluators.Managed })
        {
            using var model = OnnxModel.Load(bytes, options);
            await using var predictor = model.CreatePredictor();
            using var inputs = model.Signature.RentInputs(1);
            using var outputs = model.Signature.RentOutputs(1);
            inputs.Get<long>(0).Span.Fill(4711);
            var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
            Assert.Contains("Gather", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("OneHotEncoder", error.Message, StringComparison.Ordinal);
            if (ReferenceEquals(options, Evaluators.Managed)) Assert.DoesNotContain("4711", error.Message, StringComparison.Ordinal);
        }
    }

    private static byte[] Classifier(int rows, int labels, string transform, ElementType type = ElementType.Float32)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(new TensorSpec("x", type, [-1, 4]));
        builder.AddOutput(new TensorSpec("label", ElementType.String, [-1]));
        builder.AddOutput(TensorSpec.Of<float>("scores", labels));
        builder.AddNode(
            "LinearClassifier", Ml, ["x"], ["label", "scores"],
            new("coefficients", Numbers(rows * 4)), new("intercepts", Numbers(rows)), new("classlabels_strings", Enumerable.Range(0, labels).Select(i => $"l{i}").ToArray()), new("post_transform", transform));
        return builder.Build();
    }

    private static byte[] One<T>(string type, params OnnxAttribute[] attributes)
        => Build(TensorSpec.Of<T>("x", 4), TensorSpec.Of<float>("y", 4), builder => builder.AddNode(type, Ml, ["x"], ["y"], attributes));

    private static byte[] OneHot(TensorSpec input, params OnnxAttribute[] attributes)
        => Build(input, new TensorSpec("y", ElementType.Float32, [-1, 2, attributes[0].Value is long[] numbers ? numbers.Length : ((string[])attributes[0].Value).Length]), builder => builder.AddNode("OneHotEncoder", Ml, ["x"], ["y"], attributes));

    private static byte[] Encoder(TensorSpec input, TensorSpec output, params OnnxAttribute[] attributes)
        => Build(input, output, builder => builder.AddNode("LabelEncoder", Ml, ["x"], ["y"], attributes));

    /// <summary>Version 1 knew texts and their numbers only.</summary>
    private static byte[] EncoderBefore2(TensorSpec input, TensorSpec output, params OnnxAttribute[] attributes)
        => Build(input, output, builder => builder.AddNode("LabelEncoder", Ml, ["x"], ["y"], attributes), machineLearningOperatorSet: 1);

    private static byte[] Build(TensorSpec input, TensorSpec output, Action<OnnxGraphBuilder> add, int machineLearningOperatorSet = 3)
    {
        var builder = new OnnxGraphBuilder { MachineLearningOperatorSet = machineLearningOperatorSet };
        builder.AddInput(input);
        builder.AddOutput(output);
        add(builder);
        return builder.Build();
    }

    private static float[] Numbers(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>Fills rows with small numbers, whole ones among them, missing and infinite ones where they may be, and texts that are known, not known and missing.</summary>
    private static void Fill(TensorBatch inputs, int seed, bool isFinite)
    {
        var random = new Random(seed);
        for (var slot = 0; slot < inputs.Count; slot++)
        {
            switch (inputs[slot])
            {
                case TensorBuffer<float> numbers: foreach (ref var value in numbers.Span) value = (float)Next(); break;
                case TensorBuffer<double> numbers: foreach (ref var value in numbers.Span) value = Next(); break;
                case TensorBuffer<long> numbers: foreach (ref var value in numbers.Span) value = random.Next(-4, 5); break;
                case TensorBuffer<string> texts: foreach (ref var value in texts.Span) value = random.Next(5) switch { 0 => "", 1 => "a", 2 => "ß", 3 => "Wien", _ => "unknown" }; break;
            }
        }

        double Next() => random.Next(10) switch
        {
            0 when !isFinite => double.NaN,
            1 when !isFinite => double.PositiveInfinity,
            2 => 0,
            < 6 => random.Next(-4, 5),
            _ => (random.NextDouble() * 6) - 3,
        };
    }
}
