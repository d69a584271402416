using Microsoft.Extensions.Hosting;

namespace Mlops.Monitoring;

/// <summary>Runs the loop while the application runs.</summary>
internal sealed class MonitoringService(MonitoringLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => loop.RunAsync(stoppingToken);
}
