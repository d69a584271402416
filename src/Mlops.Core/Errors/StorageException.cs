namespace Mlops;

/// <summary>A store could not do what was asked: locked, unreachable, full, corrupted, or its content is not what was written.</summary>
/// <param name="backend">The store: <c>sqlite</c>, <c>local files</c>.</param>
/// <param name="operation">What was attempted: <c>append metrics</c>, <c>write artifact</c>.</param>
/// <param name="message">What happened, at which file or address, and what to do.</param>
/// <param name="innerException">The cause, if another exception was.</param>
public sealed class StorageException(string backend, string operation, string message, Exception? innerException = null)
    : MlopsException(message, innerException)
{
    /// <summary>Gets the store.</summary>
    public string Backend { get; } = backend;

    /// <summary>Gets what was attempted.</summary>
    public string Operation { get; } = operation;

    /// <summary>Gets whether the store works and refused what it was given, as it will again: a value that it cannot keep. What is written beside it may succeed.</summary>
    /// <value>The default value is <see langword="false"/>: the store is what failed.</value>
    public bool IsContentRefused { get; init; }
}
