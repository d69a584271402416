using System.Text;
using Microsoft.Extensions.Logging;
using Mlops.Data;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class SecretTests : IAsyncDisposable
{
    private const string Secret = "Tr0ub4dor-hunter2";

    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task StoredBytes_SecretPlantedEverywhere_HoldItNowhere()
    {
        var lines = new List<string>();
        var options = new TrackerOptions { RetryDuration = TimeSpan.Zero };
        options.Spool.Directory = Path.Combine(_file.Folder, "spool");
        options.Spool.RetryInterval = TimeSpan.FromHours(1);
        await using (var tracking = await SqliteTracking.OpenAsync(_file.Path, new SqliteTrackingOptions { LockTimeout = TimeSpan.FromMilliseconds(50) }, options, logger: new Lines(lines), cancellationToken: Token))
        {
            var tracker = tracking.Tracker;
            var experiment = await tracker.Experiments.CreateExperimentAsync("e", new Dictionary<string, string> { ["api_key"] = Secret, ["note"] = "token: " + Secret }, Token);
            await tracker.Experiments.UpdateExperimentAsync(experiment.Id, new ExperimentChanges { Tags = [KeyValuePair.Create("password", Secret)] }, Token);
            await PlantNamesAsync(tracker);
            var start = new StartRunOptions { Name = "run password=" + Secret, Tags = new Dictionary<string, string> { ["AccountKey"] = Secret } };
            await using var run = await tracker.StartRunAsync("e", start, Token);
            Plant(run);
            await run.FlushAsync(Token);
            await tracker.Runs.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("passwd", Secret)], Tags = [KeyValuePair.Create("x", "Bearer " + Secret)] }, Token);
            await Assert.ThrowsAsync<InvalidOperationException>(() => tracker.RunAsync("e", _ => throw new InvalidOperationException("postgres://me:" + Secret + "@db"), null, Token));

            await tracking.Registry.CreateModelAsync("m", "Password=" + Secret, new Dictionary<string, string> { ["api_token"] = Secret }, Token);
            await tracking.Registry.UpdateModelAsync("m", new RegisteredModelChanges { Description = "Bearer " + Secret, Tags = [KeyValuePair.Create("connection_string", Secret)] }, Token);
            var version = new NewModelVersion("models/m", new string('a', 64)) { Description = "token: " + Secret, Tags = new Dictionary<string, string> { ["password"] = Secret } };
            await tracking.Registry.RegisterVersionAsync("m", version, Token);
            var withCode = new NewModelVersion("models/n", new string('a', 64)) { Lineage = new Lineage(CodeVersion: "https://me:" + Secret + "@git/x") };
            Assert.Equal("https://***@git/x", (await tracking.Registry.RegisterVersionAsync("m", withCode, Token)).Lineage.CodeVersion);
            foreach (var source in new[] { "https://me:" + Secret + "@host/models", "https://account.blob.core.windows.net/c/m?sv=1&sig=" + Secret, "s3://b/m?token=" + Secret, "AccountName=a;AccountKey=" + Secret + ";EndpointSuffix=x" })
                await AssertRefusedAsync(() => tracking.Registry.RegisterVersionAsync("m", new NewModelVersion(source, new string('a', 64)), Token));
            await tracking.Registry.UpdateVersionAsync("m", 1, new ModelVersionChanges { Description = "pwd=" + Secret, Tags = [KeyValuePair.Create("secret", Secret)] }, Token);

            // Then with the database locked: everything goes to the spool, and stays there.
            await using var other = await _file.ConnectAsync();
            await SqliteFile.ExecuteAsync(other, "BEGIN IMMEDIATE");
            run.LogMetric("m", 1);
            run.LogParam("client_secret", Secret);
            run.SetTag("late", "--token " + Secret);
            run.SetNote("Password=" + Secret + ";");
            await run.CompleteAsync(cancellationToken: Token);
            await tracker.DisposeAsync();
            Assert.Single(Directory.GetFiles(options.Spool.Directory));
            AssertNowhere();
            await SqliteFile.ExecuteAsync(other, "ROLLBACK");
        }

        // And delivered.
        options.Spool.RetryInterval = TimeSpan.FromMilliseconds(100);
        await using (var tracking = await SqliteTracking.OpenAsync(_file.Path, null, options, logger: new Lines(lines), cancellationToken: Token))
        {
            await tracking.Tracker.RecoverAsync(Token);
            var run = (await tracking.Tracker.SearchRunsAsync(new RunQuery("e"), Token).ToListAsync(Token)).Single(run => run.Status == RunStatus.Finished);
            Assert.Equal(("***", "--token ***", "***"), (run.Params["client_secret"], run.Tags["late"], run.Tags["AccountKey"]));
            AssertNowhere();
        }

        AssertNowhere();
        Assert.NotEmpty(lines);
        Assert.DoesNotContain(lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    /// <summary>Masked, the names of two would be one, and the source of a version would lead nowhere.</summary>
    [Fact]
    public async Task RegisterVersionAsync_FolderNamedByTellingWords_IsKeptAsItIs()
    {
        await using var tracking = await SqliteTracking.OpenAsync(_file.Path, cancellationToken: Token);
        var run = await tracking.Tracker.RunAsync("e", run => run.LogTextAsync("--password reset token=3/model/" + Mlops.Models.ModelFiles.Manifest, "x"), null, Token);
        var uri = RunUri.Of(run.Id, "--password reset token=3/model");
        var version = await tracking.Registry.RegisterVersionAsync("m", uri, tracking.Artifacts, cancellationToken: Token);
        Assert.Equal(uri.ArtifactPath, version.Source);
        foreach (var source in new[] { "models/token=3/v1", "data/--password reset/m", "abfss://models@account.dfs.core.windows.net/token=3/m", "s3://bucket/key=secret/m?versionId=7" })
            Assert.Equal(source, (await tracking.Registry.RegisterVersionAsync("m", new NewModelVersion(source, new string('a', 64)), Token)).Source);
    }

    private static async Task PlantNamesAsync(Tracker tracker)
    {
        const string Name = "Host=db;Password=" + Secret;
        await AssertRefusedAsync(() => tracker.Experiments.CreateExperimentAsync(Name, null, Token));
        await AssertRefusedAsync(() => tracker.Experiments.FindExperimentAsync(Name, Token));
        await AssertRefusedAsync(() => tracker.Runs.SearchRunsAsync(new RunQuery(Name), Token));
        var created = await tracker.Experiments.CreateExperimentAsync("named", null, Token);
        await AssertRefusedAsync(() => tracker.Experiments.UpdateExperimentAsync(created.Id, new ExperimentChanges { Name = "password=" + Secret }, Token));
        var spans = new List<string>();
        using (var listener = new System.Diagnostics.ActivityListener { ShouldListenTo = source => source.Name.StartsWith("Mlops", StringComparison.Ordinal), Sample = (ref _) => System.Diagnostics.ActivitySamplingResult.AllData, ActivityStopped = span => { lock (spans) spans.Add($"{span.OperationName} {span.DisplayName}"); } })
        {
            System.Diagnostics.ActivitySource.AddActivityListener(listener);
            await AssertRefusedAsync(() => tracker.RunAsync(Name, _ => Task.CompletedTask, null, Token));
        }

        lock (spans) Assert.DoesNotContain(spans, span => span.Contains(Secret, StringComparison.Ordinal));
        Assert.Null(await tracker.Experiments.FindExperimentAsync("Host=db;Password=", Token));
        var dataset = new DatasetReference("password=" + Secret, new string('a', 64), 1, new DataSchema([new ColumnSchema("x", ElementType.Float64)]));
        await using var run = await tracker.StartRunAsync("names", null, Token);
        Assert.DoesNotContain(Secret, Assert.Throws<ArgumentException>(() => run.LogInput(dataset, "training")).Message, StringComparison.Ordinal);
        await AssertRefusedAsync(() => tracker.Runs.UpdateRunAsync(run.Id, new RunChanges { Inputs = [new DatasetInput(dataset, "training")] }, Token));
        run.LogInput(dataset with { Name = "d" }, "api_key: " + Secret);
        Assert.Equal(("d", "api_key: ***"), Assert.Single((await run.CompleteAsync(cancellationToken: Token)).Inputs) is var input ? (input.Dataset.Name, input.Context) : default);
    }

    private static async Task AssertRefusedAsync(Func<Task> attempt)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(attempt);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("stored as they are", error.Message, StringComparison.Ordinal);
    }

    private static void Plant(Run run)
    {
        run.LogParam("db.password", Secret);
        run.LogParam("url", "https://me:" + Secret + "@example.org/x");
        run.SetTag("connectionString", "Server=x;Pwd=" + Secret);
        run.SetTag("settings", "{\"secret\": \"" + Secret + "\"}");
        run.SetNote("The token=" + Secret + " was used.");
        run.SetName("again api-key: " + Secret);
        run.LogInput(new DatasetReference("d", new string('a', 64), 1, new DataSchema([new ColumnSchema("x", ElementType.Float64)]), "Host=db;Password=" + Secret), "training");
    }

    // The database, its log, the artifacts with the environment, and the spool, as UTF-8 and as UTF-16.
    private void AssertNowhere()
    {
        var files = Directory.GetFiles(_file.Folder, "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => file.EndsWith("-wal", StringComparison.Ordinal) || file.EndsWith(".db", StringComparison.Ordinal));
        foreach (var file in files)
        {
            // As another program reads it, without asking for the lock.
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[RandomAccess.GetLength(handle)];
            RandomAccess.Read(handle, bytes, 0);
            Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)) < 0, file);
            Assert.True(bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(Secret)) < 0, file);
        }
    }

    private sealed class Lines(List<string> lines) : ILogger<Tracker>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines) lines.Add($"{formatter(state, exception)} {exception}");
        }
    }
}
