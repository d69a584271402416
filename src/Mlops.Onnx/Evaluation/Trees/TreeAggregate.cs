namespace Mlops.Onnx;

/// <summary>How the weights of the leaves become one score. The numbers are those of TreeEnsemble (ai.onnx.ml 5).</summary>
internal enum TreeAggregate
{
    Average = 0,
    Sum = 1,
    Min = 2,
    Max = 3,
}
