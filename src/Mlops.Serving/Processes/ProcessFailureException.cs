namespace Mlops.Serving;

/// <summary>A process is of no use any more; the message continues "The process of the model failed: ".</summary>
internal sealed class ProcessFailureException(string message, Exception? innerException = null) : Exception(message, innerException);
