namespace Mlops;

/// <summary>Something was asked for by name and does not exist: a file, a column, a run, a model version, an alias.</summary>
/// <param name="kind">What was asked for, in the field's word: <c>file</c>, <c>column</c>, <c>run</c>, <c>model version</c>.</param>
/// <param name="name">The name it was asked for by.</param>
/// <param name="message">What is missing, and what to do.</param>
/// <param name="innerException">The cause, if another exception was.</param>
public sealed class EntityNotFoundException(string kind, string name, string message, Exception? innerException = null)
    : MlopsException(message, innerException)
{
    /// <summary>Gets what was asked for, in the field's word.</summary>
    public string Kind { get; } = kind;

    /// <summary>Gets the name it was asked for by.</summary>
    public string Name { get; } = name;
}
