namespace Mlops.Triggers;

/// <summary>Turns a cause into one run of a pipeline. Safe for concurrent use.</summary>
public interface ITrigger
{
    /// <summary>Gets the name.</summary>
    string Name { get; }

    /// <summary>Reacts to a cause.</summary>
    /// <param name="cause">The cause.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>What was done.</returns>
    Task<TriggerOutcome> FireAsync(TriggerCause cause, CancellationToken cancellationToken = default);
}
