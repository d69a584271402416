using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Mlops.Tests;

/// <summary>A factory of meters that records everything they measure.</summary>
internal sealed class RecordedMeasurements : IMeterFactory
{
    private readonly ConcurrentBag<Meter> _meters = [];
    private readonly ConcurrentQueue<(Instrument Instrument, double Value, KeyValuePair<string, object?>[] Tags)> _measured = new();
    private readonly MeterListener _listener;

    public RecordedMeasurements()
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, this)) listener.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Gets or sets what is told of each measurement, on the thread that measures.</summary>
    public Action? OnMeasured { get; set; }

    /// <summary>Gets what was measured, in order, in words: the instrument, its unit and the tags by name, without the value.</summary>
    public IReadOnlyList<string> Described => [.. _measured.Select(item => Describe(item.Instrument, item.Tags))];

    /// <summary>Gets the values that one instrument measured, in order.</summary>
    public IReadOnlyList<double> ValuesOf(string instrument) => [.. _measured.Where(item => item.Instrument.Name == instrument).Select(item => item.Value)];

    /// <summary>Gets the values that one instrument measured, by the value of a tag; the last one where there are several.</summary>
    public IReadOnlyDictionary<string, double> ValuesOf(string instrument, string tag)
    {
        var values = new Dictionary<string, double>();
        foreach (var (_, value, tags) in _measured.Where(item => item.Instrument.Name == instrument))
            values[Convert.ToString(tags.Single(pair => pair.Key == tag).Value, CultureInfo.InvariantCulture)!] = value;
        return values;
    }

    /// <summary>Asks the instruments that are asked for their values.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters) meter.Dispose();
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _measured.Enqueue((instrument, value, tags.ToArray()));
        OnMeasured?.Invoke();
    }

    private static string Describe(Instrument instrument, KeyValuePair<string, object?>[] tags)
        => string.Join(' ', [$"{instrument.Name} {instrument.Unit}", .. tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}")]);
}
