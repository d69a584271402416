namespace Mlops.Tracking;

/// <summary>Stages, tags of models, changes, and versions that are deleted though their numbers stay used.</summary>
internal static class Migration3
{
    public const string Sql =
        """
        ALTER TABLE registered_models ADD COLUMN last_updated_at {int} NOT NULL DEFAULT 0;
        UPDATE registered_models SET last_updated_at = COALESCE((SELECT max(v.created_at) FROM model_versions v WHERE v.model = registered_models.id), created_at);
        ALTER TABLE model_versions ADD COLUMN last_updated_at {int} NOT NULL DEFAULT 0;
        UPDATE model_versions SET last_updated_at = created_at;
        ALTER TABLE model_versions ADD COLUMN stage {int} NOT NULL DEFAULT 0;
        ALTER TABLE model_versions ADD COLUMN is_deleted {int} NOT NULL DEFAULT 0;
        CREATE INDEX model_versions_by_stage ON model_versions (model, stage, version);
        CREATE INDEX model_versions_by_run ON model_versions (run_id);
        CREATE TABLE model_tags (model {int} NOT NULL REFERENCES registered_models(id), name {text} NOT NULL, value {text} NOT NULL, PRIMARY KEY (model, name)){clustered}
        """;
}
