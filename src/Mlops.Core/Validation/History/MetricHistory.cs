using Mlops.Profiles;
using Mlops.State;

namespace Mlops.Validation;

/// <summary>The values of metrics over runs: how many rows a dataset had, how complete a column was, day after day. Holds nothing of the data but those figures.</summary>
/// <remarks>
/// <para>A run is known by its time; a value for a metric and a time that are there already replaces the present one. NaN and infinities are kept as runs without a value.</para>
/// <para>Kept in a state store, a history may be changed by several hosts: <see cref="SaveAsync"/> adds what was added here to what others have saved meanwhile. Of two values for the same metric and
/// time the one saved last stays. Safe for concurrent use.</para>
/// </remarks>
/// <example><code>
/// var history = await MetricHistory.OpenAsync(stateStore, "ridership");
/// history.Add(runTime, await DatasetProfile.CreateAsync(rides));
/// var report = rules.CheckLatest(history);
/// await history.SaveAsync();
/// </code></example>
public sealed class MetricHistory
{
    private const string KeyPrefix = "metric-history/";

    private readonly Lock _lock = new();
    private readonly MetricHistoryOptions _options;
    private readonly IStateStore? _store;
    private MetricTable _table = new();
    private readonly MetricTable _unsaved = new();

    /// <summary>Creates an empty history that is in no store.</summary>
    /// <param name="name">The name: that of the dataset, say.</param>
    /// <param name="options">What it keeps; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The name is empty, or an option is out of its range.</exception>
    public MetricHistory(string name, MetricHistoryOptions? options = null)
        : this(name, options, null)
    {
    }

