using Npgsql;
using NpgsqlTypes;

namespace Mlops.Tracking.PostgreSql;

/// <summary>Inserts texts of a run, all by one statement.</summary>
internal static class RunTexts
{
    public static async Task<int> InsertAsync(
        NpgsqlConnection connection, string table, string onConflict, long run, IReadOnlyList<KeyValuePair<string, string>> texts, CancellationToken cancellationToken)
    {
        if (texts.Count == 0) return 0;
        var command = new NpgsqlCommand($"INSERT INTO {table} (run, name, value) SELECT $1, * FROM unnest($2, $3) ON CONFLICT (run, name) DO {onConflict}", connection);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = run });
            Add(command, texts, static text => text.Key);
            Add(command, texts, static text => text.Value);
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Add(NpgsqlCommand command, IReadOnlyList<KeyValuePair<string, string>> texts, Func<KeyValuePair<string, string>, string> read)
        => command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. texts.Select(read)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
}
