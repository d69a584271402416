using System.Buffers;
using System.Buffers.Binary;
using Npgsql;

namespace Mlops.Tracking.PostgreSql;

/// <summary>Inserts measurements by binary <c>COPY</c>, the fastest way there is; where some exist already, once more through a temporary table.</summary>
/// <remarks>Source of the format: PostgreSQL's documentation of COPY, "Binary Format".</remarks>
internal static class MetricCopy
{
    private const string Columns = "run, name, step, timestamp, value, is_nan";
    private const int FieldCount = 6;

    // A field is its length and eight bytes, a row its number of fields and these.
    private const int RowLength = 2 + (FieldCount * (4 + 8));
    private const int RowsPerBlock = 800;

    // The signature, flags, and the length of an extension that there is not.
    private static readonly byte[] s_header = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] s_trailer = [0xFF, 0xFF];

    public static async Task InsertAsync(NpgsqlConnection connection, ReadOnlyMemory<MetricRow> rows, CancellationToken cancellationToken)
    {
        if (rows.IsEmpty) return;
        await ExecuteAsync(connection, "SAVEPOINT metrics", cancellationToken).ConfigureAwait(false);
        try
        {
            await CopyAsync(connection, "metrics", rows, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await ExecuteAsync(connection, "ROLLBACK TO SAVEPOINT metrics", cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(connection, "CREATE TEMPORARY TABLE mlops_staged_metrics (LIKE metrics) ON COMMIT DROP", cancellationToken).ConfigureAwait(false);
            await CopyAsync(connection, "mlops_staged_metrics", rows, cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(connection, $"INSERT INTO metrics ({Columns}) SELECT {Columns} FROM mlops_staged_metrics ON CONFLICT DO NOTHING", cancellationToken).ConfigureAwait(false);
            // A transaction may come here more than once.
            await ExecuteAsync(connection, "DROP TABLE mlops_staged_metrics", cancellationToken).ConfigureAwait(false);
        }

        await ExecuteAsync(connection, "RELEASE SAVEPOINT metrics", cancellationToken).ConfigureAwait(false);
    }

    private static async Task CopyAsync(NpgsqlConnection connection, string table, ReadOnlyMemory<MetricRow> rows, CancellationToken cancellationToken)
    {
        var stream = await connection.BeginRawBinaryCopyAsync($"COPY {table} ({Columns}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(RowsPerBlock * RowLength);
        try
        {
            await stream.WriteAsync(s_header, cancellationToken).ConfigureAwait(false);
            for (var start = 0; start < rows.Length; start += RowsPerBlock)
            {
                var length = Write(rows.Span.Slice(start, Math.Min(RowsPerBlock, rows.Length - start)), buffer);
                await stream.WriteAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            }

            await stream.WriteAsync(s_trailer, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stream.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            // Ends the copying; the server tells here of rows that exist.
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static int Write(ReadOnlySpan<MetricRow> rows, Span<byte> target)
    {
        var position = 0;
        foreach (ref readonly var row in rows)
        {
            BinaryPrimitives.WriteInt16BigEndian(target[position..], FieldCount);
            position += 2;
            position = Write(target, position, row.Run);
            position = Write(target, position, row.Name);
            position = Write(target, position, row.Step);
            position = Write(target, position, row.Timestamp);
            position = Write(target, position, BitConverter.DoubleToInt64Bits(row.Value));
            position = Write(target, position, row.IsNaN ? 1 : 0);
        }

        return position;
    }

    private static int Write(Span<byte> target, int position, long value)
    {
        BinaryPrimitives.WriteInt32BigEndian(target[position..], sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(target[(position + 4)..], value);
        return position + 4 + sizeof(long);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Every statement is a constant of this class.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false)) await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
