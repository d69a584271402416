using System.Data.Common;
using System.Diagnostics.Metrics;

namespace Mlops.Tracking;

/// <summary>A database that the relational stores share. Opened, and brought to the present schema, on first use. Safe for concurrent use.</summary>
/// <remarks>Disposing closes its connections and disposes the dialect; the stores cannot be used any more.</remarks>
public sealed class RelationalDatabase : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private readonly SemaphoreSlim _writers;
    private readonly TimeProvider _time;
    private readonly StoreTelemetry _telemetry;
    private bool _opened;
    private int _disposed;

    /// <summary>Creates a database; nothing is opened yet.</summary>
    /// <param name="dialect">How to connect and speak to it.</param>
    /// <param name="timeProvider">
    /// The clock that measures operations, the system's when <see langword="null"/>. Leases of runs are measured by the clock of the database where it has one that hosts share, unless this is another clock
    /// than the system's.
    /// </param>
    /// <param name="meterFactory">Makes the meter; the package has one of its own when <see langword="null"/>.</param>
    public RelationalDatabase(RelationalDialect dialect, TimeProvider? timeProvider = null, IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(dialect);
        Dialect = dialect;
        _time = timeProvider ?? TimeProvider.System;
        _telemetry = StoreTelemetry.Create(meterFactory);
        Clock = new StoreClock(dialect, timeProvider);
        _writers = new SemaphoreSlim(dialect.MaxWriters);
    }

    /// <summary>Gets how to connect and speak to it.</summary>
    public RelationalDialect Dialect { get; }

    /// <summary>Gets what leases are measured by.</summary>
    internal StoreClock Clock { get; }

    /// <summary>Opens the database and brings it to the present schema, unless that has happened.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the database can be used.</returns>
    /// <exception cref="StorageException">The database cannot be opened, is damaged, or was written by a newer version of this package.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (Volatile.Read(ref _opened)) return;
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_opened) return;
            await UseAsync("open", PrepareAsync, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _opened, true);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _disposed, 1) == 0 ? Dialect.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Reads outside of a transaction of ours.</summary>
    internal Task<T> ReadAsync<T>(string operation, Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
        => MeasureAsync(
            operation,
            async () =>
            {
                await OpenAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    return await UseAsync(operation, read, cancellationToken).ConfigureAwait(false);
                }
                catch (StorageException error) when (error.IsTransient && Dialect.LosesConnections)
                {
                    // A connection that was kept may have died meanwhile; a new one shows whether the database lives.
                    return await UseAsync(operation, read, cancellationToken).ConfigureAwait(false);
                }
            },
            cancellationToken);

    /// <summary>Reads in one transaction, which sees everything as it is at one moment.</summary>
    internal Task<T> ReadAtOnceAsync<T>(string operation, Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) => ReadAsync(
        operation,
        async connection =>
        {
            await Dialect.BeginReadAsync(connection, cancellationToken).ConfigureAwait(false);
            var result = await read(connection).ConfigureAwait(false);
            await connection.ExecuteAsync("COMMIT", cancellationToken).ConfigureAwait(false);
            return result;
        },
        cancellationToken);

    /// <summary>Writes in one transaction, which is undone when the body throws.</summary>
    internal Task<T> WriteAsync<T>(string operation, Func<DbConnection, Task<T>> write, CancellationToken cancellationToken)
        => MeasureAsync(operation, () => CommitAsync(operation, write, cancellationToken), cancellationToken);

    internal Task WriteAsync(string operation, Func<DbConnection, Task> write, CancellationToken cancellationToken)
        => WriteAsync(
            operation,
            async connection =>
            {
                await write(connection).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    private async Task<T> CommitAsync<T>(string operation, Func<DbConnection, Task<T>> write, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        await _writers.WaitAsync(cancellationToken).ConfigureAwait(false);
        var hasBegun = false;
        try
        {
            return await UseAsync(operation, WriteOnAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException error) when (error.IsTransient && !hasBegun && Dialect.LosesConnections)
        {
            // As above; nothing was written on the connection that had died.
            return await UseAsync(operation, WriteOnAsync, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writers.Release();
        }

        async Task<T> WriteOnAsync(DbConnection connection)
        {
            await Dialect.BeginWriteAsync(connection, cancellationToken).ConfigureAwait(false);
            hasBegun = true;
            var result = await write(connection).ConfigureAwait(false);
            // Not cancelled: nobody could tell then whether it was carried out.
            await connection.ExecuteAsync("COMMIT", CancellationToken.None).ConfigureAwait(false);
            return result;
        }
    }

    /// <summary>Measures an operation as its caller feels it; one that the caller cancelled is none.</summary>
    private async Task<T> MeasureAsync<T>(string operation, Func<Task<T>> run, CancellationToken cancellationToken)
    {
        if (!_telemetry.IsMeasured) return await run().ConfigureAwait(false);
        var started = _time.GetTimestamp();
        try
        {
            var result = await run().ConfigureAwait(false);
            _telemetry.OnEnded(Dialect.Backend, operation, _time.GetElapsedTime(started), null);
            return result;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _telemetry.OnEnded(Dialect.Backend, operation, _time.GetElapsedTime(started), error);
            throw;
        }
    }

    private async Task<bool> PrepareAsync(DbConnection connection)
    {
        int version;
        try
        {
            version = await RelationalSchema.ReadVersionAsync(connection, CancellationToken.None).ConfigureAwait(false);
        }
        catch (DbException)
        {
            // No such table, or something worse, which the migration will meet again.
            version = 0;
        }

        RelationalSchema.Check(version, Dialect);
        if (version < RelationalSchema.CurrentVersion) await RelationalSchema.MigrateAsync(connection, Dialect, CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    private async Task<T> UseAsync<T>(string operation, Func<DbConnection, Task<T>> use, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        DbConnection? connection = null;
        try
        {
            connection = await Dialect.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (Dialect.KeepsConnections) connection.KeepPrepared();
            var result = await use(connection).ConfigureAwait(false);
            await Dialect.ReleaseAsync(connection, isHealthy: true).ConfigureAwait(false);
            return result;
        }
        catch (Exception error)
        {
            // Closing the connection undoes what its transaction has not committed.
            if (connection is not null) await Dialect.ReleaseAsync(connection, isHealthy: false).ConfigureAwait(false);
            if (error is DbException failure) throw Dialect.Translate(failure, operation);
            throw;
        }
    }
}
