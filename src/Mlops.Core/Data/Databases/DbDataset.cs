using System.Data.Common;

namespace Mlops.Data;

/// <summary>The rows of a query as a dataset, through any ADO.NET provider.</summary>
/// <remarks>
/// Every read runs the query anew, and opening runs it too, so it must only read. Give it an ORDER BY when the order of rows matters, since databases promise none. Types are those that the database declares; where it
/// declares none, as SQLite, those of the first values. Decimals are read as 64-bit floating point (<see cref="RowDataset.Warnings"/>), times of unknown zone as UTC.
/// Vectors are arrays of numbers, their text <c>[0.5, 1]</c>, or, under a given schema, the bytes of 32-bit numbers.
/// </remarks>
/// <example><code>
/// var rides = await DbDataset.OpenAsync("rides", _ => new(new NpgsqlConnection(connectionString)), "SELECT * FROM rides ORDER BY day");
/// </code></example>
public sealed class DbDataset : RowDataset
{
    private readonly Func<CancellationToken, ValueTask<DbQuery>> _open;

    /// <summary>Creates a dataset of a given schema over a query; nothing is read yet.</summary>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="connect">Makes a connection, which is opened if it is closed, and disposed after each read.</param>
    /// <param name="sql">The query.</param>
    /// <param name="schema">The columns to read, found by their names in the query.</param>
    /// <param name="options">How the rows are read; the defaults when <see langword="null"/>.</param>
    public DbDataset(string name, Func<CancellationToken, ValueTask<DbConnection>> connect, string sql, DataSchema schema, DbDatasetOptions? options = null)
        : this(name, Query(connect, sql), schema, options ?? new DbDatasetOptions(), [])
    {
    }

    /// <summary>Creates a dataset of a given schema over data readers; nothing is read yet.</summary>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="open">Opens a reader before its first row; called for every read, which disposes the reader.</param>
    /// <param name="schema">The columns to read, found by their names in the reader.</param>
    /// <param name="options">How the rows are read; the defaults when <see langword="null"/>.</param>
    public DbDataset(string name, Func<CancellationToken, ValueTask<DbDataReader>> open, DataSchema schema, DbDatasetOptions? options = null)
        : this(name, Wrap(open), schema, options ?? new DbDatasetOptions(), [])
    {
    }

    private DbDataset(string name, Func<CancellationToken, ValueTask<DbQuery>> open, DataSchema schema, DbDatasetOptions options, IReadOnlyList<string> warnings)
        : base(name, schema, options.BadRowHandling, warnings)
    {
        options.Check();
        _open = open;
    }

    /// <summary>Opens a query and finds its schema.</summary>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="connect">Makes a connection, which is opened if it is closed, and disposed after each read.</param>
    /// <param name="sql">The query.</param>
    /// <param name="options">How the rows are read; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dataset; every column is a nullable feature.</returns>
    /// <exception cref="DbException">The query cannot be run.</exception>
    /// <exception cref="DataFormatException">Two columns have the same name, or one has a type that no column holds.</exception>
    public static Task<DbDataset> OpenAsync(
        string name, Func<CancellationToken, ValueTask<DbConnection>> connect, string sql, DbDatasetOptions? options = null, CancellationToken cancellationToken = default)
        => OpenAsync(name, Query(connect, sql), options ?? new DbDatasetOptions(), cancellationToken);

    /// <summary>Opens data readers and finds their schema.</summary>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="open">Opens a reader before its first row; called for every read, which disposes the reader.</param>
    /// <param name="options">How the rows are read; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dataset; every column is a nullable feature.</returns>
    /// <exception cref="DataFormatException">Two columns have the same name, or one has a type that no column holds.</exception>
    public static Task<DbDataset> OpenAsync(
        string name, Func<CancellationToken, ValueTask<DbDataReader>> open, DbDatasetOptions? options = null, CancellationToken cancellationToken = default)
        => OpenAsync(name, Wrap(open), options ?? new DbDatasetOptions(), cancellationToken);

    private protected override async ValueTask<RowReader> OpenAsync(DataSchema schema, int batchRows, CancellationToken cancellationToken)
    {
        var query = await _open(cancellationToken).ConfigureAwait(false);
        try
        {
            return new DbRowReader(Name, query, FindOrdinals(schema, query.Reader), schema, batchRows);
        }
        catch
        {
            await query.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<DbDataset> OpenAsync(string name, Func<CancellationToken, ValueTask<DbQuery>> open, DbDatasetOptions options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        options.Check();
        var query = await open(cancellationToken).ConfigureAwait(false);
        await using (query.ConfigureAwait(false))
        {
            var (schema, warnings) = await DbInference.InferAsync(name, query.Reader, options.InferenceRows, cancellationToken).ConfigureAwait(false);
            return new DbDataset(name, open, schema, options, warnings);
        }
    }

    private static Func<CancellationToken, ValueTask<DbQuery>> Query(Func<CancellationToken, ValueTask<DbConnection>> connect, string sql)
    {
        ArgumentNullException.ThrowIfNull(connect);
        ArgumentException.ThrowIfNullOrEmpty(sql);
        return cancellationToken => DbQuery.OpenAsync(connect, sql, cancellationToken);
    }

    private static Func<CancellationToken, ValueTask<DbQuery>> Wrap(Func<CancellationToken, ValueTask<DbDataReader>> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        return async cancellationToken => new DbQuery(await open(cancellationToken).ConfigureAwait(false));
    }

    private int[] FindOrdinals(DataSchema schema, DbDataReader reader)
    {
        var ordinals = new int[schema.Count];
        for (var i = 0; i < ordinals.Length; i++)
        {
            var name = schema[i].Name;
            ordinals[i] = Enumerable.Range(0, reader.FieldCount).FirstOrDefault(ordinal => reader.GetName(ordinal) == name, -1);
            if (ordinals[i] < 0)
                throw new EntityNotFoundException("column", name, $"The query of '{Name}' has no column '{name}'. Its columns are: {string.Join(", ", Enumerable.Range(0, reader.FieldCount).Take(60).Select(reader.GetName))}.");
        }

        return ordinals;
    }
}
