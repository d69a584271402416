using Microsoft.Extensions.Hosting;

namespace Mlops.Serving;

/// <summary>Loads the registered models when the application starts, and stops to serve after everything else has stopped.</summary>
internal sealed class ModelHostService(ModelHost host) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => host.StartAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>By now no endpoint and no worker calls any more.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => host.DisposeAsync().AsTask().WaitAsync(cancellationToken);
}
