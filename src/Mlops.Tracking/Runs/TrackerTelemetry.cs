using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Mlops.Tracking;

/// <summary>The instruments of trackers: what waits in memory and in spools, and what stores refused.</summary>
internal sealed class TrackerTelemetry
{
    private static readonly Lazy<TrackerTelemetry> s_shared = new(() => new TrackerTelemetry(TrackingMeter.Create(null)));

    private readonly ConcurrentDictionary<TrackerWriter, bool> _writers = new();
    private readonly Counter<long> _refused;
    private readonly Counter<long> _spooled;

    private readonly Counter<long> _kept;
    private readonly Counter<long> _damaged;

    private TrackerTelemetry(Meter meter)
    {
        _refused = meter.CreateCounter<long>("mlops.tracking.entry.refused", "{entry}", "Entries that a store refused for good: their run had ended, was deleted or holds another value, or the store cannot keep them.");
        _kept = meter.CreateCounter<long>("mlops.tracking.spool.refused", "By", "Bytes that a store refused for good when they were delivered from a spool, and that are kept beside it.");
        _damaged = meter.CreateCounter<long>("mlops.tracking.spool.damaged", "{file}", "Files of spools of which parts could not be read, and that are kept beside.");
        _spooled = meter.CreateCounter<long>("mlops.tracking.spool.written", "By", "Bytes that went to a spool because the store could not be written.");
        meter.CreateObservableUpDownCounter("mlops.tracking.entry.buffered", () => _writers.Keys.Sum(writer => writer.Status.BufferedEntries), "{entry}", "Entries that are logged and neither in the store nor in the spool.");
        meter.CreateObservableUpDownCounter("mlops.tracking.spool.size", () => _writers.Keys.Sum(writer => writer.Status.SpooledBytes), "By", "Bytes that wait in spools.");
    }

    /// <summary>Makes the instruments on the host's meter; where there is none, all share those on the package's own.</summary>
    public static TrackerTelemetry Create(IMeterFactory? factory)
        => factory is null ? s_shared.Value : new TrackerTelemetry(TrackingMeter.Create(factory));

    public void Observe(TrackerWriter writer) => _writers[writer] = true;

    public void Forget(TrackerWriter writer) => _writers.TryRemove(writer, out _);

    public void OnRefused(Refusal refusal) => _refused.Add(refusal.Entries, new KeyValuePair<string, object?>("error.type", refusal.Error.GetType().FullName));

    public void OnRefusedKept(long bytes) => _kept.Add(bytes);

    public void OnDamaged() => _damaged.Add(1);

    public void OnSpooled(long bytes)
    {
        if (bytes > 0) _spooled.Add(bytes);
    }
}
