using Mlops.Triggers;

namespace Mlops.Pipelines;

/// <summary>Work that is done as a whole for a cause: load, validate, train, evaluate, promote.</summary>
/// <remarks>Safe for concurrent use. A trigger sees to it that one pipeline runs once at a time.</remarks>
public interface IPipeline
{
    /// <summary>Gets the name.</summary>
    string Name { get; }

    /// <summary>Runs.</summary>
    /// <param name="cause">Why.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>A task that completes when the run has.</returns>
    Task RunAsync(TriggerCause cause, CancellationToken cancellationToken = default);
}
