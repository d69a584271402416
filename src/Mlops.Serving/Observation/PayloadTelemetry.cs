using System.Diagnostics.Metrics;

namespace Mlops.Serving;

/// <summary>The instruments of payload logs.</summary>
internal sealed class PayloadTelemetry
{
    private static readonly string s_version = typeof(PayloadTelemetry).Assembly.GetName().Version?.ToString(3) ?? "";
    private static readonly Lazy<PayloadTelemetry> s_shared = new(() => new PayloadTelemetry(new Meter(ServingTelemetry.Name, s_version)));

    private readonly Counter<long> _written;
    private readonly Counter<long> _dropped;

    private PayloadTelemetry(Meter meter)
    {
        _written = meter.CreateCounter<long>("mlops.payload.written", "{row}", "Rows that a payload log wrote.");
        _dropped = meter.CreateCounter<long>("mlops.payload.dropped", "{row}", "Rows that a payload log could not write.");
    }

    /// <summary>Takes the meter from the host's factory, or the package's own where there is none.</summary>
    public static PayloadTelemetry Create(IMeterFactory? factory)
        => factory is null ? s_shared.Value : new PayloadTelemetry(factory.Create(new MeterOptions(ServingTelemetry.Name) { Version = s_version }));

    public void OnWritten(string? model, long rows) => Add(_written, rows, new KeyValuePair<string, object?>("mlops.model.name", model));

    public void OnDropped(string? model, long rows, string errorType)
        => Add(_dropped, rows, new("mlops.model.name", model), new KeyValuePair<string, object?>("error.type", errorType));

    private static void Add(Counter<long> counter, long rows, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            counter.Add(rows, tags);
        }
        catch (Exception)
        {
            // A listener that throws must not end the log.
        }
    }
}
