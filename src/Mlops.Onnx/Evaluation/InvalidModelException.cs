namespace Mlops.Onnx;

/// <summary>A node contradicts itself or its operator; never leaves this package.</summary>
internal sealed class InvalidModelException(string message) : Exception(message);

/// <summary>A node, or a use of it, that the managed evaluator does not know; never leaves this package.</summary>
internal sealed class UnsupportedNodeException(string message) : Exception(message);

/// <summary>A row holds a category that an encoder does not know and must not pass over; never leaves this package.</summary>
internal sealed class UnknownCategoryException : Exception;
