namespace Mlops.Onnx;

/// <summary>A node contradicts itself or its operator; never leaves this package.</summary>
internal sealed class InvalidModelException(string message) : Exception(message);

/// <summary>A node, or a use of it, that the managed evaluator does not know; never leaves this package.</summary>
internal sealed class UnsupportedNodeException(string message) : Exception(message);

/// <summary>A row holds what the model takes for an error; never leaves this package.</summary>
/// <param name="message">What it does with the row, and the remedy; without values of the row.</param>
internal sealed class RefusedRowException(string message) : Exception(message);
