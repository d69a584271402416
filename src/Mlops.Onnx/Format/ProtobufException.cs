using System.Globalization;

namespace Mlops.Onnx;

/// <summary>Bytes that are no message of Protocol Buffers; never leaves this package.</summary>
internal sealed class ProtobufException(string what, int position)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"{what} (byte {position})"));
