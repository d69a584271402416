using System.Text;
using Mlops.Models;

namespace Mlops.Tracking.Tests;

public sealed class RunUriExtensionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-runs-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task OpenReadAsync_DownloadDirectoryAsync_AddressOfARun_ReadsWhatItStored()
    {
        await using var backend = TrackingBackend.InMemory();
        await using var tracker = new Tracker(backend);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        await run.LogTextAsync("notes/a.txt", "größer", Token);
        await run.LogTextAsync("b.txt", "b", Token);

        await using (var content = await backend.Artifacts.OpenReadAsync(RunUri.Parse($"runs:/{run.Id}/notes/a.txt"), Token))
        using (var reader = new StreamReader(content, Encoding.UTF8)) Assert.Equal("größer", await reader.ReadToEndAsync(Token));
        Assert.Equal(2, await backend.Artifacts.ListAsync(RunUri.Of(run.Id), Token).CountAsync(Token));
        await backend.Artifacts.DownloadDirectoryAsync(RunUri.Of(run.Id, "notes"), _folder, Token);
        Assert.Equal("größer", await File.ReadAllTextAsync(Path.Combine(_folder, "a.txt"), Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => backend.Artifacts.OpenReadAsync(RunUri.Of(run.Id, "absent"), Token));
    }

    [Fact]
    public async Task RegisterVersionAsync_AddressOfARun_IsRegisteredWithDigestAndLineage()
    {
        await using var backend = TrackingBackend.InMemory();
        await using var tracker = new Tracker(backend);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var manifest = await run.LogTextAsync($"model/{ModelFiles.Manifest}", "{}", Token);
        var uri = RunUri.Parse($"runs:/{run.Id}/model");

        var version = await backend.Registry.RegisterVersionAsync("m", uri, backend.Artifacts, Token);

        Assert.Equal((1, $"runs/{run.Id}/model", manifest.Digest, run.Id), (version.Version, version.Source, version.Digest, version.Lineage.RunId));
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(() => backend.Registry.RegisterVersionAsync("m", RunUri.Of(run.Id), backend.Artifacts, Token));
        Assert.Contains(ModelFiles.Manifest, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartChildRunAsync_ExperimentRenamedMeanwhile_StaysWithItsParent()
    {
        await using var backend = TrackingBackend.InMemory();
        await using var inner = new Tracker(backend);
        await using var parent = await inner.StartRunAsync("before", null, Token);
        var tracker = new Renaming(inner);

        await using var child = await tracker.StartChildRunAsync(parent, null, Token);
        var part = await tracker.RunAsync(parent, _ => Task.CompletedTask, null, Token);

        Assert.Equal((parent.ExperimentId, parent.ExperimentId), (child.ExperimentId, part.ExperimentId));
        Assert.Single((await inner.Experiments.SearchExperimentsAsync(new ExperimentQuery(), Token)).Items);
    }

    [Fact]
    public async Task StartRunAsync_ExperimentId_FindsItOrThrows()
    {
        await using var backend = TrackingBackend.InMemory();
        await using var tracker = new Tracker(backend);
        var experiment = await tracker.Experiments.CreateExperimentAsync("e", null, Token);
        var options = new StartRunOptions { ExperimentId = experiment.Id };
        await using (var run = await tracker.StartRunAsync("another name", options, Token)) Assert.Equal(experiment.Id, run.ExperimentId);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => tracker.StartRunAsync("e", options with { ExperimentId = "4711" }, Token));
        await tracker.Experiments.SetExperimentStageAsync(experiment.Id, LifecycleStage.Deleted, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => tracker.StartRunAsync("e", options, Token));
        Assert.Null(await tracker.Experiments.FindExperimentAsync("another name", Token));
    }

    // Renames the experiment of a run between the look at it and the start.
    private sealed class Renaming(Tracker inner) : ITracker
    {
        private int _count;

        public IExperimentStore Experiments => inner.Experiments;

        public IRunStore Runs => inner.Runs;

        public IMetricAppender Metrics => inner.Metrics;

        public async Task<Run> StartRunAsync(string experiment, StartRunOptions? options = null, CancellationToken cancellationToken = default)
        {
            var found = (await inner.Experiments.FindExperimentAsync(experiment, cancellationToken))!;
            await inner.Experiments.UpdateExperimentAsync(found.Id, new ExperimentChanges { Name = $"after {++_count}" }, cancellationToken);
            return await inner.StartRunAsync(experiment, options, cancellationToken);
        }

        public Task<Run> ResumeRunAsync(string runId, CancellationToken cancellationToken = default) => inner.ResumeRunAsync(runId, cancellationToken);
    }
}
