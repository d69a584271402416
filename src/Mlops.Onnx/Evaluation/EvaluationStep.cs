namespace Mlops.Onnx;

/// <summary>A step of the managed evaluator. Immutable; what changes lies in the workspace.</summary>
internal abstract class EvaluationStep
{
    /// <summary>Computes the outputs of the step for a block of rows.</summary>
    public abstract void Run(EvaluationWorkspace workspace, int rows);
}
