using System.Globalization;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Translates the operators of a <see cref="ModelGraph"/> into ONNX nodes.</summary>
/// <remarks>Source: operator schemas of ai.onnx 21 and ai.onnx.ml 3, onnx.ai/onnx/operators, and of com.microsoft 1, ContribOperators.md of ONNX Runtime.</remarks>
internal sealed partial class OperatorTranslator(OnnxGraphBuilder builder, ModelGraph graph)
{
    private const string Core = "";
    private const string MachineLearning = OnnxGraphBuilder.MachineLearning;

    private readonly ModelSignature _signature = graph.Signature;
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = [.. graph.Signature.Inputs.Select(input => input.Name), .. graph.Nodes.SelectMany(node => node.Outputs)];
    private int _helperCount;

    public void Translate(GraphNode node)
    {
        switch (node.Operator)
        {
            case SelectOperator select: Translate(node, select); break;
            case ImputeOperator impute: Translate(node, impute); break;
            case ImputeTextOperator impute: Translate(node, impute); break;
            case ScaleOperator scale: Translate(node, scale); break;
            case DayOfWeekOperator: TranslateDayOfWeek(node); break;
            case OneHotOperator oneHot: TranslateOneHot(node, new OnnxAttribute("cats_int64s", oneHot.Categories), oneHot.Categories.Length); break;
            case OneHotTextOperator { Unseen: UnseenCategory.AllZeros } oneHot: TranslateOneHot(node, new OnnxAttribute("cats_strings", oneHot.Categories), oneHot.Categories.Length); break;
            case OneHotTextOperator oneHot: TranslateLookup(node, oneHot); break;
            case TextLookupOperator lookup: Translate(node, lookup); break;
            case HashTextOperator hash: Translate(node, hash); break;
            case BagOfWordsOperator bag: Translate(node, bag); break;
            case MissingIndicatorOperator: TranslateMissingIndicator(node); break;
            case ClipOperator clip: Translate(node, clip); break;
            case DatePartOperator date: Translate(node, date); break;
            case ConcatOperator: TranslateConcat(node); break;
            case LinearRegressorOperator regressor: Translate(node, regressor); break;
            case LinearClassifierOperator classifier: Translate(node, classifier); break;
            case ConstantOperator constant: Translate(node, constant); break;
            case KMeansOperator means: Translate(node, means); break;
            default: throw Untranslatable(node, "ONNX has no translation of it here");
        }

        _written.UnionWith(node.Outputs);
    }

    /// <summary>Refuses outputs that no node writes, because they are inputs.</summary>
    public void CheckOutputs()
    {
        foreach (var output in _signature.Outputs)
        {
            if (!_written.Contains(output.Name))
                throw new ArgumentException($"The output '{output.Name}' is an input, which ONNX does not allow; let a node write it.");
        }
    }

    private void Translate(GraphNode node, SelectOperator select)
    {
        var indices = NameHelper(node, "indices");
        builder.AddConstant(indices, Array.ConvertAll(select.Indices, index => (long)index));
        builder.AddNode("Gather", Core, [node.Inputs[0], indices], node.Outputs, new OnnxAttribute("axis", 1L));
    }

    private void Translate(GraphNode node, ImputeTextOperator impute)
    {
        var (missing, replacement, isMissing) = (NameHelper(node, "missing"), NameHelper(node, "replacement"), NameHelper(node, "is_missing"));
        builder.AddConstant(missing, [""]);
        builder.AddConstant(replacement, [impute.Replacement]);
        builder.AddNode("Equal", Core, [node.Inputs[0], missing], [isMissing]);
        builder.AddNode("Where", Core, [isMissing, replacement, node.Inputs[0]], node.Outputs);
    }

    private void TranslateDayOfWeek(GraphNode node)
    {
        // 1970-01-01 was a Thursday, day 4. An integer Mod takes the sign of the divisor, so days before 1970 are right too.
        var (shift, week, shifted) = (NameHelper(node, "shift"), NameHelper(node, "week"), NameHelper(node, "shifted"));
        builder.AddConstant(shift, [4L]);
        builder.AddConstant(week, [7L]);
        builder.AddNode("Add", Core, [node.Inputs[0], shift], [shifted]);
        builder.AddNode("Mod", Core, [shifted, week], node.Outputs);
    }

    private void TranslateOneHot(GraphNode node, OnnxAttribute categories, int count)
    {
        if (count == 0) throw Untranslatable(node, "it has no categories");
        // The encoder adds a dimension: (rows × 1) → (rows × 1 × n). zeros = 1: a category never seen gives zeros instead of an error.
        var (encoded, axis) = (NameHelper(node, "encoded"), NameHelper(node, "axis"));
        builder.AddConstant(axis, [1L]);
        builder.AddNode("OneHotEncoder", MachineLearning, node.Inputs, [encoded], categories, new OnnxAttribute("zeros", 1L));
        builder.AddNode("Squeeze", Core, [encoded, axis], node.Outputs);
    }

