using Mlops.Data;
using Mlops.Models;
using Mlops.Training;

namespace Mlops.Onnx.Tests;

/// <summary>
/// Every exported model is run by ONNX Runtime and compared, over all rows, with the graph model that trainers make, and with an evaluation written for the
/// tests from the doc comments of the operators.
/// </summary>
public sealed class OnnxExporterTests
{
    private const double Tolerance = 1e-5;

    [Fact]
    public async Task Export_CreditPipeline_PredictsAsTheGraphDoes()
    {
        var table = Table.Read("credit.csv");
        string[] numbers = ["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"];
        string[] texts = ["Home", "Marital", "Records", "Job"];
        var graph = MakePipeline(table, numbers, texts, features => new LinearClassifierOperator([Weights(1, features)], [-0.2f], ["bad", "good"], null), ElementType.String, classes: 2);
        var missing = numbers.Sum(name => table.Numbers(name).Count(float.IsNaN)) + texts.Sum(name => table.Texts(name).Count(text => text.Length == 0));
        Assert.True(missing > 400, "The file is here for its missing values.");
        await AssertAgreesAsync(graph, Inputs(table, numbers, texts), table.Rows);
    }

    [Fact]
    public async Task Export_ChurnPipelineOfFourClasses_PredictsAsTheGraphDoes()
    {
        var table = Table.Read("churn.csv");
        string[] numbers = ["account_length", "number_vmail_messages", "total_day_minutes", "total_eve_minutes", "total_night_minutes", "total_intl_minutes", "number_customer_service_calls"];
        string[] texts = ["state", "area_code", "international_plan", "voice_mail_plan"];
        var graph = MakePipeline(
            table, numbers, texts,
            features => new LinearClassifierOperator([.. Enumerable.Range(0, 4).Select(i => Weights(10 + i, features))], [0.1f, -0.3f, 0.2f, 0], null, [7, -3, 12_000_000_000, 0]),
            ElementType.Int64, classes: 4);
        await AssertAgreesAsync(graph, Inputs(table, numbers, texts), table.Rows);
    }