    private MetricHistory(string name, MetricHistoryOptions? options, IStateStore? store)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (options ??= MetricHistoryOptions.Default).Check();
        (Name, _options, _store) = (name, options, store);
    }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets the names of the metrics, in ordinal order.</summary>
    public IReadOnlyList<string> Metrics
    {
        get
        {
            lock (_lock) return [.. _table.Metrics.Select(metric => metric.Key)];
        }
    }

    /// <summary>Gets when the newest run was, in UTC; <see langword="null"/> when there is none.</summary>
    public DateTimeOffset? LatestAt
    {
        get
        {
            lock (_lock) return _table.LatestAt;
        }
    }

    /// <summary>Gets the values of a metric.</summary>
    /// <param name="metric">The metric.</param>
    /// <returns>The values by time; later changes of the history do not change them.</returns>
    /// <exception cref="EntityNotFoundException">There is no such metric.</exception>
    public IReadOnlyList<MetricPoint> this[string metric]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(metric);
            lock (_lock)
            {
                return _table.Find(metric) is { } values
                    ? ToPoints(values)
                    : throw new EntityNotFoundException("metric", metric, $"The history '{Name}' has no metric '{metric}'. Its metrics are: {string.Join(", ", _table.Metrics.Take(60).Select(present => present.Key))}.");
            }
        }
    }

    /// <summary>Reads a history from a state store, or begins one there.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The name of the history; its key in the store is <c>metric-history/</c> and the name.</param>
    /// <param name="options">What it keeps; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The history; nothing is written before <see cref="SaveAsync"/>.</returns>
    /// <exception cref="DataFormatException">What the store holds is not a history.</exception>
    public static async Task<MetricHistory> OpenAsync(IStateStore store, string name, MetricHistoryOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var history = new MetricHistory(name, options, store);
        var entry = await store.GetAsync(history.Key, cancellationToken).ConfigureAwait(false);
        if (entry is not null) history._table = history.Read(entry);
        history._table.Trim(history._options.MaximumPoints);
        return history;
    }

    /// <summary>Reads a history from JSON; it is in no store.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <param name="options">What it keeps; the defaults when <see langword="null"/>.</param>
    /// <returns>The history.</returns>
    /// <exception cref="DataFormatException">The JSON is damaged, not a history, or of a later version.</exception>
    public static MetricHistory FromJson(ReadOnlySpan<byte> json, MetricHistoryOptions? options = null)
    {
        var (name, table) = MetricHistoryDocument.Read(json, "metric history");
        var history = new MetricHistory(name, options) { _table = table };
        table.Trim(history._options.MaximumPoints);
        return history;
    }

    /// <summary>Reads a history from a stream of JSON; it is in no store.</summary>
    /// <param name="source">The stream, which is read to its end and left open.</param>
    /// <param name="options">What it keeps; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The history.</returns>
    /// <exception cref="DataFormatException">The JSON is damaged, not a history, or of a later version.</exception>
    public static async Task<MetricHistory> ReadAsync(Stream source, MetricHistoryOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var buffer = new MemoryStream();
        await source.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        return FromJson(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), options);
    }

    /// <summary>Adds the figures of a profile, as <see cref="ProfileMetrics"/> names them.</summary>
    /// <param name="at">When the run was, or what day its data is of.</param>
    /// <param name="profile">The profile.</param>
    public void Add(DateTimeOffset at, DatasetProfile profile)
    {
        var metrics = ProfileMetrics.Of(profile).Where(metric => _options.Metrics.Any(pattern => MetricPattern.Matches(pattern, metric.Key)));
        lock (_lock)
        {
            foreach (var (metric, value) in metrics) Set(metric, at, value);
        }
    }

    /// <summary>Adds a value.</summary>
    /// <param name="at">When the run was, or what day its data is of.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="value">The value; NaN or infinite for a run without one.</param>
    /// <exception cref="ArgumentException">The name of the metric is empty.</exception>
    public void Add(DateTimeOffset at, string metric, double value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(metric);
        lock (_lock) Set(metric, at, double.IsFinite(value) ? value : null);
    }

    /// <summary>Saves what was added to the store, together with what others have saved there, which this history then holds too.</summary>
    /// <param name="cancellationToken">Cancels the saving. When it is cancelled or fails, everything added is still here for the next attempt.</param>
    /// <returns>A task that ends when the values are saved.</returns>
    /// <exception cref="InvalidOperationException">The history is in no store.</exception>
    /// <exception cref="DataFormatException">What the store holds is not a history.</exception>
    public async Task SaveAsync(CancellationToken cancellationToken = default)
    {
        if (_store is null) throw new InvalidOperationException($"The history '{Name}' is in no store. Open it by MetricHistory.OpenAsync to save it in one, or write what ToJson returns.");
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            MetricTable added;
            lock (_lock) added = _unsaved.Copy();
            var entry = await _store.GetAsync(Key, cancellationToken).ConfigureAwait(false);
            var merged = entry is null ? new MetricTable() : Read(entry);
            merged.SetAll(added);
            merged.Trim(_options.MaximumPoints);
            var isSaved = added.IsEmpty || await _store.CompareAndSetAsync(Key, MetricHistoryDocument.Write(Name, merged), entry?.ETag, cancellationToken).ConfigureAwait(false);
            if (!isSaved) continue;
            lock (_lock)
            {
                // What was added while this was being saved is not yet in the store.
                _unsaved.RemoveAll(added);
                merged.SetAll(_unsaved);
                merged.Trim(_options.MaximumPoints);
                _table = merged;
            }

            return;
        }
    }

    /// <summary>Writes the history as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson()
    {
        lock (_lock) return MetricHistoryDocument.Write(Name, _table);
    }

    /// <summary>Writes the history as JSON to a stream.</summary>
    /// <param name="target">The stream, which is left open.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>A task that ends when all is written.</returns>
    public async Task WriteAsync(Stream target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        await target.WriteAsync(ToJson(), cancellationToken).ConfigureAwait(false);
    }

    internal MetricSnapshot GetSnapshot()
    {
        lock (_lock) return new MetricSnapshot(Name, [.. _table.Metrics.Select(metric => KeyValuePair.Create(metric.Key, ToPoints(metric.Value)))], _table.LatestAt);
    }

    private string Key => KeyPrefix + Name;

    private MetricTable Read(StateEntry entry) => MetricHistoryDocument.Read(entry.Value.Span, $"'{entry.Key}' in the state store").Table;

    private void Set(string metric, DateTimeOffset at, double? value)
    {
        at = at.ToUniversalTime();
        _table.Set(metric, at, value);
        _table.Trim(metric, _options.MaximumPoints);
        if (_store is not null) _unsaved.Set(metric, at, value);
    }

    private static IReadOnlyList<MetricPoint> ToPoints(SortedList<DateTimeOffset, double?> values) => [.. values.Select(value => new MetricPoint(value.Key, value.Value))];
}
