using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mlops.Tracking;

/// <summary>The instruments of relational stores.</summary>
internal sealed class StoreTelemetry
{
    private static readonly Lazy<StoreTelemetry> s_shared = new(() => new StoreTelemetry(TrackingMeter.Create(null)));

    private readonly Histogram<double> _duration;

    private StoreTelemetry(Meter meter)
        => _duration = meter.CreateHistogram<double>("mlops.tracking.operation.duration", "s", "How long operations of a relational store take, waiting included.");

    /// <summary>Gets whether anybody wants the duration of operations.</summary>
    public bool IsMeasured => _duration.Enabled;

    /// <summary>Makes the instruments on the host's meter; where there is none, all share those on the package's own.</summary>
    public static StoreTelemetry Create(IMeterFactory? factory)
        => factory is null ? s_shared.Value : new StoreTelemetry(TrackingMeter.Create(factory));

    public void OnEnded(string store, string operation, TimeSpan duration, Exception? error)
    {
        var tags = new TagList { { "mlops.store.name", store }, { "mlops.operation.name", operation } };
        if (error is not null) tags.Add("error.type", error.GetType().FullName);
        _duration.Record(duration.TotalSeconds, tags);
    }
}
