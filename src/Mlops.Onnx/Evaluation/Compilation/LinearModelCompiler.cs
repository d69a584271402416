using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>Compiles linear models (ai.onnx.ml).</summary>
internal static class LinearModelCompiler
{
    public static void CompileLinearRegressor(PlanBuilder plan, NodeReader node)
    {
        var input = CastCompiler.CastTo(plan, plan.FindFeatures(node), ElementType.Float32);
        var (coefficients, intercepts) = (node.Floats("coefficients"), node.Floats("intercepts"));
        var targets = node.Integer("targets", 1);
        CheckCoefficients(coefficients, targets, input.Width);
        // Intercepts of another number than targets are passed over, as ONNX Runtime does.
        var scores = plan.Define(node, 0, ElementType.Float32, (int)targets);
        plan.AddStep(new LinearStep(input.Slot, input.Width, scores.Slot, coefficients, intercepts.Length == targets ? intercepts : []) { PostTransform = node.ReadPostTransform() });
    }

    public static void CompileLinearClassifier(PlanBuilder plan, NodeReader node)
    {
        var input = CastCompiler.CastTo(plan, plan.FindFeatures(node), ElementType.Float32);
        var (coefficients, intercepts) = (node.Floats("coefficients"), node.Floats("intercepts"));
        var (texts, numbers) = (node.Texts("classlabels_strings"), node.Integers("classlabels_ints"));
        var targets = intercepts.Length;
        if (targets == 0) throw new UnsupportedNodeException("a classifier without intercepts");
        CheckCoefficients(coefficients, targets, input.Width);
        var count = Math.Max(texts.Length, numbers.Length);
        var hasSecondClass = targets == 1 && count == 2;
        if (!hasSecondClass && (targets == 1 || targets > count)) throw new UnsupportedNodeException($"{count} labels for {targets} rows of coefficients");
        var transform = node.ReadPostTransform();
        if (hasSecondClass && transform == PostTransform.Probit) throw new UnsupportedNodeException("two classes by one row of coefficients, as probits");
        var labels = plan.Define(node, 0, texts.Length > 0 ? ElementType.String : ElementType.Int64);
        var scores = plan.Define(node, 1, ElementType.Float32, hasSecondClass ? 2 : targets);
        plan.AddStep(new LinearStep(input.Slot, input.Width, scores.Slot, coefficients, intercepts)
        {
            PostTransform = transform,
            Classes = new ClassWriter(labels.Slot, texts.Length > 0 ? texts : null, numbers),
            HasSecondClass = hasSecondClass,
        });
    }

    private static void CheckCoefficients(float[] coefficients, long targets, int width)
    {
        if (targets <= 0 || coefficients.Length != targets * width) throw new InvalidModelException($"it has {coefficients.Length} coefficients for {targets} targets of {width} features");
    }
}
