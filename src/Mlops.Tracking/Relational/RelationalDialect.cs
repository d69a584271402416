using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>What differs between databases: how to connect, what types are called, how writes are serialised, what errors mean.</summary>
/// <remarks>
/// <para>Safe for concurrent use. The statements of the relational stores are plain SQL with <c>@name</c> parameters, <c>ON CONFLICT</c> and row values,
/// which SQLite (from 3.35) and PostgreSQL share.</para>
/// <para>The <see cref="RelationalDatabase"/> that is given the dialect disposes it.</para>
/// </remarks>
public abstract class RelationalDialect : IAsyncDisposable
{
    /// <summary>Gets the name of the backend in exceptions: <c>sqlite</c>.</summary>
    public abstract string Backend { get; }

    /// <summary>Gets where the database is, without secrets: a file, a host and database.</summary>
    public abstract string Location { get; }

    /// <summary>Gets how many writes may go on at once in this process.</summary>
    /// <value>The default value is <see cref="int.MaxValue"/>: as many as there are connections.</value>
    public virtual int MaxWriters => int.MaxValue;

    /// <summary>Gets whether <see cref="OpenAsync"/> gives out the same connection objects again, so that statements stay prepared on them.</summary>
    /// <value>The default value is <see langword="false"/>: the provider pools connections, and prepares what it sees often by itself.</value>
    public virtual bool KeepsConnections => false;

    /// <summary>Gets whether a connection that was kept may turn out to be dead, so that what has not begun is tried once more on another one.</summary>
    /// <value>The default value is <see langword="false"/>, which suits databases in a file.</value>
    public virtual bool LosesConnections => false;

    /// <summary>Gets whether <see cref="ScanAsync"/> costs about as much as the database's own work, so that searches compare numbers in process.</summary>
    /// <value>The default value is <see langword="false"/>, for databases that are asked through a connection and join large sets by themselves.</value>
    public virtual bool ScansQuickly => false;

    /// <summary>Gets what a column of text is declared as that is compared and ordered by its bytes.</summary>
    public abstract string TextType { get; }

    /// <summary>Gets what a column of 64-bit integers is declared as.</summary>
    public abstract string IntegerType { get; }

    /// <summary>Gets what a column of double-precision numbers is declared as.</summary>
    public abstract string RealType { get; }

    /// <summary>Gets what a column of bytes is declared as.</summary>
    public abstract string BytesType { get; }

    /// <summary>Gets what a primary key is declared as that counts up from 1 by itself and never reuses a number.</summary>
    public abstract string CounterType { get; }

    /// <summary>Gets the expression of the present time in whole milliseconds since 1970, by the clock of the database and not of the transaction's beginning. Leases are measured by it.</summary>
    /// <value>The default value is <see langword="null"/>, which suits databases of one host: its own clock is as good.</value>
    public virtual string? Clock => null;

    /// <summary>Gets what ends the declaration of a table that is stored in the order of its primary key.</summary>
    /// <value>The default value is empty.</value>
    public virtual string ClusteredTable => "";

    /// <summary>Gets what ends the declaration of a column that is computed from others and added to a table that exists.</summary>
    /// <value>The default value is <c>STORED</c>.</value>
    public virtual string GeneratedColumn => "STORED";

    /// <summary>Gets what ends a SELECT whose rows are kept from changing until the transaction ends.</summary>
    /// <value>The default value is empty, which suits databases that have one writer at a time.</value>
    public virtual string ForUpdate => "";

    /// <summary>Gets what ends a SELECT whose rows others may read and keep from changing too.</summary>
    /// <value>The default value is <c>FOR SHARE</c> where rows are locked at all.</value>
    public virtual string ForShare => ForUpdate.Length == 0 ? "" : " FOR SHARE";