    private void Translate(GraphNode node, LinearRegressorOperator regressor)
        => builder.AddNode(
            "LinearRegressor",
            MachineLearning,
            node.Inputs,
            node.Outputs,
            new OnnxAttribute("coefficients", Narrow(regressor.Coefficients)),
            new OnnxAttribute("intercepts", new[] { (float)regressor.Intercept }),
            new OnnxAttribute("targets", 1L));

    private void Translate(GraphNode node, LinearClassifierOperator classifier)
    {
        if (node.Outputs.Count != 2) throw Untranslatable(node, "a classifier writes two tensors, the class and the probabilities");
        var (coefficients, intercepts) = (classifier.Coefficients, classifier.Intercepts);
        var isBinary = coefficients.Length == 1 && classifier.ClassCount == 2;
        if (!isBinary && coefficients.Length != classifier.ClassCount)
            throw Untranslatable(node, $"{classifier.ClassCount} classes need as many rows of coefficients, or one for two classes; it has {coefficients.Length}");
        if (isBinary)
        {
            // logistic(s) is the softmax of (0, s), and the runtime's softmax keeps the digits of small probabilities, which its logistic loses in 1 − p.
            // With a row for each class the operator's special cases for one row do not matter.
            coefficients = [new double[coefficients[0].Length], coefficients[0]];
            intercepts = [0, intercepts[0]];
        }

        var label = FindLabelName(node);
        builder.AddNode(
            "LinearClassifier",
            MachineLearning,
            node.Inputs,
            [label, node.Outputs[1]],
            classifier.TextClasses is null ? new OnnxAttribute("classlabels_ints", classifier.NumberClasses!) : new OnnxAttribute("classlabels_strings", classifier.TextClasses),
            new OnnxAttribute("coefficients", coefficients.SelectMany(Narrow).ToArray()),
            new OnnxAttribute("intercepts", Narrow(intercepts)),
            new OnnxAttribute("post_transform", "SOFTMAX"));
        if (label == node.Outputs[0]) return;
        var axis = NameHelper(node, "axis");
        builder.AddConstant(axis, [1L]);
        builder.AddNode("Unsqueeze", Core, [label, axis], [node.Outputs[0]]);
    }

    /// <summary>The operator gives the classes as (rows); where the signature declares (rows × 1), a dimension is added to them.</summary>
    private string FindLabelName(GraphNode node)
    {
        var declared = _signature.Outputs.FirstOrDefault(output => output.Name == node.Outputs[0]);
        return declared?.Shape.Count == 2 ? NameHelper(node, "classes") : node.Outputs[0];
    }

    /// <summary>Adds a node of which only the translation knows the output.</summary>
    private string AddNode(GraphNode node, string operatorType, params string[] inputs)
    {
        var output = NameHelper(node, operatorType);
        builder.AddNode(operatorType, Core, inputs, [output]);
        return output;
    }

    private string AddCast(GraphNode node, string input, int type)
    {
        var output = NameHelper(node, "cast");
        builder.AddNode("Cast", Core, [input], [output], new OnnxAttribute("to", (long)type));
        return output;
    }

    private string AddConstant(GraphNode node, string purpose, params float[] values)
    {
        var name = NameHelper(node, purpose);
        builder.AddConstant(name, values);
        return name;
    }

    private string AddConstant(GraphNode node, string purpose, params long[] values)
    {
        var name = NameHelper(node, purpose);
        builder.AddConstant(name, values);
        return name;
    }

    private string AddConstant(GraphNode node, string purpose, params double[] values)
    {
        var name = NameHelper(node, purpose);
        builder.AddConstant(name, values);
        return name;
    }

    private string AddConstant(GraphNode node, string purpose, params string[] values)
    {
        var name = NameHelper(node, purpose);
        builder.AddConstant(name, values);
        return name;
    }

    /// <summary>Names a tensor that only the translation needs, unlike any of the graph.</summary>
    private string NameHelper(GraphNode node, string purpose)
    {
        string name;
        do name = string.Create(CultureInfo.InvariantCulture, $"{node.Output}/{purpose}/{_helperCount++}");
        while (!_names.Add(name));
        return name;
    }

    private static float[] Narrow(double[] values) => Array.ConvertAll(values, value => (float)value);

    private static ArgumentException Untranslatable(GraphNode node, string reason)
        => new($"Node '{node.Output}' ({node.Operator.GetType().Name}) cannot be exported: {reason}.");
}
