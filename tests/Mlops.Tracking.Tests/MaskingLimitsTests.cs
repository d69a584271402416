using Microsoft.Extensions.DependencyInjection;

namespace Mlops.Tracking.Tests;

/// <summary>What is too long is refused as it was given, before anybody looks for secrets in it, which takes longer the longer it is.</summary>
public sealed class MaskingLimitsTests : IAsyncDisposable
{
    // Masked it would be short enough.
    private static readonly string s_long = "password=" + new string('x', 10_000_000);

    private readonly ServiceProvider _provider;

    public MaskingLimitsTests()
    {
        var services = new ServiceCollection();
        services.AddMlops().AddTracking(tracking => tracking.UseInMemory().Configure(options => (options.CaptureEnvironment, options.Spool.IsEnabled) = (false, false)));
        _provider = services.BuildServiceProvider();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task ModelRegistry_TextTooLong_IsRefusedAsItWasGiven()
    {
        var registry = _provider.GetRequiredService<IModelRegistry>();
        var version = new NewModelVersion("s3://bucket/model", new string('a', 64));
        await registry.RegisterVersionAsync("m", version, Token);
        var tags = new Dictionary<string, string> { ["t"] = s_long };
        await RefusesAsync(() => registry.CreateModelAsync("n", s_long, null, Token));
        await RefusesAsync(() => registry.CreateModelAsync("n", "", tags, Token));
        await RefusesAsync(() => registry.UpdateModelAsync("m", new RegisteredModelChanges { Description = s_long }, Token));
        await RefusesAsync(() => registry.UpdateModelAsync("m", new RegisteredModelChanges { Tags = [.. tags] }, Token));
        await RefusesAsync(() => registry.RegisterVersionAsync("m", version with { Description = s_long }, Token));
        await RefusesAsync(() => registry.RegisterVersionAsync("m", version with { Tags = tags }, Token));
        await RefusesAsync(() => registry.RegisterVersionAsync("m", version with { Lineage = new Lineage(null, s_long, null) }, Token));
        await RefusesAsync(() => registry.RegisterVersionAsync("m", version with { Source = "s3://" + s_long }, Token), length: s_long.Length + 5);
        await RefusesAsync(() => registry.UpdateVersionAsync("m", 1, new ModelVersionChanges { Description = s_long }, Token));
        await RefusesAsync(() => registry.UpdateVersionAsync("m", 1, new ModelVersionChanges { Tags = [.. tags] }, Token));
        // What a secret makes longer than it looks is stored as it is masked.
        Assert.Equal("password=***", (await registry.UpdateModelAsync("m", new RegisteredModelChanges { Description = "password=hunter2" }, Token)).Description);
    }

    [Fact]
    public async Task ExperimentStore_TextTooLong_IsRefusedAsItWasGiven()
    {
        var experiments = _provider.GetRequiredService<ITracker>().Experiments;
        var experiment = await experiments.CreateExperimentAsync("e", null, Token);
        await RefusesAsync(() => experiments.CreateExperimentAsync(s_long, null, Token));
        await RefusesAsync(() => experiments.CreateExperimentAsync("f", new Dictionary<string, string> { ["t"] = s_long }, Token));
        await RefusesAsync(() => experiments.UpdateExperimentAsync(experiment.Id, new ExperimentChanges { Name = s_long }, Token));
        await RefusesAsync(() => experiments.UpdateExperimentAsync(experiment.Id, new ExperimentChanges { Tags = [new("t", s_long)] }, Token));
    }

    [Fact]
    public async Task Run_TextTooLong_IsRefusedAsItWasGiven()
    {
        var tracker = _provider.GetRequiredService<ITracker>();
        await RefusesAsync(() => tracker.StartRunAsync("e", new StartRunOptions { Name = s_long }, Token));
        await RefusesAsync(() => tracker.StartRunAsync("e", new StartRunOptions { Tags = new Dictionary<string, string> { ["t"] = s_long } }, Token));
        await using var run = await tracker.StartRunAsync("e", null, Token);
        foreach (var log in new Action<string>[] { text => run.LogParam("p", text), text => run.LogParam(text, "1"), text => run.SetTag("t", text), text => run.SetTag(text, "1"), run.SetNote, run.SetName })
            await RefusesAsync(() => Task.Run(() => log(s_long), Token));
        await RefusesAsync(() => tracker.Runs.UpdateRunAsync(run.Id, new RunChanges { Tags = [new(RunTags.Note, s_long)] }, Token));
        await run.CompleteAsync(cancellationToken: Token);
    }

    private static async Task RefusesAsync(Func<Task> write, int? length = null)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(write);
        Assert.Contains($"has {length ?? s_long.Length}", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 0, 1000);
    }
}
