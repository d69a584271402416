namespace Mlops.Tracking;

/// <summary>The first tables.</summary>
internal static class Migration1
{
    public const string Sql =
        """
        CREATE TABLE experiments (id {counter}, name {text} NOT NULL UNIQUE, stage {int} NOT NULL, created_at {int} NOT NULL);
        CREATE TABLE experiment_tags (experiment {int} NOT NULL REFERENCES experiments(id), name {text} NOT NULL, value {text} NOT NULL, PRIMARY KEY (experiment, name)){clustered};

        CREATE TABLE runs (number {counter}, id {text} NOT NULL UNIQUE, experiment {int} NOT NULL REFERENCES experiments(id), name {text} NOT NULL,
            status {int} NOT NULL, stage {int} NOT NULL, start_time {int} NOT NULL, end_time {int});
        CREATE INDEX runs_by_experiment ON runs (experiment, start_time);
        CREATE INDEX runs_by_status ON runs (status);
        CREATE TABLE leases (run {int} NOT NULL PRIMARY KEY REFERENCES runs(number), host {text} NOT NULL, process_id {int} NOT NULL, process_start {text} NOT NULL, expires_at {int});
        CREATE TABLE params (run {int} NOT NULL REFERENCES runs(number), name {text} NOT NULL, value {text} NOT NULL, PRIMARY KEY (run, name)){clustered};
        CREATE TABLE tags (run {int} NOT NULL REFERENCES runs(number), name {text} NOT NULL, value {text} NOT NULL, PRIMARY KEY (run, name)){clustered};
        CREATE TABLE inputs (run {int} NOT NULL REFERENCES runs(number), name {text} NOT NULL, digest {text} NOT NULL, context {text} NOT NULL, position {int} NOT NULL,
            row_count {int} NOT NULL, columns {text} NOT NULL, source {text}, PRIMARY KEY (run, name, digest, context));

        CREATE TABLE metric_names (id {counter}, name {text} NOT NULL UNIQUE);
        CREATE TABLE metrics (run {int} NOT NULL, name {int} NOT NULL, step {int} NOT NULL, timestamp {int} NOT NULL, value {real} NOT NULL, is_nan {int} NOT NULL,
            PRIMARY KEY (run, name, step, timestamp, value, is_nan)){clustered};
        CREATE TABLE latest_metrics (run {int} NOT NULL, name {int} NOT NULL, step {int} NOT NULL, timestamp {int} NOT NULL, value {real} NOT NULL, is_nan {int} NOT NULL,
            PRIMARY KEY (run, name)){clustered};
        CREATE INDEX latest_metrics_by_value ON latest_metrics (name, is_nan, value, run);
        CREATE TABLE metric_batches (run {int} NOT NULL, writer {text} NOT NULL, sequence {int} NOT NULL, PRIMARY KEY (run, writer, sequence)){clustered};

        CREATE TABLE registered_models (id {counter}, name {text} NOT NULL UNIQUE, created_at {int} NOT NULL, description {text} NOT NULL, last_version {int} NOT NULL);
        CREATE TABLE model_versions (model {int} NOT NULL REFERENCES registered_models(id), version {int} NOT NULL, source {text} NOT NULL, digest {text} NOT NULL,
            created_at {int} NOT NULL, run_id {text}, dataset_digest {text}, code_version {text}, description {text} NOT NULL, PRIMARY KEY (model, version));
        CREATE TABLE model_aliases (model {int} NOT NULL REFERENCES registered_models(id), alias {text} NOT NULL, version {int} NOT NULL, PRIMARY KEY (model, alias)){clustered};
        CREATE TABLE version_tags (model {int} NOT NULL REFERENCES registered_models(id), version {int} NOT NULL, name {text} NOT NULL, value {text} NOT NULL,
            PRIMARY KEY (model, version, name)){clustered};

        CREATE TABLE state (key {text} NOT NULL PRIMARY KEY, value {bytes} NOT NULL, etag {text} NOT NULL);
        CREATE TABLE state_leases (key {text} NOT NULL PRIMARY KEY, holder {text} NOT NULL, expires_at {int} NOT NULL)
        """;
}
