using System.Text;
using System.Text.Json;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class ModelGraphTests
{
    [Fact]
    public void FromJson_EveryOperator_ComesBackToTheSameBits()
    {
        var graph = new ModelGraph(
            new ModelSignature(
                [TensorSpec.Of<float>("x", 2, "a", "b"), TensorSpec.Of<string>("city"), TensorSpec.Of<long>("day"), TensorSpec.Of<long>("code")],
                [new TensorSpec("label", Mlops.Data.ElementType.String, [-1]), TensorSpec.Of<float>("p", 2), new TensorSpec("other", Mlops.Data.ElementType.Int64, [-1]), TensorSpec.Of<float>("q", 3), TensorSpec.Of<float>("r")]),
            [
                new(new SelectOperator([1, 0]), ["x"], ["selected"]),
                new(new ImputeOperator([double.NaN, double.Epsilon]), ["selected"], ["imputed"]),
                new(new ScaleOperator([1600000000.1, -0.0], [double.MaxValue, double.NegativeInfinity]), ["imputed"], ["scaled"]),
                new(new ImputeTextOperator("\"quoted\" 東京 </script>"), ["city"], ["city_imputed"]),
                new(new OneHotTextOperator(["", "Oslo", "😀"]), ["city_imputed"], ["city_hot"]),
                new(new DayOfWeekOperator(), ["day"], ["weekday"]),
                new(new OneHotOperator([long.MinValue, 0, long.MaxValue]), ["weekday"], ["day_hot"]),
                new(new ConcatOperator(), ["scaled", "city_hot", "day_hot"], ["all"]),
                new(new LinearClassifierOperator([[1.0 / 3, Math.PI, double.Epsilon, -0.0, 5, 6, 7, double.NaN]], [0.1], ["no", "yes"]) { FeatureNames = ["b", "a", "city=", "city=Oslo", "city=😀", "1", "2", "3"] }, ["all"], ["label", "p"]),
                new(new LinearClassifierOperator([[1], [2], [3]], [1, 2, 3], NumberClasses: [1, 2, long.MaxValue]), ["all"], ["other", "q"]),
                new(new LinearRegressorOperator([1.0000000000000002], 9007199254740993), ["all"], ["r"]),
                new(new ConstantOperator([0.1f]), ["city"], ["constant"]),
                new(new KMeansOperator([[0.1, 1e-300]]) { FeatureNames = ["b", "a"] }, ["scaled"], ["cluster", "distances"]),
            ]);
        var json = graph.ToJson();
        var back = ModelGraph.FromJson(json);
        Assert.Equal(graph.Signature, back.Signature);
        Assert.Equal(json, back.ToJson());
        Assert.Equal(graph.Nodes.Select(node => node.Operator.GetType()), back.Nodes.Select(node => node.Operator.GetType()));
        var impute = Assert.IsType<ImputeOperator>(back.Nodes[1].Operator);
        Assert.Equal(BitConverter.DoubleToInt64Bits(double.NaN), BitConverter.DoubleToInt64Bits(impute.Replacements[0]));
        var scale = Assert.IsType<ScaleOperator>(back.Nodes[2].Operator);
        Assert.Equal(BitConverter.DoubleToInt64Bits(-0.0), BitConverter.DoubleToInt64Bits(scale.Offsets[1]));
        Assert.Equal([double.MaxValue, double.NegativeInfinity], scale.Scales);
        Assert.Equal(1600000000.1, scale.Offsets[0]);
        var binary = Assert.IsType<LinearClassifierOperator>(back.Nodes[8].Operator);
        Assert.Equal([1.0 / 3, Math.PI, double.Epsilon, -0.0, 5, 6, 7, double.NaN], binary.Coefficients[0]);
        Assert.Equal("city=😀", binary.FeatureNames[4]);
        Assert.Equal([1.0000000000000002], Assert.IsType<LinearRegressorOperator>(back.Nodes[10].Operator).Coefficients);
        Assert.Empty(Assert.IsType<LinearRegressorOperator>(back.Nodes[10].Operator).FeatureNames);
        Assert.Equal([0.1, 1e-300], Assert.IsType<KMeansOperator>(back.Nodes[12].Operator).Centroids[0]);
        var classifier = Assert.IsType<LinearClassifierOperator>(back.Nodes[9].Operator);
        Assert.Null(classifier.TextClasses);
        Assert.Equal([1, 2, long.MaxValue], classifier.NumberClasses!);
        Assert.Equal(3, classifier.ClassCount);
        Assert.Equal(["a", "b"], back.Signature.Inputs[0].Columns);
    }

    [Fact]
    public void FromJson_SpecWithoutColumns_HasNone()
    {
        const string Json = """{"inputs":[{"name":"x","elementType":"Float32","shape":[-1,1]}],"outputs":[{"name":"x","elementType":"Float32","shape":[-1,1]}],"nodes":[]}""";
        Assert.Empty(ModelGraph.FromJson(Encoding.UTF8.GetBytes(Json)).Signature.Inputs[0].Columns);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"inputs":[],"outputs":[],"nodes":null}""")]
    [InlineData("""{"inputs":[],"outputs":[],"nodes":[{"operator":{"operator":"unheard_of"},"inputs":[],"outputs":["y"]}]}""")]
    [InlineData("""{"inputs":[],"outputs":[],"nodes":[{"operator":{},"inputs":[],"outputs":["y"]}]}""")]
    [InlineData("""{"inputs":[],"outputs":[],"nodes":[{"operator":null,"inputs":[],"outputs":["y"]}]}""")]
    [InlineData("""{"inputs":[],"outputs":[],"nodes":[{"operator":{"operator":"scale"},"inputs":[],"outputs":["y"]}]}""")]
    [InlineData("""{"inputs":[],"outputs":[],"nodes":[{"operator":{"operator":"concat"},"inputs":[]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","elementType":"Float31","shape":[-1]}],"outputs":[],"nodes":[]}""")]
    [InlineData("""{"inputs":[{"name":"x","elementType":"Float32"}],"outputs":[],"nodes":[]}""")]
    public void FromJson_Damaged_ThrowsJsonException(string json)
        => Assert.ThrowsAny<JsonException>(() => ModelGraph.FromJson(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("""{"inputs":[],"outputs":[],"nodes":[null]}""")]
    [InlineData("""{"inputs":[null],"outputs":[],"nodes":[]}""")]
    [InlineData("""{"inputs":[],"outputs":[],"nodes":[{"operator":{"operator":"concat"},"inputs":[],"outputs":[]}]}""")]
    [InlineData("""{"inputs":[],"outputs":[],"nodes":[{"operator":{"operator":"concat"},"inputs":["absent"],"outputs":["y"]}]}""")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"y","elementType":"Float32","shape":[-1]}],"nodes":[]}""")]
    public void FromJson_Inconsistent_ThrowsArgumentException(string json)
        => Assert.ThrowsAny<ArgumentException>(() => ModelGraph.FromJson(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Constructor_Inconsistent_ThrowsNamingTheTensor()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]);
        Check("'later'", new GraphNode(new ConcatOperator(), ["later"], ["y"]), new GraphNode(new ConcatOperator(), ["x"], ["later"]));
        Check("'y' is written twice", new GraphNode(new ConcatOperator(), ["x"], ["y"]), new GraphNode(new ConcatOperator(), ["x"], ["y"]));
        Check("'x' is written twice", new GraphNode(new ConcatOperator(), ["x"], ["x"]));
        Check("'y'", new GraphNode(new ConcatOperator(), ["x"], ["z"]));
        Check("output", new GraphNode(new ConcatOperator(), ["x"], []));

        void Check(string expected, params GraphNode[] nodes)
            => Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new ModelGraph(signature, nodes)).Message, StringComparison.Ordinal);
    }
}
