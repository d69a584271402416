using System.Collections.Concurrent;

namespace Mlops.Tracking;

/// <summary>Resolves addresses of models from memory while the registry tells that nothing has changed.</summary>
/// <remarks>
/// <para>Safe for concurrent use. Over SQLite every call asks the file whether it has changed, so the answer is never stale. Over PostgreSQL changes are told by notifications, so
/// it is stale by no more than their way; while the connection that hears them is down, nothing is answered from memory.</para>
/// <para>Over another registry an answer is kept for <see cref="RegistryOptions.PollInterval"/>.</para>
/// </remarks>
public sealed class CachedModelResolver : IModelResolver
{
    // Addresses come from configuration and are few; when they come from requests, memory stays bounded.
    private const int MaxEntries = 1024;

    private readonly ConcurrentDictionary<ModelUri, Entry> _entries = new();
    private readonly IModelResolver _resolver;
    private readonly IRegistryVersion? _version;
    private readonly RegistryOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Creates a resolver over another one.</summary>
    /// <param name="resolver">The resolver, usually an <see cref="IModelRegistry"/>; it stays the caller's.</param>
    /// <param name="options">How long answers are kept; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public CachedModelResolver(IModelResolver resolver, RegistryOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        _resolver = resolver;
        _version = resolver as IRegistryVersion;
        _options = (options ?? new RegistryOptions()).Check();
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        cancellationToken.ThrowIfCancellationRequested();
        if (_version is null) return _entries.TryGetValue(uri, out var kept) && IsYoung(kept, _options.PollInterval) ? kept.Answer : LookAsync(uri, 0, cancellationToken);
        var reading = _version.ReadVersionAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? FromMemoryAsync(uri, reading.GetAwaiter().GetResult(), cancellationToken) : WaitAsync(reading, uri, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default) => _resolver.WatchAsync(uri, cancellationToken);

    private async Task<ModelVersion> WaitAsync(ValueTask<long?> reading, ModelUri uri, CancellationToken cancellationToken)
        => await FromMemoryAsync(uri, await reading.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private Task<ModelVersion> FromMemoryAsync(ModelUri uri, long? version, CancellationToken cancellationToken)
        => version is { } known && _entries.TryGetValue(uri, out var kept) && kept.Version == known && IsYoung(kept, _options.MaxCacheAge)
            ? kept.Answer
            : LookAsync(uri, version, cancellationToken);

    // The version was read before looking, so a change meanwhile makes the next call look again.
    private async Task<ModelVersion> LookAsync(ModelUri uri, long? version, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var found = await _resolver.ResolveAsync(uri, cancellationToken).ConfigureAwait(false);
        if (version is not { } known) return found;
        if (_entries.Count >= MaxEntries) _entries.Clear();
        _entries[uri] = new Entry(Task.FromResult(found), known, started);
        return found;
    }

    private bool IsYoung(Entry entry, TimeSpan limit) => _time.GetElapsedTime(entry.LookedAt) < limit;

    private sealed record Entry(Task<ModelVersion> Answer, long Version, long LookedAt);
}