    [Fact]
    public async Task Export_RegressionOnDates_PredictsAsTheGraphDoes()
    {
        const int rows = 3000;
        var random = new Random(5);
        var signature = new ModelSignature(
            [TensorSpec.Of<long>("date", 1, "day"), TensorSpec.Of<long>("station", 1, "station"), TensorSpec.Of<float>("numbers", 5, "a", "b", "c", "d", "e")],
            [TensorSpec.Of<float>("rides"), TensorSpec.Of<long>("weekday")]);
        var graph = new ModelGraph(signature,
        [
            new GraphNode(new DayOfWeekOperator(), ["date"], ["weekday"]),
            new GraphNode(new OneHotOperator([0, 1, 2, 3, 4, 5]), ["weekday"], ["weekdays"]),
            new GraphNode(new OneHotOperator([40380, -1, 9_000_000_000]), ["station"], ["stations"]),
            new GraphNode(new SelectOperator([4, 0, 2]), ["numbers"], ["picked"]),
            new GraphNode(new ImputeOperator([1, -2, 0.5f]), ["picked"], ["whole"]),
            new GraphNode(new ScaleOperator([1, 2, 3], [0.5f, 2, -1]), ["whole"], ["scaled"]),
            new GraphNode(new ConcatOperator(), ["weekdays", "stations", "scaled"], ["features"]),
            new GraphNode(new LinearRegressorOperator(Weights(3, 12), 4.5f), ["features"], ["rides"]),
        ]);
        var inputs = new Dictionary<string, object[][]>
        {
            ["date"] = [.. Enumerable.Range(0, rows).Select(row => new object[] { (long)(row < 30 ? row - 15 : random.Next(-200_000, 200_000)) })],
            ["station"] = [.. Enumerable.Range(0, rows).Select(row => new object[] { row % 4 == 0 ? 40380L : row % 4 == 1 ? -1 : row % 4 == 2 ? 9_000_000_000 : 5 })],
            ["numbers"] = [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, 5).Select(i => (object)(random.Next(10) == 0 ? double.NaN : (double)(float)((random.NextDouble() * 20) - 10))).ToArray())],
        };
        await AssertAgreesAsync(graph, inputs, rows);
    }

    [Fact]
    public async Task Export_TextSteps_PredictAsTheGraphDoes()
    {
        var signature = new ModelSignature([TensorSpec.Of<string>("texts", 3)], [TensorSpec.Of<string>("filled"), TensorSpec.Of<float>("hot", 3), TensorSpec.Of<string>("turned", 2)]);
        var graph = new ModelGraph(signature,
        [
            new GraphNode(new SelectOperator([2, 0]), ["texts"], ["turned"]),
            new GraphNode(new SelectOperator([1]), ["texts"], ["second"]),
            new GraphNode(new ImputeTextOperator("où?"), ["second"], ["filled"]),
            new GraphNode(new OneHotTextOperator(["a", "où?", "東京"]), ["filled"], ["hot"]),
        ]);
        string[] words = ["a", "", "東京", "A", "unseen"];
        var inputs = new Dictionary<string, object[][]> { ["texts"] = [.. Enumerable.Range(0, 125).Select(row => new object[] { words[row % 5], words[row / 5 % 5], words[row / 25] })] };
        await AssertAgreesAsync(graph, inputs, 125);
    }

    [Fact]
    public async Task Export_KMeansAndConstant_PredictAsTheGraphDoes()
    {
        const int rows = 500;
        var random = new Random(7);
        var signature = new ModelSignature(
            [TensorSpec.Of<float>("x", 3), TensorSpec.Of<string>("t")],
            [TensorSpec.Of<long>("cluster"), TensorSpec.Of<float>("distances", 4), TensorSpec.Of<float>("constant", 2), TensorSpec.Of<float>("zero")]);
        var graph = new ModelGraph(signature,
        [
            new GraphNode(new KMeansOperator([[0, 0, 0], [1, -2, 3], [1000.25, 1000.5, -1000], [1, -2, 3]]), ["x"], ["cluster", "distances"]),
            new GraphNode(new ConstantOperator([1.5f, -2]), ["t"], ["constant"]),
            new GraphNode(new ConstantOperator([0]), ["x"], ["zero"]),
        ]);
        await AssertAgreesAsync(graph, new Dictionary<string, object[][]>
        {
            ["x"] = [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, 3).Select(_ => (object)(double)(float)((random.NextDouble() * 6) - 3 + (row % 5 == 0 ? 1000 : 0))).ToArray())],
            ["t"] = [.. Enumerable.Range(0, rows).Select(row => new object[] { row % 2 == 0 ? "" : "a" })],
        }, rows);
    }

    /// <summary>Labels that the signature declares as (rows × 1), binary and by number, with scores from far below 0 to far above.</summary>
    [Fact]
    public async Task Export_BinaryNumbersAsColumn_PredictsAsTheGraphDoes()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<long>("label"), TensorSpec.Of<float>("probabilities", 2)]);
        var graph = new ModelGraph(signature, [new GraphNode(new LinearClassifierOperator([[1]], [0.25f], null, [0, 1]), ["x"], ["label", "probabilities"])]);
        await AssertAgreesAsync(graph, new Dictionary<string, object[][]> { ["x"] = [.. Enumerable.Range(-150, 301).Select(i => new object[] { i / 10.0 })] }, 301);
    }

    /// <summary>Two classes with a row of coefficients for each are the softmax, not the logistic function.</summary>
    [Fact]
    public async Task Export_TwoClassesTwoRows_PredictsTheSoftmax()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x", 2)], [new TensorSpec("label", ElementType.String, [-1]), TensorSpec.Of<float>("probabilities", 2)]);
        var graph = new ModelGraph(signature, [new GraphNode(new LinearClassifierOperator([[1, 0.5f], [-0.3f, 2]], [0.25f, 0], ["b", "a"], null), ["x"], ["label", "probabilities"])]);
        var random = new Random(9);
        await AssertAgreesAsync(graph, new Dictionary<string, object[][]> { ["x"] = [.. Enumerable.Range(0, 400).Select(_ => new object[] { (double)(float)((random.NextDouble() * 6) - 3), (double)(float)((random.NextDouble() * 6) - 3) })] }, 400);
    }

    [Fact]
    public void Export_SameGraph_GivesTheSameBytesAndSignature()
    {
        var table = Table.Read("credit.csv");
        var graph = MakePipeline(table, ["Age", "Income"], ["Home"], features => new LinearClassifierOperator([Weights(1, features)], [0], ["bad", "good"], null), ElementType.String, classes: 2);
        var bytes = OnnxExporter.Export(graph);
        Assert.Equal(bytes, OnnxExporter.Export(ModelGraph.FromJson(graph.ToJson())));
        using var model = OnnxModel.Load(bytes);
        Assert.Equal(graph.Signature, model.Signature);
        Assert.Equal("Mlops.Onnx", model.Metadata.ProducerName);
    }

    [Fact]
    public void Export_GraphModel_ExportsItsGraph()
    {
        var graph = new ModelGraph(new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]), [new GraphNode(new LinearRegressorOperator([2], 1), ["x"], ["y"])]);
        Assert.Equal(OnnxExporter.Export(graph), OnnxExporter.Export(new GraphOnly(graph)));
    }

    [Fact]
    public void Export_WhatOnnxCannotExpress_ThrowsArgumentNamingTheNode()
    {
        var text = new ModelSignature([TensorSpec.Of<string>("t"), TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("hot", 1)]);
        AssertRefused(new ModelGraph(text, [new GraphNode(new OneHotTextOperator([]), ["t"], ["hot"])]), "hot");
        AssertRefused(new ModelGraph(text, [new GraphNode(new LinearClassifierOperator([[1], [2]], [0, 0], ["a", "b", "c"], null), ["x"], ["label", "hot"])]), "label");
        AssertRefused(new ModelGraph(text, [new GraphNode(new LinearClassifierOperator([[1]], [0], ["a", "b"], null), ["x"], ["hot"])]), "hot");
        AssertRefused(new ModelGraph(new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("x")]), []), "x");

        static void AssertRefused(ModelGraph graph, string name)
            => Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(() => OnnxExporter.Export(graph)).Message, StringComparison.Ordinal);
    }

    /// <summary>Impute, scale, one-hot, concat, classify; a third of the categories are left out, as if never seen.</summary>
    private static ModelGraph MakePipeline(Table table, string[] numbers, string[] texts, Func<int, LinearClassifierOperator> classifier, ElementType labelType, int classes)
    {
        var means = Array.ConvertAll(numbers, name => (double)table.Numbers(name).Where(number => !float.IsNaN(number)).Average());
        var scales = numbers.Select((name, i) => (double)(1 / (float)Math.Sqrt(table.Numbers(name).Where(number => !float.IsNaN(number)).Average(number => Math.Pow(number - means[i], 2))))).ToArray();
        var nodes = new List<GraphNode>
        {
            new(new ImputeOperator(means), ["numbers"], ["numbers_whole"]),
            new(new ScaleOperator(means, scales), ["numbers_whole"], ["numbers_scaled"]),
        };
        var parts = new List<string> { "numbers_scaled" };
        var width = numbers.Length;
        foreach (var name in texts)
        {
            var categories = table.Texts(name).Where(text => text.Length > 0).Distinct().Order(StringComparer.Ordinal).Where((_, i) => i % 3 != 2).ToArray();
            nodes.Add(new GraphNode(new ImputeTextOperator(categories[0]), [name], [$"{name}_whole"]));
            nodes.Add(new GraphNode(new OneHotTextOperator(categories), [$"{name}_whole"], [$"{name}_hot"]));
            parts.Add($"{name}_hot");
            width += categories.Length;
        }

        nodes.Add(new GraphNode(new ConcatOperator(), parts, ["features"]));
        nodes.Add(new GraphNode(classifier(width), ["features"], ["label", "probabilities"]));
        var signature = new ModelSignature(
            [TensorSpec.Of<float>("numbers", numbers.Length, numbers), .. texts.Select(name => TensorSpec.Of<string>(name, 1, name))],
            [new TensorSpec("label", labelType, [-1]), TensorSpec.Of<float>("probabilities", classes)]);
        return new ModelGraph(signature, nodes);
    }

    private static Dictionary<string, object[][]> Inputs(Table table, string[] numbers, string[] texts)
    {
        var columns = Array.ConvertAll(numbers, table.Numbers);
        var inputs = texts.ToDictionary(name => name, name => table.Texts(name).Select(text => new object[] { text }).ToArray());
        inputs["numbers"] = [.. Enumerable.Range(0, table.Rows).Select(row => columns.Select(column => (object)(double)column[row]).ToArray())];
        return inputs;
    }

    private static double[] Weights(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextDouble() * 1.6) - 0.8)];
    }

    private static async Task AssertAgreesAsync(ModelGraph graph, Dictionary<string, object[][]> rows, int count)
    {
        using var model = OnnxModel.Load(OnnxExporter.Export(graph));
        Assert.Equal(graph.Signature, model.Signature);
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(count);
        using var outputs = model.Signature.RentOutputs(count);
        for (var slot = 0; slot < inputs.Count; slot++)
        {
            var elements = rows[inputs[slot].Spec.Name].SelectMany(row => row).ToArray();
            switch (inputs[slot])
            {
                case TensorBuffer<string> text: elements.Cast<string>().ToArray().CopyTo(text.Span); break;
                case TensorBuffer<long> numbers: elements.Cast<long>().ToArray().CopyTo(numbers.Span); break;
                case var numbers: TensorNumbers.FromDoubles(elements.Cast<double>().ToArray(), numbers); break;
            }
        }

        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        await AssertAgreesWithGraphModelAsync(graph, inputs, outputs);
        var labels = new HashSet<object>();
        for (var row = 0; row < count; row++)
        {
            var expected = ReferenceEvaluator.Evaluate(graph, rows.ToDictionary(pair => pair.Key, pair => pair.Value[row]));
            for (var slot = 0; slot < outputs.Count; slot++)
            {
                var want = expected[outputs[slot].Spec.Name];
                for (var i = 0; i < want.Length; i++)
                {
                    var index = (row * want.Length) + i;
                    switch (outputs[slot])
                    {
                        case TensorBuffer<string> text: Assert.Equal(want[i], text.Span[index]); break;
                        case TensorBuffer<long> numbers: Assert.Equal(want[i], numbers.Span[index]); break;
                        case TensorBuffer<float> numbers: AssertClose((double)want[i], numbers.Span[index], outputs[slot].Spec.Name, row); break;
                    }

                    if (outputs[slot].ElementType is ElementType.String or ElementType.Int64) labels.Add(want[i]);
                }
            }
        }

        // A model that gives one answer to everything would agree too easily.
        Assert.NotEqual(1, labels.Count);
    }

    private static async Task AssertAgreesWithGraphModelAsync(ModelGraph graph, TensorBatch inputs, TensorBatch exported)
    {
        await using var predictor = new GraphModel(graph).CreatePredictor();
        using var outputs = graph.Signature.RentOutputs(inputs.Rows);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        for (var slot = 0; slot < outputs.Count; slot++)
        {
            Assert.Equal(outputs[slot].Shape.ToArray(), exported[slot].Shape.ToArray());
            if (outputs[slot] is TensorBuffer<string> text)
            {
                Assert.Equal(text.Span.ToArray(), exported.Get<string>(slot).Span.ToArray());
                continue;
            }

            var (want, have) = (TensorNumbers.ToDoubles(outputs[slot]), TensorNumbers.ToDoubles(exported[slot]));
            for (var i = 0; i < want.Length; i++) AssertClose(want[i], have[i], outputs[slot].Spec.Name, i / Math.Max(1, want.Length / inputs.Rows));
        }
    }

    private static void AssertClose(double expected, double actual, string output, int row)
        => Assert.True(Math.Abs(expected - actual) <= Tolerance * Math.Max(Math.Abs(expected), 1e-3), $"{output}, row {row}: {actual} instead of {expected}.");

    private sealed class GraphOnly(ModelGraph graph) : IGraphModel
    {
        public ModelGraph Graph => graph;

        public ModelSignature Signature => graph.Signature;

        public IPredictor CreatePredictor() => throw new NotSupportedException();

        public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
