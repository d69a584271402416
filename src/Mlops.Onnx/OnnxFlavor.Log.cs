using Microsoft.Extensions.Logging;

namespace Mlops.Onnx;

public sealed partial class OnnxFlavor
{
    [LoggerMessage(6001, LogLevel.Information, "Loaded {Model}. Its evaluator is {Evaluator} (ONNX Runtime: '{RuntimeVersion}').", EventName = "Loaded")]
    private partial void LogLoaded(string model, OnnxEvaluatorChoice evaluator, string runtimeVersion);
}
