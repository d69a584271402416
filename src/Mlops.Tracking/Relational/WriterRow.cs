using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>The row of one who writes to a run: of metrics, or of changes.</summary>
internal static class WriterRow
{
    /// <summary>Notes that something is written; <see langword="false"/> when it was before. The numbers of a writer rise, so the highest says it of all.</summary>
    public static async Task<bool> NoteAsync(DbConnection connection, long run, string writer, long sequence, CancellationToken cancellationToken) => await connection.ExecuteAsync(
        """
        INSERT INTO metric_writers (run, writer, sequence) VALUES (@run, @writer, @sequence)
        ON CONFLICT (run, writer) DO UPDATE SET sequence = excluded.sequence WHERE metric_writers.sequence < excluded.sequence
        """,
        cancellationToken,
        ("run", run), ("writer", writer), ("sequence", sequence)).ConfigureAwait(false) > 0;
}
