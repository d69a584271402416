using Mlops.Pipelines;
using Mlops.State;
using Mlops.Testing;
using Mlops.Tests;
using Mlops.Triggers;

namespace Mlops.Core.Tests.Triggers;

public sealed class PipelineTriggerConformanceTests : TriggerConformance
{
    protected override ITrigger CreateTrigger(IPipeline pipeline, IStateStore store, TimeProvider timeProvider, TimeSpan cooldown)
        => new PipelineTrigger(pipeline, store, new PipelineTriggerOptions { Cooldown = cooldown }, timeProvider);
}

public sealed class PipelineTriggerTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(3);
    private readonly ManualTimeProvider _time = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FireAsync_RunLongerThanLease_RenewsIt()
    {
        var store = new InMemoryStateStore(_time);
        var run = CreateTrigger(store).FireAsync(Cause("a"), Token);
        await _started.Task.WaitAsync(Token);
        for (var minute = 0; minute < 30; minute++) _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TriggerOutcome.Busy, await CreateTrigger(store).FireAsync(Cause("b"), Token));
        _gate.SetResult();
        Assert.Equal(TriggerOutcome.Ran, await run);
    }

    [Fact]
    public async Task FireAsync_HostDied_AnotherTakesOverWhenTheLeaseIsOver()
    {
        var store = new InMemoryStateStore(_time);
        Assert.NotNull(await store.TryAcquireLeaseAsync("triggers/retrain/run", s_lease, Token));
        _gate.SetResult();
        Assert.Equal(TriggerOutcome.Busy, await CreateTrigger(store).FireAsync(Cause("a"), Token));
        _time.Advance(s_lease);
        Assert.Equal(TriggerOutcome.Ran, await CreateTrigger(store).FireAsync(Cause("a"), Token));
    }

    [Fact]
    public async Task FireAsync_LeaseLost_CancelsTheRunAndFails()
    {
        var store = new ForgetfulStore(new InMemoryStateStore(_time));
        var run = CreateTrigger(store).FireAsync(Cause("a"), Token);
        await _started.Task.WaitAsync(Token);
        store.LosesLeases = true;
        _time.Advance(s_lease);
        Assert.Equal(TriggerOutcome.Failed, await run.WaitAsync(Token));
    }

    [Fact]
    public async Task FireAsync_CooldownAfterLongRun_CountsFromItsEnd()
    {
        var store = new InMemoryStateStore(_time);
        var run = CreateTrigger(store, TimeSpan.FromMinutes(10)).FireAsync(Cause("a"), Token);
        await _started.Task.WaitAsync(Token);
        for (var minute = 0; minute < 30; minute++) _time.Advance(TimeSpan.FromMinutes(1));
        _gate.SetResult();
        await run;
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(TriggerOutcome.CoolingDown, await CreateTrigger(store, TimeSpan.FromMinutes(10)).FireAsync(Cause("b"), Token));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TriggerOutcome.Ran, await CreateTrigger(store, TimeSpan.FromMinutes(10)).FireAsync(Cause("b"), Token));
    }

    [Fact]
    public async Task FireAsync_CausesOfLongAgo_AreForgotten()
    {
        var store = new InMemoryStateStore(_time);
        _gate.SetResult();
        await CreateTrigger(store).FireAsync(Cause("a"), Token);
        _time.Advance(TimeSpan.FromDays(60));
        await CreateTrigger(store).FireAsync(Cause("b"), Token);
        Assert.Equal(TriggerOutcome.AlreadyHandled, await CreateTrigger(store).FireAsync(Cause("a"), Token));
        _time.Advance(TimeSpan.FromDays(60));
        await CreateTrigger(store).FireAsync(Cause("c"), Token);
        var kept = new List<string>();
        await foreach (var entry in store.ListAsync("triggers/retrain/causes/", Token)) kept.Add(entry.Key[^1..]);
        Assert.Equal(["b", "c"], kept);
    }

    [Fact]
    public async Task FireAsync_EveryOutcome_IsCountedWithItsTriggerAndModel()
    {
        using var measured = new RecordedMeasurements();
        var fails = false;
        var pipeline = new DelegatePipeline("retrain", async (_, cancellationToken) =>
        {
            if (fails) throw new InvalidOperationException("no");
            _started.TrySetResult();
            await _gate.Task.WaitAsync(cancellationToken);
        });
        var trigger = new PipelineTrigger(pipeline, new InMemoryStateStore(_time), new PipelineTriggerOptions { LeaseDuration = s_lease, Cooldown = TimeSpan.FromHours(1) }, _time, null, measured);
        var run = trigger.FireAsync(Cause("a") with { ModelName = "rides" }, Token);
        await _started.Task.WaitAsync(Token);
        await trigger.FireAsync(Cause("b"), Token);
        _gate.SetResult();
        await run;
        await trigger.FireAsync(Cause("a"), Token);
        await trigger.FireAsync(Cause("c"), Token);
        _time.Advance(TimeSpan.FromHours(2));
        fails = true;
        await trigger.FireAsync(Cause("d"), Token);

        Assert.Equal(
            [
                "mlops.trigger.fired {event} mlops.trigger.name=retrain mlops.trigger.outcome=busy",
                "mlops.trigger.fired {event} mlops.model.name=rides mlops.trigger.name=retrain mlops.trigger.outcome=ran",
                "mlops.trigger.fired {event} mlops.trigger.name=retrain mlops.trigger.outcome=already_handled",
                "mlops.trigger.fired {event} mlops.trigger.name=retrain mlops.trigger.outcome=cooling_down",
                "mlops.trigger.fired {event} mlops.trigger.name=retrain mlops.trigger.outcome=failed",
            ],
            measured.Described);
        Assert.All(measured.ValuesOf("mlops.trigger.fired"), value => Assert.Equal(1, value));
    }

    [Fact]
    public void Constructor_LeaseOfNoDuration_Throws()
        => Assert.Throws<ArgumentOutOfRangeException>(() => new PipelineTrigger(
            new DelegatePipeline("retrain", (_, _) => Task.CompletedTask), new InMemoryStateStore(), new PipelineTriggerOptions { LeaseDuration = TimeSpan.Zero }));

    private static TriggerCause Cause(string id) => new(id, "call", "A test asks for it.", DateTimeOffset.UnixEpoch);

    private PipelineTrigger CreateTrigger(IStateStore store, TimeSpan cooldown = default) => new(
        new DelegatePipeline("retrain", async (_, cancellationToken) =>
        {
            _started.TrySetResult();
            await _gate.Task.WaitAsync(cancellationToken);
        }),
        store,
        new PipelineTriggerOptions { LeaseDuration = s_lease, Cooldown = cooldown },
        _time);

    /// <summary>A store whose leases can be taken away, as after a pause of the whole host.</summary>
    private sealed class ForgetfulStore(IStateStore inner) : IStateStore
    {
        public bool LosesLeases { get; set; }

        public Task<StateEntry?> GetAsync(string key, CancellationToken cancellationToken = default) => inner.GetAsync(key, cancellationToken);

        public Task<bool> CompareAndSetAsync(string key, ReadOnlyMemory<byte>? value, string? expectedETag, CancellationToken cancellationToken = default)
            => inner.CompareAndSetAsync(key, value, expectedETag, cancellationToken);

        public async Task<IStateLease?> TryAcquireLeaseAsync(string key, TimeSpan duration, CancellationToken cancellationToken = default)
            => await inner.TryAcquireLeaseAsync(key, duration, cancellationToken) is { } lease ? new ForgetfulLease(this, lease) : null;

        public IAsyncEnumerable<StateEntry> ListAsync(string prefix, CancellationToken cancellationToken = default) => inner.ListAsync(prefix, cancellationToken);

        private sealed class ForgetfulLease(ForgetfulStore store, IStateLease inner) : IStateLease
        {
            public string Key => inner.Key;

            public DateTimeOffset ExpiresAt => inner.ExpiresAt;

            public Task<bool> RenewAsync(CancellationToken cancellationToken = default)
                => store.LosesLeases ? Task.FromResult(false) : inner.RenewAsync(cancellationToken);

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
