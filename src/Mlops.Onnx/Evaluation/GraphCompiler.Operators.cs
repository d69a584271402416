namespace Mlops.Onnx;

/// <summary>Which operators are known.</summary>
internal sealed partial class GraphCompiler
{
    private static bool IsKnown(NodeMessage node) => FindCompiler(node) is not null;

    private static Action<GraphCompiler, NodeReader>? FindCompiler(NodeMessage node) => (node.Domain, node.Operator) switch
    {
        (MachineLearning, "TreeEnsembleRegressor") => static (graph, node) => graph.CompileTrees(node, isClassifier: false),
        (MachineLearning, "TreeEnsembleClassifier") => static (graph, node) => graph.CompileTrees(node, isClassifier: true),
        (MachineLearning, "TreeEnsemble") => static (graph, node) => graph.CompileTreesByPlaces(node),
        (MachineLearning, "LinearRegressor") => static (graph, node) => graph.CompileLinearRegressor(node),
        (MachineLearning, "LinearClassifier") => static (graph, node) => graph.CompileLinearClassifier(node),
        (MachineLearning, "Scaler") => static (graph, node) => graph.CompileScaler(node),
        (MachineLearning, "Imputer") => static (graph, node) => graph.CompileImputer(node),
        (MachineLearning, "Normalizer") => static (graph, node) => graph.CompileNormalizer(node),
        (MachineLearning, "OneHotEncoder") => static (graph, node) => graph.CompileOneHotEncoder(node),
        (MachineLearning, "LabelEncoder") => static (graph, node) => graph.CompileLabelEncoder(node),
        (MachineLearning, "ArrayFeatureExtractor") => static (graph, node) => graph.CompileArrayFeatureExtractor(node),
        ("", "Add" or "Sub" or "Mul" or "Div") => static (graph, node) => graph.CompileArithmetic(node),
        ("", "Mod") => static (graph, node) => graph.CompileModulo(node),
        ("", "Equal" or "Less" or "LessOrEqual" or "Greater" or "GreaterOrEqual") => static (graph, node) => graph.CompileComparison(node),
        ("", "And" or "Or" or "Not") => static (graph, node) => graph.CompileLogic(node),
        ("", "IsNaN" or "Sigmoid" or "Exp" or "Log" or "Sqrt" or "Abs" or "Neg") => static (graph, node) => graph.CompileFunction(node),
        ("", "Where") => static (graph, node) => graph.CompileWhere(node),
        ("", "ArgMax" or "ArgMin") => static (graph, node) => graph.CompileArgMinMax(node),
        ("", "Concat") => static (graph, node) => graph.CompileConcat(node),
        ("", "Reshape") => static (graph, node) => graph.CompileReshape(node),
        ("", "Flatten") => static (graph, node) => graph.CompileFlatten(node),
        ("", "Squeeze") => static (graph, node) => graph.CompileSqueeze(node),
        ("", "Unsqueeze") => static (graph, node) => graph.CompileUnsqueeze(node),
        ("", "Gather") => static (graph, node) => graph.CompileGather(node),
        ("", "Cast") => static (graph, node) => graph.CompileCast(node),
        ("", "Identity") => static (graph, node) => graph.Name(node, 0, graph.Find(node, 0)),
        ("", "Constant") => static (graph, node) => graph.Name(node, 0, Operand.Of(ReadConstant(node))),
        _ => null,
    };

    private void Compile(NodeReader node)
        => (FindCompiler(node.Message) ?? throw new UnsupportedNodeException($"an operator of {(node.Message.Domain.Length == 0 ? "ai.onnx" : node.Message.Domain)} that it does not know"))(this, node);

    private static ConstantTensor ReadConstant(NodeReader node)
    {
        if (node.Tensor("value") is { } tensor) return tensor;
        if (node.Has("value_float")) return ConstantTensor.Of([node.Float("value_float", 0)]);
        if (node.Has("value_int")) return ConstantTensor.Of([node.Integer("value_int", 0)]);
        if (node.Has("value_string")) return ConstantTensor.Of([node.Text("value_string", "")]);
        if (node.Has("value_floats")) return ConstantTensor.Of(node.Floats("value_floats"), node.Floats("value_floats").Length);
        if (node.Has("value_ints")) return ConstantTensor.Of(node.Integers("value_ints"), node.Integers("value_ints").Length);
        if (node.Has("value_strings")) return ConstantTensor.Of(node.Texts("value_strings"), node.Texts("value_strings").Length);
        throw new UnsupportedNodeException("a constant of a kind that it does not know");
    }
}
