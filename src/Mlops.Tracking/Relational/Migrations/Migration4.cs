namespace Mlops.Tracking;

/// <summary>Of the batches of a writer the highest number instead of all numbers, and keys by which a repeated registration is recognised.</summary>
internal static class Migration4
{
    public const string Sql =
        """
        CREATE TABLE metric_writers (run {int} NOT NULL, writer {text} NOT NULL, sequence {int} NOT NULL, PRIMARY KEY (run, writer)){clustered};
        INSERT INTO metric_writers (run, writer, sequence) SELECT run, writer, max(sequence) FROM metric_batches GROUP BY run, writer;
        DROP TABLE metric_batches;
        ALTER TABLE model_versions ADD COLUMN request_key {text};
        CREATE UNIQUE INDEX model_versions_by_request ON model_versions (model, request_key)
        """;
}
