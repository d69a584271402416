namespace Mlops.Tracking;

/// <summary>Experiments that change, users of runs, and the indexes of searches.</summary>
internal static class Migration2
{
    // The value of a param or tag is looked up by its first 64 characters: longer keys would make the indexes as large as the tables. They are a column, because SQLite
    // reads an index on an expression together with the table.
    public const string Sql =
        """
        ALTER TABLE experiments ADD COLUMN last_updated_at {int} NOT NULL DEFAULT 0;
        UPDATE experiments SET last_updated_at = created_at;
        ALTER TABLE runs ADD COLUMN user_name {text} NOT NULL DEFAULT '';
        CREATE INDEX runs_by_start ON runs (start_time);
        ALTER TABLE params ADD COLUMN value_start {text} GENERATED ALWAYS AS (substr(value, 1, 64)) {generated};
        CREATE INDEX params_by_value ON params (name, value_start, run);
        ALTER TABLE tags ADD COLUMN value_start {text} GENERATED ALWAYS AS (substr(value, 1, 64)) {generated};
        CREATE INDEX tags_by_value ON tags (name, value_start, run);
        CREATE INDEX inputs_by_name ON inputs (name, run)
        """;
}
