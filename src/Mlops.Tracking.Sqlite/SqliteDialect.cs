using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Mlops.Tracking.Sqlite;

/// <summary>Speaks to SQLite: one file in WAL mode, one writer at a time, connections kept open: as many as there are processors, and a few more.</summary>
public sealed class SqliteDialect : RelationalDialect
{
    private const int Busy = 5;
    private const int Locked = 6;
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromMilliseconds(8);

    // More connections than processors do not make reads quicker; each has a cache and open files.
    private static readonly int s_maxIdle = Environment.ProcessorCount + 4;

    private readonly ConcurrentStack<SqliteSession> _idle = new();
    private readonly string _connectionString;
    private readonly TimeSpan _lockTimeout;
    private readonly SemaphoreSlim _findingChanges = new(1);
    private SqliteChanges? _changes;
    private int _idleCount;
    private bool _disposed;

    static SqliteDialect() => Batteries_V2.Init();

    /// <summary>Creates the dialect for a file.</summary>
    /// <param name="path">The file, created on first use.</param>
    /// <param name="lockTimeout">How long to wait for other processes that write; 30 seconds when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">What is given is empty, a connection string, an address, or SQLite's name of a database in memory.</exception>
    public SqliteDialect(string path, TimeSpan? lockTimeout = null)
    {
        SqlitePath.Check(path);
        _lockTimeout = lockTimeout ?? TimeSpan.FromSeconds(30);
        ArgumentOutOfRangeException.ThrowIfLessThan(_lockTimeout, TimeSpan.Zero, nameof(lockTimeout));
        FilePath = Path.GetFullPath(path);
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = FilePath,
            Mode = SqliteOpenMode.ReadWriteCreate,
            // Connections are kept here instead, so that disposing really closes the file.
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)Math.Ceiling(_lockTimeout.TotalSeconds)),
        }.ToString();
    }

    /// <summary>Gets the file, as an absolute path.</summary>
    public string FilePath { get; }

    /// <inheritdoc/>
    public override string Backend => "sqlite";

    /// <inheritdoc/>
    public override string Location => $"The database '{FilePath}'";

    /// <inheritdoc/>
    public override int MaxWriters => 1;

    /// <inheritdoc/>
    public override bool KeepsConnections => true;

    /// <inheritdoc/>
    public override bool ScansQuickly => true;

    /// <inheritdoc/>
    public override string TextType => "TEXT";

    /// <inheritdoc/>
    public override string IntegerType => "INTEGER";

    /// <inheritdoc/>
    public override string RealType => "REAL";

    /// <inheritdoc/>
    public override string BytesType => "BLOB";

    /// <inheritdoc/>
    public override string CounterType => "INTEGER PRIMARY KEY AUTOINCREMENT";

    /// <inheritdoc/>
    public override string GeneratedColumn => "VIRTUAL";

    /// <inheritdoc/>
    public override string ClusteredTable => " WITHOUT ROWID";

    /// <inheritdoc/>
    public override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (TryTakeIdle(out var idle)) return idle;
        CreateFolder();
        var connection = new SqliteSession(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await PrepareAsync(connection, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask ReleaseAsync(DbConnection connection, bool isHealthy)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (!isHealthy || _disposed || !TryReserveIdle())
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            return;
        }

        _idle.Push((SqliteSession)connection);
        // Disposing may have emptied the stack between the check and the push.
        if (_disposed) await CloseIdleAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task BeginWriteAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var handle = ((SqliteConnection)connection).Handle;
        var (start, delay) = (TimeProvider.System.GetTimestamp(), TimeSpan.FromMilliseconds(1));
        // SQLite's own waiting would hold a thread, and could not be cancelled.
        raw.sqlite3_busy_timeout(handle, 0);
        try
        {
            while (true)
            {
                var result = raw.sqlite3_exec(handle, "BEGIN IMMEDIATE");
                if (result == raw.SQLITE_OK) return;
                var isOver = TimeProvider.System.GetElapsedTime(start) >= _lockTimeout;
                if ((result & 0xFF) != Busy || isOver) SqliteException.ThrowExceptionForRC(result, handle);
                await Task.Delay(delay, TimeProvider.System, cancellationToken).ConfigureAwait(false);
                delay = delay * 2 < s_longestPoll ? delay * 2 : s_longestPoll;
            }
        }
        finally
        {
            raw.sqlite3_busy_timeout(handle, Milliseconds(_lockTimeout));
        }
    }

    /// <inheritdoc/>
    public override Task BeginReadAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var handle = ((SqliteConnection)connection).Handle;
        // What is read first within it fixes the moment.
        if (raw.sqlite3_exec(handle, "BEGIN") is var result and not raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(result, handle);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task<int> InsertTextsAsync(
        DbConnection connection, string table, long run, IReadOnlyList<KeyValuePair<string, string>> texts, bool replaces, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(texts);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(((SqliteSession)connection).InsertTexts(InsertText(table, replaces), run, texts));
    }

    /// <inheritdoc/>
    public override Task InsertMetricsAsync(DbConnection connection, ReadOnlyMemory<MetricRow> rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ((SqliteSession)connection).InsertMetrics(rows.Span, cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task UpdateLatestMetricsAsync(DbConnection connection, ReadOnlyMemory<MetricRow> rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ((SqliteSession)connection).UpdateLatest(UpdateLatestMetric, rows.Span);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task ScanAsync(DbCommand command, Func<long, double, bool> visit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(visit);
        ((SqliteSession)command.Connection!).Scan(command, visit, cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override string Like(string text, string pattern) => $"{text} GLOB {pattern}";

    /// <inheritdoc/>
    /// <remarks>SQLite's LIKE ignores case; its GLOB, with <c>*</c>, <c>?</c> and sets in brackets, does not.</remarks>
    public override string LikePattern(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var glob = new StringBuilder(pattern.Length);
        foreach (var character in pattern)
        {
            _ = character switch
            {
                '%' => glob.Append('*'),
                '_' => glob.Append('?'),
                '*' or '?' or '[' => glob.Append('[').Append(character).Append(']'),
                _ => glob.Append(character),
            };
        }

        return glob.ToString();
    }

    /// <inheritdoc/>
    public override ValueTask<RelationalChanges?> FindChangesAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Volatile.Read(ref _changes) is { } changes ? ValueTask.FromResult<RelationalChanges?>(changes) : OpenChangesAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override StorageException Translate(DbException error, string operation)
    {
        ArgumentNullException.ThrowIfNull(error);
        var code = error is SqliteException sqlite ? sqlite.SqliteErrorCode : raw.SQLITE_ERROR;
        var (problem, isTransient) = code switch
        {
            Busy or Locked => (
                string.Create(CultureInfo.InvariantCulture, $"is locked: another process has been writing to it for longer than {_lockTimeout.TotalSeconds} s. Try again, let that process end its transaction, or raise SqliteTrackingOptions.LockTimeout"),
                true),
            raw.SQLITE_NOTADB => ("is not a SQLite database. Name another file, or move this one away", false),
            raw.SQLITE_CORRUPT => ("is damaged. Stop the processes that use it and restore it from a backup, or rescue what can be read with the sqlite3 command '.recover'", false),
            raw.SQLITE_FULL => ("cannot grow because the disk is full. Make room and try again", false),
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => ("may not be written. Check the permissions of the file and of its folder", false),
            raw.SQLITE_CANTOPEN => ("cannot be opened. Check that it is a file, that its folder exists and that both may be written", false),
            raw.SQLITE_IOERR => ("could not be read or written. Check the disk; SQLite needs a local one, not a network share", false),
            raw.SQLITE_ERROR when operation == "open" && error.Message.Contains("already exists", StringComparison.Ordinal)
                => ($"is used by another program: it has what is needed here, by that name, from somewhere else ({error.Message.TrimEnd('.')}). Nothing was changed; name a file that tracking has to itself", false),
            _ => ($"answered: {error.Message.TrimEnd('.')}", false),
        };
        var isRefused = code is raw.SQLITE_TOOBIG or raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_RANGE;
        return new StorageException(Backend, operation, $"{Location} {problem}.", error) { IsTransient = isTransient, IsContentRefused = isRefused };
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _disposed = true;
        await CloseIdleAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _changes, null) is { } changes) await changes.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private static int Milliseconds(TimeSpan duration) => (int)Math.Min(int.MaxValue, duration.TotalMilliseconds);

    private void CreateFolder()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(Backend, "open", $"The folder of '{FilePath}' cannot be created: {error.Message} Create it, or name a file elsewhere.", error);
        }
    }

    private async Task PrepareAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        raw.sqlite3_busy_timeout(connection.Handle, Milliseconds(_lockTimeout));
        var command = connection.CreateCommand();
        // NORMAL with WAL: a crash of the process loses nothing, a power cut at most the last transactions, and never damages the file.
        command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;";
        await using (command.ConfigureAwait(false)) await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<RelationalChanges?> OpenChangesAsync(CancellationToken cancellationToken)
    {
        await _findingChanges.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var changes = _changes ??= await SqliteChanges.OpenAsync(_connectionString, cancellationToken).ConfigureAwait(false);
            // Disposing may have looked for it before it was there.
            if (_disposed) await changes.DisposeAsync().ConfigureAwait(false);
            return changes;
        }
        finally
        {
            _findingChanges.Release();
        }
    }

    private async ValueTask CloseIdleAsync()
    {
        while (TryTakeIdle(out var connection)) await connection.DisposeAsync().ConfigureAwait(false);
    }

    private bool TryTakeIdle([NotNullWhen(true)] out SqliteSession? connection)
    {
        if (!_idle.TryPop(out connection)) return false;
        Interlocked.Decrement(ref _idleCount);
        return true;
    }

    private bool TryReserveIdle()
    {
        if (Interlocked.Increment(ref _idleCount) <= s_maxIdle) return true;
        Interlocked.Decrement(ref _idleCount);
        return false;
    }
}
