using System.Globalization;
using System.Runtime.CompilerServices;

namespace Mlops.State;

/// <summary>A state store within this process; its content ends with it.</summary>
/// <param name="timeProvider">The clock of leases; the system's when <see langword="null"/>.</param>
public sealed class InMemoryStateStore(TimeProvider? timeProvider = null) : IStateStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, StateEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Lease> _leases = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;
    private long _lastETag;

    /// <inheritdoc/>
    public Task<StateEntry?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_entries.GetValueOrDefault(key));
    }

    /// <inheritdoc/>
    public Task<bool> CompareAndSetAsync(string key, ReadOnlyMemory<byte>? value, string? expectedETag, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_entries.GetValueOrDefault(key)?.ETag != expectedETag) return Task.FromResult(false);
            if (value is null) _entries.Remove(key);
            else _entries[key] = new StateEntry(key, value.Value.ToArray(), (++_lastETag).ToString(CultureInfo.InvariantCulture));
            return Task.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public Task<IStateLease?> TryAcquireLeaseAsync(string key, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            if (_leases.TryGetValue(key, out var holder) && holder.ExpiresAt > now) return Task.FromResult<IStateLease?>(null);
            var lease = new Lease(this, key, duration) { ExpiresAt = now + duration };
            _leases[key] = lease;
            return Task.FromResult<IStateLease?>(lease);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StateEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        await Task.CompletedTask.ConfigureAwait(false);
        StateEntry[] found;
        lock (_lock) found = [.. _entries.Values.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))];
        foreach (var entry in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }
    }

    private sealed class Lease(InMemoryStateStore store, string key, TimeSpan duration) : IStateLease
    {
        public string Key => key;

        public DateTimeOffset ExpiresAt { get; set; }

        public Task<bool> RenewAsync(CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (store._lock)
            {
                if (store._leases.GetValueOrDefault(key) != this) return Task.FromResult(false);
                ExpiresAt = store._time.GetUtcNow() + duration;
                return Task.FromResult(true);
            }
        }

        public ValueTask DisposeAsync()
        {
            lock (store._lock)
            {
                if (store._leases.GetValueOrDefault(key) == this) store._leases.Remove(key);
            }

            return ValueTask.CompletedTask;
        }
    }
}
