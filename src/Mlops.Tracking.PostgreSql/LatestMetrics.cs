using Npgsql;
using NpgsqlTypes;

namespace Mlops.Tracking.PostgreSql;

/// <summary>Makes measurements the latest of their metrics, all by one statement.</summary>
internal static class LatestMetrics
{
    private const string Sql =
        """
        INSERT INTO latest_metrics (run, name, step, timestamp, value, is_nan) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        ON CONFLICT (run, name) DO UPDATE SET step = excluded.step, timestamp = excluded.timestamp, value = excluded.value, is_nan = excluded.is_nan
        WHERE (excluded.step, excluded.timestamp, excluded.value, excluded.is_nan)
            > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value, latest_metrics.is_nan)
        """;

    public static async Task UpdateAsync(NpgsqlConnection connection, ReadOnlyMemory<MetricRow> rows, CancellationToken cancellationToken)
    {
        if (rows.IsEmpty) return;
        var command = new NpgsqlCommand(Sql, connection);
        await using (command.ConfigureAwait(false))
        {
            Add(command, rows, static row => row.Run);
            Add(command, rows, static row => row.Name);
            Add(command, rows, static row => row.Step);
            Add(command, rows, static row => row.Timestamp);
            command.Parameters.Add(new NpgsqlParameter<double[]> { TypedValue = Map(rows, static row => row.Value), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Double });
            Add(command, rows, static row => row.IsNaN ? 1 : 0);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Add(NpgsqlCommand command, ReadOnlyMemory<MetricRow> rows, Func<MetricRow, long> read)
        => command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Map(rows, read), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });

    private static T[] Map<T>(ReadOnlyMemory<MetricRow> rows, Func<MetricRow, T> read)
    {
        var values = new T[rows.Length];
        for (var i = 0; i < values.Length; i++) values[i] = read(rows.Span[i]);
        return values;
    }
}
