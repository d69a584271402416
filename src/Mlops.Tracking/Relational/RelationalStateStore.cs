using System.Data.Common;
using System.Runtime.CompilerServices;
using Mlops.State;

namespace Mlops.Tracking;

/// <summary>Keeps shared state in a relational database.</summary>
/// <param name="database">The database; it stays the caller's.</param>
/// <param name="timeProvider">The clock of leases; when <see langword="null"/> or the system's, that of the database where hosts share it, and this host's otherwise.</param>
public sealed class RelationalStateStore(RelationalDatabase database, TimeProvider? timeProvider = null) : IStateStore
{
    private const int PageSize = 500;

    private readonly RelationalDatabase _database = database ?? throw new ArgumentNullException(nameof(database));
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;
    private readonly StoreClock _clock = timeProvider is null ? database.Clock : new StoreClock(database.Dialect, timeProvider);

    // The column holds ticks since the year 1.
    private string Now => $"(({_clock.Now}) * 10000 + 621355968000000000)";

    /// <inheritdoc/>
    public Task<StateEntry?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return _database.ReadAsync(
            "get state",
            async connection => (await connection.QueryAsync("SELECT key, value, etag FROM state WHERE key = @key", Read, cancellationToken, ("key", key)).ConfigureAwait(false)).FirstOrDefault(),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> CompareAndSetAsync(string key, ReadOnlyMemory<byte>? value, string? expectedETag, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return _database.WriteAsync("set state", connection => CompareAndSetAsync(connection, key, value?.ToArray(), expectedETag, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IStateLease?> TryAcquireLeaseAsync(string key, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        var holder = Ids.Create(_time);
        // Before the store takes it, so that it is never longer than its holder believes.
        var now = _time.GetUtcNow();
        var taken = await _database.WriteAsync(
            "acquire lease",
            connection => connection.ExecuteAsync(
                $"""
                INSERT INTO state_leases (key, holder, expires_at) VALUES (@key, @holder, {Now} + @duration)
                ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at WHERE state_leases.expires_at <= {Now}
                """,
                cancellationToken,
                ("key", key), ("holder", holder), ("duration", duration.Ticks), _clock.Parameter),
            cancellationToken).ConfigureAwait(false);
        return taken == 0 ? null : new Lease(this, key, holder, duration) { ExpiresAt = now + duration };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StateEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var (from, comparison) = (prefix, ">=");
        while (true)
        {
            var page = await _database.ReadAsync(
                "list state",
                connection => connection.QueryAsync(
                    $"SELECT key, value, etag FROM state WHERE key {comparison} @from ORDER BY key LIMIT {PageSize}", Read, cancellationToken, ("from", from)),
                cancellationToken).ConfigureAwait(false);
            foreach (var entry in page)
            {
                // In the order of keys, those with the prefix stand together.
                if (!entry.Key.StartsWith(prefix, StringComparison.Ordinal)) yield break;
                yield return entry;
            }

            if (page.Count < PageSize) yield break;
            (from, comparison) = (page[^1].Key, ">");
        }
    }

    private async Task<bool> CompareAndSetAsync(DbConnection connection, string key, byte[]? value, string? expected, CancellationToken cancellationToken)
    {
        if (expected is null && value is null)
            return (await connection.QueryAsync("SELECT 1 FROM state WHERE key = @key", reader => reader.GetInt64(0), cancellationToken, ("key", key)).ConfigureAwait(false)).Count == 0;
        var (sql, etag) = (expected, value) switch
        {
            (null, _) => ("INSERT INTO state (key, value, etag) VALUES (@key, @value, @etag) ON CONFLICT (key) DO NOTHING", Ids.Create(_time)),
            (_, null) => ("DELETE FROM state WHERE key = @key AND etag = @expected", ""),
            _ => ("UPDATE state SET value = @value, etag = @etag WHERE key = @key AND etag = @expected", Ids.Create(_time)),
        };
        var command = connection.Command(sql, ("key", key));
        await using (command.ConfigureAwait(false))
        {
            if (value is not null)
            {
                Add(command, "@value", value);
                Add(command, "@etag", etag);
            }

            if (expected is not null) Add(command, "@expected", expected);
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 1;
        }
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    private static StateEntry Read(DbDataReader reader) => new(reader.GetString(0), reader.GetFieldValue<byte[]>(1), reader.GetString(2));

    private sealed class Lease(RelationalStateStore store, string key, string holder, TimeSpan duration) : IStateLease
    {
        public string Key => key;

        public DateTimeOffset ExpiresAt { get; set; }

        public async Task<bool> RenewAsync(CancellationToken cancellationToken = default)
        {
            var expiresAt = store._time.GetUtcNow() + duration;
            var renewed = await store._database.WriteAsync(
                "renew lease",
                connection => connection.ExecuteAsync(
                    $"UPDATE state_leases SET expires_at = {store.Now} + @duration WHERE key = @key AND holder = @holder",
                    cancellationToken,
                    ("duration", duration.Ticks), store._clock.Parameter, ("key", key), ("holder", holder)),
                cancellationToken).ConfigureAwait(false);
            if (renewed == 0) return false;
            ExpiresAt = expiresAt;
            return true;
        }

        public async ValueTask DisposeAsync() => await store._database.WriteAsync(
            "release lease",
            connection => connection.ExecuteAsync(
                "DELETE FROM state_leases WHERE key = @key AND holder = @holder", CancellationToken.None, ("key", key), ("holder", holder)),
            CancellationToken.None).ConfigureAwait(false);
    }
}
