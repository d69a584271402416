using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Mlops.Serving;

/// <summary>The instruments of this package.</summary>
internal sealed class ServingTelemetry
{
    public const string Name = "Mlops.Serving";

    private const string ModelName = "mlops.model.name";
    private const string ModelVersion = "mlops.model.version";
    private const string ModelDigest = "mlops.model.digest";
    private const string RouteKind = "mlops.route.kind";
    private const string ProbationGuard = "mlops.probation.guard";
    private const string ErrorType = "error.type";

    private static readonly string s_version = typeof(ServingTelemetry).Assembly.GetName().Version?.ToString(3) ?? "";
    private static readonly ActivitySource s_activities = new(Name, s_version);
    private static readonly Lazy<ServingTelemetry> s_shared = new(() => new ServingTelemetry(new Meter(Name, s_version)));

    private readonly ConcurrentDictionary<ModelHost, bool> _hosts = new();
    private readonly Histogram<double> _predictionDuration;
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _rejected;
    private readonly Histogram<double> _queueDuration;
    private readonly Histogram<long> _batchSize;
    private readonly Histogram<double> _loadDuration;
    private readonly UpDownCounter<long> _generations;
    private readonly UpDownCounter<long> _memory;
    private readonly Counter<long> _evictions;
    private readonly UpDownCounter<long> _hanging;
    private readonly Counter<long> _rollbacks;

    private ServingTelemetry(Meter meter)
    {
        _predictionDuration = meter.CreateHistogram<double>("mlops.prediction.duration", "s", "How long predictions take.");
        _active = meter.CreateUpDownCounter<long>("mlops.prediction.active", "{prediction}", "Predictions that are going on.");
        _rejected = meter.CreateCounter<long>("mlops.prediction.rejected", "{prediction}", "Predictions that were not attempted.");
        _queueDuration = meter.CreateHistogram<double>("mlops.prediction.queue.duration", "s", "How long predictions wait for a batch.");
        _batchSize = meter.CreateHistogram<long>("mlops.prediction.batch.size", "{item}", "Rows of the batches that are run.");
        _loadDuration = meter.CreateHistogram<double>("mlops.model.load.duration", "s", "How long it takes to fetch, load and check a model.");
        _generations = meter.CreateUpDownCounter<long>("mlops.model.generations", "{generation}", "Generations of models in memory.");
        _memory = meter.CreateUpDownCounter<long>("mlops.model.memory", "By", "Memory of the models that are loaded, by their own word or the size of their directory.");
        _evictions = meter.CreateCounter<long>("mlops.model.evictions", "{eviction}", "Models taken out of memory for others.");
        _rollbacks = meter.CreateCounter<long>("mlops.model.rollbacks", "{rollback}", "Versions that did not pass their probation, so that the one before serves again.");
        meter.CreateObservableGauge("mlops.model.load.time", MeasureLoadTimes, "s", "When the version that answers was loaded, in seconds since 1970-01-01 UTC.");
        _hanging = meter.CreateUpDownCounter<long>("mlops.prediction.hanging", "{prediction}", "Predictions that have been running for longer than the timeout after which they count as hanging.");
    }

    /// <summary>Gets whether anybody wants to know anything of each prediction.</summary>
    public bool IsListenedTo => _active.Enabled || _predictionDuration.Enabled || IsTraced;

    /// <summary>Gets whether anybody wants the duration of predictions.</summary>
    public bool IsPredictionMeasured => _predictionDuration.Enabled;

    /// <summary>Gets whether anybody wants to know how long predictions wait.</summary>
    public bool IsQueueMeasured => _queueDuration.Enabled;

    /// <summary>Gets whether anybody wants spans.</summary>
    public bool IsTraced => s_activities.HasListeners();

    /// <summary>Takes the meter from the host's factory, or the package's own where there is none.</summary>
    public static ServingTelemetry Create(IMeterFactory? factory)
        => factory is null ? s_shared.Value : new ServingTelemetry(factory.Create(new MeterOptions(Name) { Version = s_version }));

    /// <summary>Measures the models of a host from now on.</summary>
    public void Observe(ModelHost host) => _hosts[host] = true;

    public void Forget(ModelHost host) => _hosts.TryRemove(host, out _);

    public Activity? StartPredict(string spanName) => s_activities.StartActivity(spanName);

