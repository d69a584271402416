namespace Mlops.Tracking.Tests;

/// <summary>How runs end whose body is given as a function.</summary>
public sealed class RunBodyTests
{
    private readonly FaultyStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_TimeLimitOfTheBody_HasFailed()
    {
        await using var tracker = _store.NewTracker();
        Run? seen = null;
        await Assert.ThrowsAsync<TaskCanceledException>(() => tracker.RunAsync(
            "e",
            run =>
            {
                seen = run;
                throw new TaskCanceledException("The request timed out.");
            },
            cancellationToken: Token));
        var found = await tracker.GetRunAsync(seen!.Id, Token);
        Assert.Equal((RunStatus.Failed, "TaskCanceledException: The request timed out."), (found.Status, found.Tags[RunTags.Error]));
    }

    [Fact]
    public async Task RunAsync_CancelledByTheCaller_IsKilled()
    {
        await using var tracker = _store.NewTracker();
        using var cancelling = new CancellationTokenSource();
        Run? seen = null;
        await Assert.ThrowsAsync<OperationCanceledException>(() => tracker.RunAsync(
            "e",
            async run =>
            {
                seen = run;
                await cancelling.CancelAsync();
                cancelling.Token.ThrowIfCancellationRequested();
            },
            cancellationToken: cancelling.Token));
        Assert.Equal(RunStatus.Killed, (await tracker.GetRunAsync(seen!.Id, Token)).Status);
    }

    [Fact]
    public async Task RunAsync_CancelledAfterTheBodySucceeded_HasFinished()
    {
        await using var tracker = _store.NewTracker();
        using var cancelling = new CancellationTokenSource();
        var done = await tracker.RunAsync(
            "e",
            async run =>
            {
                run.LogMetric("m", 1);
                await cancelling.CancelAsync();
            },
            cancellationToken: cancelling.Token);
        Assert.Equal((RunStatus.Finished, 1.0, false), (done.Status, done.Metrics["m"].Value, done.Tags.ContainsKey(RunTags.Error)));
    }
}
