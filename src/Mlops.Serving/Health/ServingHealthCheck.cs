using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Tells whether a host is ready to predict: whether all its models are loaded, whether they are what they should be, and whether a call hangs.</summary>
/// <remarks>
/// Unhealthy, or what the registration says, while a model is not loaded or cannot predict (<see cref="IPredictorAvailability"/>), a call hangs, or the host is disposed; degraded while a model goes on with an earlier version because the last
/// attempt to load failed, or one that is loaded on first use could not be. Healthy, and told of, while only a source does not answer: what serves goes on. One that waits for its first use is as it should be. It asks the registry nothing, and the models for no prediction.
/// </remarks>
/// <param name="host">The host.</param>
/// <example><code>services.AddHealthChecks().AddCheck&lt;ServingHealthCheck&gt;("serving", tags: ["ready"]);</code></example>
public sealed class ServingHealthCheck(ModelHost host) : IHealthCheck
{
    /// <summary>Of thousands of models, only those are listed of which there is something to tell, and some others.</summary>
    private const int MaxListed = 100;

    private const int MaxTold = 10;

    private readonly ModelHost _host = host ?? throw new ArgumentNullException(nameof(host));

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var failure = context.Registration?.FailureStatus ?? HealthStatus.Unhealthy;
        if (_host.IsDisposed) return Task.FromResult(new HealthCheckResult(failure, "The host is shut down."));
        var models = _host.GetStatus();
        var listed = models.OrderBy(model => model is { LastError: null, SourceFault: null, Obstacle: null, HangingCalls: 0, State: not HostedModelState.NotLoaded }).Take(MaxListed);
        var data = listed.ToDictionary(model => model.Name, object (model) => model.ToString(), StringComparer.Ordinal);
        var hanging = DescribeHanging(_host, models);
        var missing = models.Where(model => model.State == HostedModelState.NotLoaded).Select(model => $"The model '{model.Name}' is not loaded{(model.LastError is { } error ? $": {error.Message}" : ".")}");
        var unable = models.Where(model => model.Obstacle is not null).Select(model => $"The model '{model.Name}' cannot predict now: {model.Obstacle}.");
        var stale = models.Where(model => model is { LastError: not null, State: not HostedModelState.NotLoaded }).Select(model => model.Current is { } current
            ? string.Create(CultureInfo.InvariantCulture, $"The model '{model.Name}' goes on with version {current.Version.Version}: {model.LastError!.Message}")
            : $"The model '{model.Name}' could not be loaded for a prediction: {model.LastError!.Message}");
        var worst = string.Join(' ', hanging.Concat(missing).Concat(unable).Take(MaxTold));
        if (worst.Length > 0) return Task.FromResult(new HealthCheckResult(failure, worst, data: data));
        var bad = string.Join(' ', stale.Take(MaxTold));
        if (bad.Length > 0) return Task.FromResult(HealthCheckResult.Degraded(bad, data: data));
        var faults = models.Where(model => model.SourceFault is not null).Select(model => model.DescribeSourceFault($"The source of the model '{model.Name}'"));
        return Task.FromResult(HealthCheckResult.Healthy(string.Join(' ', faults.Take(MaxTold).Prepend($"{Wording.Count(models.Count, "model is", "models are")} served.")), data));
    }

    internal static IEnumerable<string> DescribeHanging(ModelHost host, IReadOnlyList<HostedModelStatus> models) => models
        .Concat(host.GetLeaving())
        .Where(model => model.HangingCalls > 0)
        .Select(model => $"{model.DescribeHanging($" of the model '{model.Name}'")}.");
}