    public Activity? StartLoad(string model) => s_activities.HasListeners() ? s_activities.StartActivity($"load {model}") : null;

    /// <summary>Counts a prediction that begins; one that was counted must be given to <see cref="OnEnded"/>.</summary>
    /// <returns>Whether it was counted: somebody who begins to listen later must not see it end.</returns>
    public bool OnStarted(string model)
    {
        if (!_active.Enabled) return false;
        Count(model, 1);
        return true;
    }

    public void OnEnded(string model) => Count(model, -1);

    public void OnPredicted(string model, string version, string route, TimeSpan duration)
    {
        try
        {
            _predictionDuration.Record(duration.TotalSeconds, new(ModelName, model), new(ModelVersion, version), new KeyValuePair<string, object?>(RouteKind, route));
        }
        catch (Exception)
        {
            // As in Measure, without an allocation.
        }
    }

    public void OnFailed(string model, string version, string route, Exception error, TimeSpan duration)
    {
        if (!_predictionDuration.Enabled) return;
        var tags = new TagList { { ModelName, model }, { ModelVersion, version }, { RouteKind, route }, { ErrorType, error.GetType().FullName } };
        try
        {
            _predictionDuration.Record(duration.TotalSeconds, tags);
        }
        catch (Exception)
        {
            // As above.
        }
    }

    public void OnRejected(string model, Exception error)
    {
        if (!_rejected.Enabled) return;
        try
        {
            _rejected.Add(1, new(ModelName, model), new KeyValuePair<string, object?>(ErrorType, error.GetType().FullName));
        }
        catch (Exception)
        {
            // As above.
        }
    }

    public void OnQueued(string model, TimeSpan duration)
    {
        try
        {
            _queueDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(ModelName, model));
        }
        catch (Exception)
        {
            // As above.
        }
    }

    public void OnBatch(string model, int rows)
    {
        if (!_batchSize.Enabled) return;
        try
        {
            _batchSize.Record(rows, new KeyValuePair<string, object?>(ModelName, model));
        }
        catch (Exception)
        {
            // As above.
        }
    }

    public void OnLoaded(string model, string? version, TimeSpan duration, Exception? error)
    {
        if (!_loadDuration.Enabled) return;
        var tags = new TagList { { ModelName, model } };
        if (version is not null) tags.Add(ModelVersion, version);
        if (error is not null) tags.Add(ErrorType, error.GetType().FullName);
        Measure(() => _loadDuration.Record(duration.TotalSeconds, tags));
    }

    public void OnMemory(string model, long change) => Measure(() => _memory.Add(change, new KeyValuePair<string, object?>(ModelName, model)));

    public void OnEvicted(string model) => Measure(() => _evictions.Add(1, new KeyValuePair<string, object?>(ModelName, model)));

    public void OnRolledBack(string model, string version, string guard)
        => Measure(() => _rollbacks.Add(1, new(ModelName, model), new(ModelVersion, version), new KeyValuePair<string, object?>(ProbationGuard, guard)));

    public void OnHanging(string model, int change) => Measure(() => _hanging.Add(change, new KeyValuePair<string, object?>(ModelName, model)));

    public void OnGenerations(string model, string version, int change)
        => Measure(() => _generations.Add(change, new(ModelName, model), new KeyValuePair<string, object?>(ModelVersion, version)));

    private void Count(string model, int change)
    {
        try
        {
            _active.Add(change, new KeyValuePair<string, object?>(ModelName, model));
        }
        catch (Exception)
        {
            // As below.
        }
    }

    /// <summary>Measures. A listener that throws must neither make a load or a prediction look failed, hide why it failed, nor leave a model in memory that nobody knows of.</summary>
    private static void Measure(Action measure)
    {
        try
        {
            measure();
        }
        catch (Exception)
        {
            // There is nobody to tell: whoever loads or predicts has done nothing wrong.
        }
    }

    private IEnumerable<Measurement<double>> MeasureLoadTimes()
        => _hosts.Keys.SelectMany(host => host.ListModels()).Select(model => new Measurement<double>(
            (model.LoadedAt - DateTimeOffset.UnixEpoch).TotalSeconds,
            new(ModelName, model.Name),
            new(ModelVersion, model.Version.Version.ToString(CultureInfo.InvariantCulture)),
            new KeyValuePair<string, object?>(ModelDigest, model.Digest)));
}
