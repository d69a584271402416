namespace Mlops.Onnx;

/// <summary>Which operators are known, and what compiles them.</summary>
internal static class OperatorCompilers
{
    private const string MachineLearning = OnnxGraphBuilder.MachineLearning;

    /// <summary>Finds what compiles a node.</summary>
    /// <returns>What adds its steps to a plan; <see langword="null"/> where the operator is not known.</returns>
    public static Action<PlanBuilder, NodeReader>? Find(NodeMessage node) => (node.Domain, node.Operator) switch
    {
        (MachineLearning, "TreeEnsembleRegressor") => static (plan, node) => TreeCompiler.CompileTrees(plan, node, isClassifier: false),
        (MachineLearning, "TreeEnsembleClassifier") => static (plan, node) => TreeCompiler.CompileTrees(plan, node, isClassifier: true),
        (MachineLearning, "TreeEnsemble") => TreeCompiler.CompileTreesByPlaces,
        (MachineLearning, "LinearRegressor") => LinearModelCompiler.CompileLinearRegressor,
        (MachineLearning, "LinearClassifier") => LinearModelCompiler.CompileLinearClassifier,
        (MachineLearning, "Scaler") => FeatureCompiler.CompileScaler,
        (MachineLearning, "Imputer") => FeatureCompiler.CompileImputer,
        (MachineLearning, "Normalizer") => FeatureCompiler.CompileNormalizer,
        (MachineLearning, "OneHotEncoder") => FeatureCompiler.CompileOneHotEncoder,
        (MachineLearning, "LabelEncoder") => FeatureCompiler.CompileLabelEncoder,
        (MachineLearning, "ArrayFeatureExtractor") => ShapeCompiler.CompileArrayFeatureExtractor,
        ("", "Add" or "Sub" or "Mul" or "Div") => ElementwiseCompiler.CompileArithmetic,
        ("", "Mod") => ElementwiseCompiler.CompileModulo,
        ("", "Equal" or "Less" or "LessOrEqual" or "Greater" or "GreaterOrEqual") => ElementwiseCompiler.CompileComparison,
        ("", "And" or "Or" or "Not") => ElementwiseCompiler.CompileLogic,
        ("", "IsNaN" or "Sigmoid" or "Exp" or "Log" or "Sqrt" or "Abs" or "Neg") => ElementwiseCompiler.CompileFunction,
        ("", "Where") => ElementwiseCompiler.CompileWhere,
        ("", "ArgMax" or "ArgMin") => ElementwiseCompiler.CompileArgMinMax,
        ("", "Concat") => ShapeCompiler.CompileConcat,
        ("", "Reshape") => ShapeCompiler.CompileReshape,
        ("", "Flatten") => ShapeCompiler.CompileFlatten,
        ("", "Squeeze") => ShapeCompiler.CompileSqueeze,
        ("", "Unsqueeze") => ShapeCompiler.CompileUnsqueeze,
        ("", "Gather") => ShapeCompiler.CompileGather,
        ("", "Cast") => CastCompiler.CompileCast,
        ("", "Identity") => static (plan, node) => plan.Name(node, 0, plan.Find(node, 0)),
        ("", "Constant") => static (plan, node) => plan.Name(node, 0, Operand.Of(ReadConstant(node))),
        _ => null,
    };

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
