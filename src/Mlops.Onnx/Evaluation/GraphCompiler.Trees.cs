using System.Numerics;
using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>The compilation of trees.</summary>
internal sealed partial class GraphCompiler
{
    private void CompileTrees(NodeReader node, bool isClassifier)
    {
        // Features of double precision are compared in it; integers in single precision, as ONNX Runtime does.
        var input = FindFeatures(node);
        if (input.ElementType == ElementType.Float64) CompileTrees<double>(node, input, isClassifier);
        else CompileTrees<float>(node, CastTo(input, ElementType.Float32), isClassifier);
    }

    private void CompileTrees<T>(NodeReader node, Operand input, bool isClassifier)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (texts, numbers) = (node.Texts("classlabels_strings"), node.Integers("classlabels_int64s"));
        var classCount = isClassifier ? Math.Max(texts.Length, numbers.Length) : (int?)null;
        // ONNX Runtime gives such a classifier labels that it has not.
        if (classCount == 1) throw new UnsupportedNodeException("a classifier of one class");
        if (isClassifier && texts.Length > 0 && numbers.Length > 0) throw new InvalidModelException("it has labels of two kinds");
        var model = new TreeModelReader<T>(node).ReadByNames(classCount);
        CheckWidth(model.FeatureCount, input.Width);
        ClassWriter? writer = null;
        if (isClassifier)
        {
            var labels = Define(node, 0, texts.Length > 0 ? ElementType.String : ElementType.Int64);
            writer = new ClassWriter(labels.Slot, texts.Length > 0 ? texts : null, numbers);
        }

        var scores = Define(node, isClassifier ? 1 : 0, ElementType.Float32, model.TargetCount);
        _steps.Add(new TreeEnsembleStep<T, float>(this, model, input.Slot, input.Width, scores.Slot) { Classes = writer });
    }

    private void CompileTreesByPlaces(NodeReader node)
    {
        var input = FindFeatures(node);
        if (input.ElementType == ElementType.Float64) CompileTreesByPlaces<double>(node, input);
        else if (input.ElementType == ElementType.Float32) CompileTreesByPlaces<float>(node, input);
        else throw new InvalidModelException($"its features are {input.ElementType}");
    }

    private void CompileTreesByPlaces<T>(NodeReader node, Operand input)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var model = new TreeModelReader<T>(node).ReadByPlaces();
        CheckWidth(model.FeatureCount, input.Width);
        var scores = Define(node, 0, input.ElementType, model.TargetCount);
        _steps.Add(new TreeEnsembleStep<T, T>(this, model, input.Slot, input.Width, scores.Slot));
    }

    private static void CheckWidth(int needed, int width)
    {
        if (needed > width) throw new InvalidModelException($"it asks for feature {needed - 1}, but rows have {width} features");
    }
}
