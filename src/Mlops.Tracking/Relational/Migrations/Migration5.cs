namespace Mlops.Tracking;

/// <summary>The inputs of a run by their places. The key that held name, digest and context was longer than what PostgreSQL keeps in an index.</summary>
internal static class Migration5
{
    public const string Sql =
        """
        CREATE TABLE run_inputs (run {int} NOT NULL REFERENCES runs(number), position {int} NOT NULL, name {text} NOT NULL, digest {text} NOT NULL, context {text} NOT NULL,
            row_count {int} NOT NULL, columns {text} NOT NULL, source {text}, PRIMARY KEY (run, position));
        INSERT INTO run_inputs (run, position, name, digest, context, row_count, columns, source)
            SELECT run, row_number() OVER (PARTITION BY run ORDER BY position, name, digest, context) - 1, name, digest, context, row_count, columns, source FROM inputs;
        DROP TABLE inputs;
        ALTER TABLE run_inputs RENAME TO inputs;
        CREATE INDEX inputs_by_name ON inputs (name, run)
        """;
}
