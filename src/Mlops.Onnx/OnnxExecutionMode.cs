namespace Mlops.Onnx;

/// <summary>In which order ONNX Runtime evaluates the nodes of a model. The numbers are ONNX Runtime's.</summary>
public enum OnnxExecutionMode
{
    /// <summary>One after the other.</summary>
    Sequential = 0,

    /// <summary>Independent branches at the same time, on <see cref="OnnxOptions.InterOpThreads"/> threads.</summary>
    Parallel = 1,
}
