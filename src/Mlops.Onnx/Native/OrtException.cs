namespace Mlops.Onnx;

/// <summary>A status that ONNX Runtime gave; never leaves this package.</summary>
internal sealed class OrtException(int code, string message) : Exception(message)
{
    /// <summary>The code for a file that is no protobuf message (ORT_INVALID_PROTOBUF).</summary>
    public const int InvalidProtobuf = 7;

    public int Code { get; } = code;
}
