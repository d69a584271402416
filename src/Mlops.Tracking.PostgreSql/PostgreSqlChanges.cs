using Npgsql;

namespace Mlops.Tracking.PostgreSql;

/// <summary>Hears of changes of the registry over a connection of its own, which is made anew when it is lost.</summary>
internal sealed class PostgreSqlChanges : RelationalChanges
{
    public const string Channel = "mlops_registry";

    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _source;
    private readonly Func<CancellationToken, ValueTask<NpgsqlConnection>> _open;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _listening;
    private long _version;
    private bool _hears;

    private readonly TimeSpan _checkInterval;

    /// <summary>Creates it; nothing is opened yet.</summary>
    /// <param name="settings">How to connect.</param>
    /// <param name="checkInterval">For how long nothing may be heard before the connection is tried.</param>
    /// <param name="open">Opens the connection in place of the data source; tests let it fail.</param>
    public PostgreSqlChanges(NpgsqlConnectionStringBuilder settings, TimeSpan checkInterval, Func<CancellationToken, ValueTask<NpgsqlConnection>>? open = null)
    {
        (_source, _checkInterval) = (NpgsqlDataSource.Create(settings), checkInterval);
        _open = open ?? _source.OpenConnectionAsync;
    }

    /// <inheritdoc/>
    public override bool IsPushed => true;

    /// <inheritdoc/>
    public override Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Begins to listen, unless that has happened.</summary>
    public void Start()
    {
        if (Volatile.Read(ref _listening) is not null) return;
        lock (_lock)
        {
            if (!_ending.IsCancellationRequested) _listening ??= Task.Run(() => ListenAsync(_ending.Token), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<long?> ReadAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult<long?>(Volatile.Read(ref _hears) ? Interlocked.Read(ref _version) : null);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Task? listening;
        lock (_lock)
        {
            if (_ending.IsCancellationRequested) return;
            _ending.Cancel();
            listening = _listening;
        }

        if (listening is not null) await listening.ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var pause = s_shortestPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var connection = await _open(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    connection.Notification += (_, _) => Tell();
                    var command = new NpgsqlCommand($"LISTEN {Channel}", connection);
                    await using (command.ConfigureAwait(false)) await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                    // What happened before was not heard, so everything may have changed.
                    Volatile.Write(ref _hears, true);
                    Tell();
                    pause = s_shortestPause;
                    while (true)
                    {
                        // A connection that died without a word would be waited for forever.
                        if (!await connection.WaitAsync(_checkInterval, cancellationToken).ConfigureAwait(false)) await TryAsync(connection, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever goes wrong, listening goes on: had it ended, readers would wait for what nobody hears any more.
            catch (Exception)
#pragma warning restore CA1031
            {
                // Readers are told that changes may be missed, and look for themselves until the connection is back.
                Volatile.Write(ref _hears, false);
                Tell();
            }

            await Task.Delay(pause, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private static async Task TryAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT 1", connection);
        await using (command.ConfigureAwait(false)) await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Tell()
    {
        Interlocked.Increment(ref _version);
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
