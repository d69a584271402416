namespace Mlops.Onnx;

/// <summary>A status that ONNX Runtime gave; never leaves this package.</summary>
internal sealed class OrtException(int code, string message) : Exception(message)
{
    public int Code { get; } = code;
}
