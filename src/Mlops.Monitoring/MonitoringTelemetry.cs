using System.Diagnostics.Metrics;

namespace Mlops.Monitoring;

/// <summary>The metrics of this package.</summary>
internal sealed class MonitoringTelemetry
{
    // Each column is a series of its own, so their number is bounded; the findings come ranked.
    private const int MaximumFeatureSeries = 100;

    private static readonly Lazy<MonitoringTelemetry> s_shared = new(() => new MonitoringTelemetry(new Meter("Mlops.Monitoring", Version)));
    private readonly Gauge<double> _statistic;
    private readonly Counter<long> _detections;

    private MonitoringTelemetry(Meter meter)
    {
        _statistic = meter.CreateGauge<double>("mlops.drift.statistic", "1", "Statistic of the drift test of a column, in the scale of the test.");
        _detections = meter.CreateCounter<long>("mlops.drift.detections", "{detection}", "Evaluations that found a column drifted.");
    }

    private static string Version => typeof(MonitoringTelemetry).Assembly.GetName().Version?.ToString(3) ?? "";

    public static MonitoringTelemetry Create(IMeterFactory? factory)
        => factory is null ? s_shared.Value : new MonitoringTelemetry(factory.Create(new MeterOptions("Mlops.Monitoring") { Version = Version }));

    public void Record(MonitorSnapshot snapshot)
    {
        if (snapshot.Drift is null || (!_statistic.Enabled && !_detections.Enabled)) return;
        foreach (var finding in snapshot.Drift.Findings.Take(MaximumFeatureSeries))
        {
            KeyValuePair<string, object?>[] tags =
            [
                new("mlops.model.name", snapshot.Model),
                new("mlops.feature.name", finding.Column),
                new("mlops.drift.detector", finding.Result.Test),
            ];
            if (finding.Result.Statistic is { } statistic) _statistic.Record(statistic, tags);
            if (finding.Verdict == DriftVerdict.Drift) _detections.Add(1, [.. tags, new("mlops.drift.state", "drift")]);
        }
    }
}
