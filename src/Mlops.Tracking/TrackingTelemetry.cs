using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mlops.Tracking;

/// <summary>The instruments of this package.</summary>
internal sealed class TrackingTelemetry
{
    private const string Name = "Mlops.Tracking";

    private static readonly string s_version = typeof(TrackingTelemetry).Assembly.GetName().Version?.ToString(3) ?? "";
    private static readonly Lazy<TrackingTelemetry> s_shared = new(() => new TrackingTelemetry(new Meter(Name, s_version)));

    private readonly Histogram<double> _duration;

    private TrackingTelemetry(Meter meter)
        => _duration = meter.CreateHistogram<double>("mlops.tracking.operation.duration", "s", "How long operations of a relational store take, waiting included.");

    /// <summary>Gets whether anybody wants the duration of operations.</summary>
    public bool IsMeasured => _duration.Enabled;

    /// <summary>Takes the meter from the host's factory, or the package's own where there is none.</summary>
    public static TrackingTelemetry Create(IMeterFactory? factory)
        => factory is null ? s_shared.Value : new TrackingTelemetry(factory.Create(new MeterOptions(Name) { Version = s_version }));

    public void OnEnded(string store, string operation, TimeSpan duration, Exception? error)
    {
        var tags = new TagList { { "mlops.store.name", store }, { "mlops.operation.name", operation } };
        if (error is not null) tags.Add("error.type", error.GetType().FullName);
        _duration.Record(duration.TotalSeconds, tags);
    }
}
