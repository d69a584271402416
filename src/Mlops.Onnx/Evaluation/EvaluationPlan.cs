using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>What the managed evaluator does for a model. Immutable.</summary>
/// <param name="Signature">The inputs and outputs.</param>
/// <param name="Slots">The tensors; those of the inputs come first.</param>
/// <param name="Steps">What computes them.</param>
/// <param name="Outputs">The slot of each output.</param>
/// <param name="OutputDimensions">The dimensions of each output after the rows.</param>
/// <param name="BlockRows">How many rows are computed together.</param>
internal sealed record EvaluationPlan(
    ModelSignature Signature,
    IReadOnlyList<EvaluationSlot> Slots,
    EvaluationStep[] Steps,
    int[] Outputs,
    int[][] OutputDimensions,
    int BlockRows);
