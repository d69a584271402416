using Mlops.Pipelines;
using Mlops.State;
using Mlops.Triggers;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every trigger of a pipeline keeps to: one run for a cause, one run at a time, a pause after it.</summary>
public abstract class TriggerConformance
{
    private static readonly TimeSpan s_cooldown = TimeSpan.FromHours(1);

    private CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Creates a trigger.</summary>
    /// <param name="pipeline">The pipeline that it runs.</param>
    /// <param name="store">Where it keeps what it knows; two triggers of one store stand for two hosts.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cooldown">The pause after a run; zero for none.</param>
    /// <returns>The trigger.</returns>
    protected abstract ITrigger CreateTrigger(IPipeline pipeline, IStateStore store, TimeProvider timeProvider, TimeSpan cooldown);

    /// <summary>A cause runs the pipeline once, also when it is fired on another host.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task FireAsync_SameCauseAgain_RunsOnce()
    {
        var host = new Host(this);
        Assert.Equal(TriggerOutcome.Ran, await host.Create().FireAsync(Cause("a"), Token));
        Assert.Equal(TriggerOutcome.AlreadyHandled, await host.Create().FireAsync(Cause("a"), Token));
        Assert.Equal(TriggerOutcome.Ran, await host.Create().FireAsync(Cause("b"), Token));
        Assert.Equal(["a", "b"], host.Runs);
    }

    /// <summary>Of eight hosts that fire one cause at the same time, one runs.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task FireAsync_SameCauseConcurrently_RunsOnce()
    {
        var host = new Host(this);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => host.Create().FireAsync(Cause("a"), Token), Token)));
        Assert.Single(outcomes, outcome => outcome == TriggerOutcome.Ran);
        Assert.All(outcomes, outcome => Assert.True(outcome is TriggerOutcome.Ran or TriggerOutcome.Busy or TriggerOutcome.AlreadyHandled, outcome.ToString()));
        Assert.Single(host.Runs);
    }

    /// <summary>While one cause runs, seven others are turned away, and may come again afterwards.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task FireAsync_OtherCausesWhileRunning_AreBusy()
    {
        var host = new Host(this) { Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        var first = host.Create().FireAsync(Cause("0"), Token);
        await host.Started.Task.WaitAsync(Token);
        var others = await Task.WhenAll(Enumerable.Range(1, 7).Select(i => Task.Run(() => host.Create().FireAsync(Cause($"{i}"), Token), Token)));
        Assert.All(others, outcome => Assert.Equal(TriggerOutcome.Busy, outcome));
        host.Gate.SetResult();
        Assert.Equal(TriggerOutcome.Ran, await first);
        Assert.Equal(TriggerOutcome.Ran, await host.Create().FireAsync(Cause("1"), Token));
        Assert.Equal(["0", "1"], host.Runs);
    }

    /// <summary>After a run, other causes wait until the pause is over.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task FireAsync_WithinCooldown_IsTurnedAway()
    {
        var host = new Host(this) { Cooldown = s_cooldown };
        Assert.Equal(TriggerOutcome.Ran, await host.Create().FireAsync(Cause("a"), Token));
        host.Time.Advance(s_cooldown - TimeSpan.FromSeconds(1));
        Assert.Equal(TriggerOutcome.CoolingDown, await host.Create().FireAsync(Cause("b"), Token));
        Assert.Equal(TriggerOutcome.AlreadyHandled, await host.Create().FireAsync(Cause("a"), Token));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TriggerOutcome.Ran, await host.Create().FireAsync(Cause("b"), Token));
    }

    /// <summary>A pipeline that fails is an outcome; its cause had its run, and the pause counts.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task FireAsync_PipelineFails_SaysSo()
    {
        var host = new Host(this) { Cooldown = s_cooldown, Error = new InvalidOperationException("No data today.") };
        Assert.Equal(TriggerOutcome.Failed, await host.Create().FireAsync(Cause("a"), Token));
        Assert.Equal(TriggerOutcome.AlreadyHandled, await host.Create().FireAsync(Cause("a"), Token));
        Assert.Equal(TriggerOutcome.CoolingDown, await host.Create().FireAsync(Cause("b"), Token));
    }

    /// <summary>Cancellation passes through, and the next cause can run.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task FireAsync_Cancelled_ThrowsAndLetsTheNextRun()
    {
        var host = new Host(this) { Gate = new TaskCompletionSource() };
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var run = host.Create().FireAsync(Cause("a"), cancellation.Token);
        await host.Started.Task.WaitAsync(Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        host.Gate = null;
        Assert.Equal(TriggerOutcome.Ran, await host.Create().FireAsync(Cause("b"), Token));
    }

    /// <summary>The pipeline is given its cause.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task FireAsync_Cause_ReachesThePipeline()
    {
        TriggerCause? seen = null;
        var pipeline = new DelegatePipeline("retrain", (cause, _) =>
        {
            seen = cause;
            return Task.CompletedTask;
        });
        var time = new ManualTimeProvider();
        var cause = Cause("a") with { ModelName = "ridership" };
        await CreateTrigger(pipeline, new InMemoryStateStore(time), time, TimeSpan.Zero).FireAsync(cause, Token);
        Assert.Same(cause, seen);
    }

    private static TriggerCause Cause(string id) => new(id, "call", "A test asks for it.", new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private sealed class Host(TriggerConformance suite)
    {
        private readonly List<string> _runs = [];
        private InMemoryStateStore? _store;

        public ManualTimeProvider Time { get; } = new();

        public TimeSpan Cooldown { get; init; }

        public Exception? Error { get; init; }

        public TaskCompletionSource? Gate { get; set; }

        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<string> Runs
        {
            get
            {
                lock (_runs) return [.. _runs];
            }
        }

        public ITrigger Create()
        {
            var store = LazyInitializer.EnsureInitialized(ref _store, () => new InMemoryStateStore(Time));
            return suite.CreateTrigger(new DelegatePipeline("retrain", RunAsync), store, Time, Cooldown);
        }

        private async Task RunAsync(TriggerCause cause, CancellationToken cancellationToken)
        {
            lock (_runs) _runs.Add(cause.Id);
            Started.TrySetResult();
            if (Gate is { } gate) await gate.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (Error is not null) throw Error;
        }
    }
}
