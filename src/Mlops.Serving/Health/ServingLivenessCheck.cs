using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mlops.Serving;

/// <summary>Tells whether a restart of the process would help: whether a call of a model hangs. A model that is not loaded, or not the right version, is none of its business.</summary>
/// <remarks>Unhealthy, or what the registration says, while a call has been running for longer than <see cref="ModelHostOptions.HangTimeout"/>, or with batching <see cref="BatchingOptions.HangTimeout"/>.</remarks>
/// <param name="host">The host.</param>
/// <example><code>services.AddHealthChecks().AddCheck&lt;ServingLivenessCheck&gt;("serving-live", tags: ["live"]);</code></example>
public sealed class ServingLivenessCheck(ModelHost host) : IHealthCheck
{
    private readonly ModelHost _host = host ?? throw new ArgumentNullException(nameof(host));

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var hanging = string.Join(' ', ServingHealthCheck.DescribeHanging(_host, _host.GetStatus()));
        return Task.FromResult(hanging.Length == 0
            ? HealthCheckResult.Healthy("No call hangs.")
            : new HealthCheckResult(context.Registration?.FailureStatus ?? HealthStatus.Unhealthy, hanging));
    }
}
