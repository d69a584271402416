namespace Mlops.Onnx;

/// <summary>How much ONNX Runtime rewrites a model's graph when it loads it. The numbers are ONNX Runtime's.</summary>
public enum OnnxGraphOptimizationLevel
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>Constant folding and the removal of what has no effect; the same on every processor.</summary>
    Basic = 1,

    /// <summary>Also fusions of nodes.</summary>
    Extended = 2,

    /// <summary>Everything, memory layouts included.</summary>
    All = 99,
}
