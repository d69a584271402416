using System.Numerics;
using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>Compiles tree ensembles (ai.onnx.ml).</summary>
internal static class TreeCompiler
{
    public static void CompileTrees(PlanBuilder plan, NodeReader node, bool isClassifier)
    {
        // Features of double precision are compared in it; integers in single precision, as ONNX Runtime does.
        var input = plan.FindFeatures(node);
        if (input.ElementType == ElementType.Float64) CompileTrees<double>(plan, node, input, isClassifier);
        else CompileTrees<float>(plan, node, CastCompiler.CastTo(plan, input, ElementType.Float32), isClassifier);
    }

    private static void CompileTrees<T>(PlanBuilder plan, NodeReader node, Operand input, bool isClassifier)
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
            var labels = plan.Define(node, 0, texts.Length > 0 ? ElementType.String : ElementType.Int64);
            writer = new ClassWriter(labels.Slot, texts.Length > 0 ? texts : null, numbers);
        }

        var scores = plan.Define(node, isClassifier ? 1 : 0, ElementType.Float32, model.TargetCount);
        plan.AddStep(new TreeEnsembleStep<T, float>(plan, model, input.Slot, input.Width, scores.Slot) { Classes = writer });
    }

    public static void CompileTreesByPlaces(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindFeatures(node);
        if (input.ElementType == ElementType.Float64) CompileTreesByPlaces<double>(plan, node, input);
        else if (input.ElementType == ElementType.Float32) CompileTreesByPlaces<float>(plan, node, input);
        else throw new InvalidModelException($"its features are {input.ElementType}");
    }

    private static void CompileTreesByPlaces<T>(PlanBuilder plan, NodeReader node, Operand input)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var model = new TreeModelReader<T>(node).ReadByPlaces();
        CheckWidth(model.FeatureCount, input.Width);
        var scores = plan.Define(node, 0, input.ElementType, model.TargetCount);
        plan.AddStep(new TreeEnsembleStep<T, T>(plan, model, input.Slot, input.Width, scores.Slot));
    }

    private static void CheckWidth(int needed, int width)
    {
        if (needed > width) throw new InvalidModelException($"it asks for feature {needed - 1}, but rows have {width} features");
    }
}
