using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Mlops.Tracking.Sqlite;

/// <summary>A connection that is kept, with the statements of the bulk path, which go past ADO.NET because that costs more than SQLite's own work.</summary>
internal sealed class SqliteSession(string connectionString) : SqliteConnection(connectionString)
{
    // More rows in one statement are no quicker; fewer are slower.
    private const int RowsPerStatement = 20;
    private const int Columns = 6;

    // How many rows are read without a look at whether to stop.
    private const int RowsPerCheck = 4096;

    private static readonly string s_insertOne = Insert(1);
    private static readonly string s_insertMany = Insert(RowsPerStatement);
    private readonly Dictionary<string, sqlite3_stmt> _insertTexts = new(StringComparer.Ordinal);
    private sqlite3_stmt? _insertOne;
    private sqlite3_stmt? _insertMany;
    private sqlite3_stmt? _updateLatest;

    public void InsertMetrics(ReadOnlySpan<MetricRow> rows, CancellationToken cancellationToken)
    {
        _insertMany ??= Prepare(s_insertMany);
        for (; rows.Length >= RowsPerStatement; rows = rows[RowsPerStatement..])
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < RowsPerStatement; i++) Bind(_insertMany, i * Columns, rows[i]);
            Step(_insertMany);
        }

        _insertOne ??= Prepare(s_insertOne);
        foreach (ref readonly var row in rows)
        {
            Bind(_insertOne, 0, row);
            Step(_insertOne);
        }
    }

    /// <summary>Inserts texts by a statement whose parameters are the run, the name and the value.</summary>
    /// <returns>How many rows were written.</returns>
    public int InsertTexts(string sql, long run, IReadOnlyList<KeyValuePair<string, string>> texts)
    {
        if (!_insertTexts.TryGetValue(sql, out var statement)) _insertTexts[sql] = statement = Prepare(sql);
        var written = 0;
        foreach (var (name, value) in texts)
        {
            Bind(statement, 1, run);
            Bind(statement, 2, name);
            Bind(statement, 3, value);
            Step(statement);
            // Of the statement alone: triggers that somebody has added may change more.
            written += raw.sqlite3_changes(Handle);
        }

        return written;
    }

    public void UpdateLatest(string statement, ReadOnlySpan<MetricRow> rows)
    {
        _updateLatest ??= Prepare(statement);
        foreach (ref readonly var row in rows)
        {
            Bind(_updateLatest, 0, row);
            Step(_updateLatest);
        }
    }

    /// <summary>Reads rows of a whole number and perhaps a number until told that it is enough.</summary>
    public void Scan(DbCommand command, Func<long, double, bool> visit, CancellationToken cancellationToken)
    {
        using var statement = Prepare(command.CommandText);
        foreach (DbParameter parameter in command.Parameters) Bind(statement, raw.sqlite3_bind_parameter_index(statement, parameter.ParameterName), parameter.Value);
        var hasSecond = raw.sqlite3_column_count(statement) > 1;
        var pointer = SqliteNative.IsUsed ? statement.DangerousGetHandle() : 0;
        for (var row = 0; ; row++)
        {
            if (row % RowsPerCheck == 0) cancellationToken.ThrowIfCancellationRequested();
            var result = pointer == 0 ? raw.sqlite3_step(statement) : SqliteNative.Step(pointer);
            if (result == raw.SQLITE_DONE) return;
            if (result != raw.SQLITE_ROW) SqliteException.ThrowExceptionForRC(result, Handle);
            var isWanted = pointer == 0
                ? visit(raw.sqlite3_column_int64(statement, 0), hasSecond ? raw.sqlite3_column_double(statement, 1) : 0)
                : visit(SqliteNative.ColumnInt64(pointer, 0), hasSecond ? SqliteNative.ColumnDouble(pointer, 1) : 0);
            if (!isWanted) return;
        }
    }

    protected override void Dispose(bool disposing)
    {
        // Before the connection, which would stay open until they are gone.
        if (disposing)
        {
            _insertOne?.Dispose();
            _insertMany?.Dispose();
            _updateLatest?.Dispose();
            foreach (var statement in _insertTexts.Values) statement.Dispose();
        }

        base.Dispose(disposing);
    }

    private static string Insert(int rows) => "INSERT INTO metrics (run, name, step, timestamp, value, is_nan) VALUES "
        + string.Join(", ", Enumerable.Range(0, rows).Select(row => $"({string.Join(", ", Enumerable.Range(1, Columns).Select(column => string.Create(CultureInfo.InvariantCulture, $"?{(row * Columns) + column}")))})"))
        + " ON CONFLICT DO NOTHING";

    private static void Bind(sqlite3_stmt statement, int offset, in MetricRow row)
    {
        raw.sqlite3_bind_int64(statement, offset + 1, row.Run);
        raw.sqlite3_bind_int64(statement, offset + 2, row.Name);
        raw.sqlite3_bind_int64(statement, offset + 3, row.Step);
        raw.sqlite3_bind_int64(statement, offset + 4, row.Timestamp);
        raw.sqlite3_bind_double(statement, offset + 5, row.Value);
        raw.sqlite3_bind_int(statement, offset + 6, row.IsNaN ? 1 : 0);
    }

    private void Bind(sqlite3_stmt statement, int index, object? value)
    {
        var result = value switch
        {
            string text => raw.sqlite3_bind_text(statement, index, text),
            long number => raw.sqlite3_bind_int64(statement, index, number),
            double number => raw.sqlite3_bind_double(statement, index, number),
            _ => throw new ArgumentException($"A parameter of type {value?.GetType().Name ?? "null"} is not bound here.", nameof(value)),
        };
        if (result != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(result, Handle);
    }

    private sqlite3_stmt Prepare(string sql)
    {
        if (raw.sqlite3_prepare_v2(Handle, sql, out var statement) is var result and not raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(result, Handle);
        return statement;
    }

    private void Step(sqlite3_stmt statement)
    {
        var result = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        if (result != raw.SQLITE_DONE) SqliteException.ThrowExceptionForRC(result, Handle);
    }
}
