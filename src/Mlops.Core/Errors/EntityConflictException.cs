namespace Mlops;

/// <summary>A write met something that exists already or has changed since it was read.</summary>
/// <param name="kind">What the conflict is about: <c>experiment</c>, <c>param</c>, <c>alias</c>, <c>artifact</c>.</param>
/// <param name="name">Its name.</param>
/// <param name="message">What conflicts with what, and what to do.</param>
/// <param name="innerException">The cause, if another exception was.</param>
public sealed class EntityConflictException(string kind, string name, string message, Exception? innerException = null)
    : MlopsException(message, innerException)
{
    /// <summary>Gets what the conflict is about.</summary>
    public string Kind { get; } = kind;

    /// <summary>Gets the name of what conflicts.</summary>
    public string Name { get; } = name;
}