    /// <summary>Opens a connection, or takes one that was opened before.</summary>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The connection; the caller gives it back with <see cref="ReleaseAsync"/>.</returns>
    public abstract Task<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Takes a connection back.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isHealthy">Whether it may be used again.</param>
    /// <returns>A task that completes when it is given back.</returns>
    public virtual ValueTask ReleaseAsync(DbConnection connection, bool isHealthy)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.DisposeAsync();
    }

    /// <summary>Begins a transaction that will write.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">Cancels the waiting for other writers.</param>
    /// <returns>A task that completes when the transaction has begun.</returns>
    public virtual Task BeginWriteAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.ExecuteAsync("BEGIN ISOLATION LEVEL READ COMMITTED", cancellationToken);
    }

    /// <summary>Begins a transaction that reads everything as it is at one moment.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">Cancels the beginning.</param>
    /// <returns>A task that completes when the transaction has begun.</returns>
    public virtual Task BeginReadAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", cancellationToken);
    }

    /// <summary>Reads rows of numbers one after another until told that it is enough. The default reads them like others.</summary>
    /// <param name="command">The statement, with its parameters; texts, 64-bit whole numbers or numbers. Its rows have a whole number and, where there is a second column, a number.</param>
    /// <param name="visit">Is given each row, 0 for a second column that does not exist, and says whether to go on.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>A task that completes when all that was wanted is read.</returns>
    public virtual async Task ScanAsync(DbCommand command, Func<long, double, bool> visit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(visit);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var hasSecond = reader.FieldCount > 1;
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // The second may be a whole number, too.
                if (!visit(reader.GetInt64(0), hasSecond ? Convert.ToDouble(reader.GetValue(1), CultureInfo.InvariantCulture) : 0)) return;
            }
        }
    }

    /// <summary>Makes the condition that text has the form of a pattern; case matters.</summary>
    /// <param name="text">The expression of the text.</param>
    /// <param name="pattern">The parameter that holds what <see cref="LikePattern"/> made of the pattern.</param>
    /// <returns>The condition.</returns>
    public virtual string Like(string text, string pattern) => $"{text} LIKE {pattern} ESCAPE ''";

    /// <summary>Translates a pattern in which <c>%</c> stands for any characters and <c>_</c> for one, without escapes.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <returns>The pattern as <see cref="Like"/> needs it. The default is the pattern itself.</returns>
    public virtual string LikePattern(string pattern) => pattern;

    /// <summary>Makes migrations of several processes wait for each other, within the transaction that was begun.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>A task that completes when this is the only one.</returns>
    public virtual Task LockMigrationsAsync(DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Makes the statement that inserts a row, or replaces the other columns of the row with the same key.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keys">The columns of the key.</param>
    /// <param name="columns">The other columns; none to leave a row alone that exists.</param>
    /// <returns>The statement; each column has a parameter of its name.</returns>
    public virtual string Upsert(string table, ReadOnlySpan<string> keys, ReadOnlySpan<string> columns)
    {
        string[] all = [.. keys, .. columns];
        var action = columns.IsEmpty ? "NOTHING" : "UPDATE SET " + string.Join(", ", columns.ToArray().Select(column => $"{column} = excluded.{column}"));
        return $"INSERT INTO {table} ({string.Join(", ", all)}) VALUES ({string.Join(", ", all.Select(column => "@" + column))}) "
            + $"ON CONFLICT ({string.Join(", ", keys)}) DO {action}";
    }

    /// <summary>Inserts texts of a run, params or tags, by name. The default runs one statement for every text.</summary>
    /// <param name="connection">The connection, within a transaction that keeps the run from changing.</param>
    /// <param name="table">The table, with the columns <c>run</c>, <c>name</c> and <c>value</c>, of which the first two are its key.</param>
    /// <param name="run">The number of the run.</param>
    /// <param name="texts">The texts by name; of one that is there twice, the first counts where nothing is replaced, and else the last.</param>
    /// <param name="replaces">Whether a text that exists is replaced; otherwise it is left alone.</param>
    /// <param name="cancellationToken">Cancels the inserting.</param>
    /// <returns>How many rows were written.</returns>
    public virtual async Task<int> InsertTextsAsync(
        DbConnection connection, string table, long run, IReadOnlyList<KeyValuePair<string, string>> texts, bool replaces, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(texts);
        var (written, statement) = (0, InsertText(table, replaces));
        foreach (var (name, value) in texts)
            written += await connection.ExecuteAsync(statement, cancellationToken, ("run", run), ("name", name), ("value", value)).ConfigureAwait(false);
        return written;
    }

    /// <summary>Inserts measurements, leaving out those that exist. The default prepares one statement and runs it for every row.</summary>
    /// <param name="connection">The connection, within a transaction.</param>
    /// <param name="rows">The measurements, ordered by run, metric, step, timestamp and value, without duplicates.</param>
    /// <param name="cancellationToken">Cancels the inserting.</param>
    /// <returns>A task that completes when they are inserted.</returns>
    public virtual Task InsertMetricsAsync(DbConnection connection, ReadOnlyMemory<MetricRow> rows, CancellationToken cancellationToken) => WriteAsync(
        connection,
        "INSERT INTO metrics (run, name, step, timestamp, value, is_nan) VALUES (@run, @name, @step, @timestamp, @value, @is_nan) ON CONFLICT DO NOTHING",
        rows,
        cancellationToken);

    /// <summary>Makes measurements the latest of their metrics where they are later than what is there. The default prepares one statement and runs it for every row.</summary>
    /// <param name="connection">The connection, within a transaction that keeps the runs from changing.</param>
    /// <param name="rows">The measurements, ordered by run and metric, one of each.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>A task that completes when they are written.</returns>
    public virtual Task UpdateLatestMetricsAsync(DbConnection connection, ReadOnlyMemory<MetricRow> rows, CancellationToken cancellationToken)
        => WriteAsync(connection, UpdateLatestMetric, rows, cancellationToken);

    /// <summary>Gets the statement that makes a measurement the latest of its metric where it is later than what is there.</summary>
    protected static string UpdateLatestMetric =>
        """
        INSERT INTO latest_metrics (run, name, step, timestamp, value, is_nan) VALUES (@run, @name, @step, @timestamp, @value, @is_nan)
        ON CONFLICT (run, name) DO UPDATE SET step = excluded.step, timestamp = excluded.timestamp, value = excluded.value, is_nan = excluded.is_nan
        WHERE (excluded.step, excluded.timestamp, excluded.value, excluded.is_nan)
            > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value, latest_metrics.is_nan)
        """;

    /// <summary>Makes the statement that inserts a text of a run.</summary>
    /// <param name="table">The table.</param>
    /// <param name="replaces">Whether a text that exists is replaced.</param>
    /// <returns>The statement, whose parameters are <c>@run</c>, <c>@name</c> and <c>@value</c>, in this order.</returns>
    protected static string InsertText(string table, bool replaces)
        => $"INSERT INTO {table} (run, name, value) VALUES (@run, @name, @value) ON CONFLICT (run, name) DO {OnConflict(replaces)}";

    /// <summary>Makes what stands behind <c>ON CONFLICT … DO</c> where a text is inserted that exists.</summary>
    /// <param name="replaces">Whether it is replaced.</param>
    /// <returns>The action.</returns>
    protected static string OnConflict(bool replaces) => replaces ? "UPDATE SET value = excluded.value" : "NOTHING";

    /// <summary>Gets what tells of changes in the database, opened at the first call and disposed with the dialect.</summary>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>What tells of changes. The default is <see langword="null"/>: whoever waits for changes looks for them again and again.</returns>
    public virtual ValueTask<RelationalChanges?> FindChangesAsync(CancellationToken cancellationToken) => ValueTask.FromResult<RelationalChanges?>(null);

    /// <summary>Tells those who listen that the registry changes, when and if the transaction commits. The default does nothing, for databases that can be asked.</summary>
    /// <param name="connection">The connection, within the transaction of the change.</param>
    /// <param name="cancellationToken">Cancels the telling.</param>
    /// <returns>A task that completes when it will be told.</returns>
    public virtual Task AnnounceChangeAsync(DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Says what an error of the database means.</summary>
    /// <param name="error">The error.</param>
    /// <param name="operation">What was attempted: <c>append metrics</c>.</param>
    /// <returns>The exception to throw, which says whether repeating may help and what to do.</returns>
    public abstract StorageException Translate(DbException error, string operation);

    /// <summary>Closes the connections that are kept.</summary>
    /// <returns>A task that completes when they are closed.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private static async Task WriteAsync(DbConnection connection, string statement, ReadOnlyMemory<MetricRow> rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var command = connection.Command(statement, ("run", 0L), ("name", 0L), ("step", 0L), ("timestamp", 0L), ("value", 0.0), ("is_nan", 0L));
        await using (command.ConfigureAwait(false))
        {
            await command.PrepareAsync(cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < rows.Length; i++)
            {
                var row = rows.Span[i];
                command.Parameters[0].Value = row.Run;
                command.Parameters[1].Value = row.Name;
                command.Parameters[2].Value = row.Step;
                command.Parameters[3].Value = row.Timestamp;
                command.Parameters[4].Value = row.Value;
                command.Parameters[5].Value = row.IsNaN ? 1L : 0L;
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
