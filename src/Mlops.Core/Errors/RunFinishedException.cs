namespace Mlops;

/// <summary>Something was logged to a run that has ended; ended runs are immutable.</summary>
/// <param name="runId">The run.</param>
/// <param name="message">What was attempted, and what to do.</param>
public sealed class RunFinishedException(string runId, string message) : MlopsException(message)
{
    /// <summary>Gets the identifier of the run.</summary>
    public string RunId { get; } = runId;
}
