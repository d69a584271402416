using Mlops.Triggers;

namespace Mlops.Pipelines;

/// <summary>A pipeline that is a method.</summary>
/// <param name="name">The name.</param>
/// <param name="run">What it does.</param>
public sealed class DelegatePipeline(string name, Func<TriggerCause, CancellationToken, Task> run) : IPipeline
{
    private readonly Func<TriggerCause, CancellationToken, Task> _run = run ?? throw new ArgumentNullException(nameof(run));

    /// <inheritdoc/>
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    /// <inheritdoc/>
    public Task RunAsync(TriggerCause cause, CancellationToken cancellationToken = default) => _run(cause, cancellationToken);
}
