using Mlops.Pipelines;
using Mlops.State;
using Mlops.Testing;
using Mlops.Triggers;

namespace Mlops.Monitoring.Tests;

public sealed class AlertEngineTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Recorder _sink = new();

    private CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ProcessAsync_FiringLongEnough_RaisesOnce()
    {
        var engine = Create(new AlertOptions { RaiseAfter = 3 });
        await FeedAsync(engine, "FFQFFF");
        Assert.Single(_sink.Raised);
        Assert.Equal(_time.GetUtcNow(), _sink.Raised[0].RaisedAt);
        await FeedAsync(engine, "FFF");
        Assert.Single(_sink.Raised);
        Assert.Equal(_sink.Raised, engine.ActiveAlerts);
    }

    [Fact]
    public async Task ProcessAsync_QuietLongEnough_Resolves()
    {
        var engine = Create(new AlertOptions { ResolveAfter = 3 });
        await FeedAsync(engine, "FQQFQQUQ");
        Assert.Single(_sink.Resolved);
        Assert.Equal(_time.GetUtcNow(), _sink.Resolved[0].ResolvedAt);
        Assert.Equal(_sink.Raised[0].Id, _sink.Resolved[0].Id);
        Assert.Empty(engine.ActiveAlerts);
    }

    [Fact]
    public async Task ProcessAsync_Unknown_NeitherRaisesNorResolves()
    {
        var engine = Create(new AlertOptions { ResolveAfter = 1 });
        await FeedAsync(engine, "UUU");
        Assert.Empty(_sink.Raised);
        await FeedAsync(engine, "FUUU");
        Assert.Single(engine.ActiveAlerts);
    }

    [Fact]
    public async Task ProcessAsync_Cooldown_DelaysTheNextAlert()
    {
        // Snapshots are an hour apart.
        var engine = Create(new AlertOptions { ResolveAfter = 1, Cooldown = TimeSpan.FromHours(5) });
        await FeedAsync(engine, "FQFFF");
        Assert.Single(_sink.Raised);
        await FeedAsync(engine, "F");
        Assert.Equal(2, _sink.Raised.Count);
        Assert.NotEqual(_sink.Raised[0].Id, _sink.Raised[1].Id);
    }

    [Fact]
    public async Task ProcessAsync_RepeatAfter_RaisesAnew()
    {
        var engine = Create(new AlertOptions { RepeatAfter = TimeSpan.FromHours(3) });
        await FeedAsync(engine, "FFFFFFF");
        Assert.Equal(3, _sink.Raised.Count);
        Assert.Single(engine.ActiveAlerts);
    }

    [Fact]
    public async Task ProcessAsync_NewVersion_ResolvesAndCountsAnew()
    {
        var engine = Create(new AlertOptions { RaiseAfter = 2, Cooldown = TimeSpan.Zero });
        await FeedAsync(engine, "FF");
        await FeedAsync(engine, "F", version: "2");
        Assert.Contains("version 2 is judged now, and counting begins anew", Assert.Single(_sink.Resolved).Resolution, StringComparison.Ordinal);
        Assert.Single(_sink.Raised);
        await FeedAsync(engine, "F", version: "2");
        Assert.Equal("2", _sink.Raised[1].ModelVersion);
    }

    [Fact]
    public async Task ProcessAsync_NewVersionWithinTheCooldown_SaysWhenTheNextAlertMayCome()
    {
        var engine = Create(new AlertOptions());
        await FeedAsync(engine, "F");
        var next = _time.GetUtcNow() + TimeSpan.FromDays(1);
        await FeedAsync(engine, "F", version: "2");
        Assert.Contains($"before {next:O}", Assert.Single(_sink.Resolved).Resolution, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProcessAsync_SinkThrows_OthersAreTold()
    {
        var engine = new AlertEngine([new Thrower(), _sink], null, _time);
        await FeedAsync(engine, "F");
        Assert.Single(_sink.Raised);
    }

    [Fact]
    public async Task ProcessAsync_Cancelled_PassesItOn()
    {
        var engine = new AlertEngine([_sink], null, _time);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.ProcessAsync(Snapshot('F', "1"), new CancellationToken(true)));
    }

    [Fact]
    public async Task OnRaisedAsync_Trigger_RunsThePipelineOncePerAlert()
    {
        var causes = new List<TriggerCause>();
        var pipeline = new DelegatePipeline("retrain", (cause, _) =>
        {
            causes.Add(cause);
            return Task.CompletedTask;
        });
        var engine = new AlertEngine([new TriggerAlertSink(new PipelineTrigger(pipeline, new InMemoryStateStore(_time), null, _time)), _sink], new AlertOptions { ResolveAfter = 1, Cooldown = TimeSpan.Zero }, _time);
        await FeedAsync(engine, "FFQF");
        Assert.Equal(2, causes.Count);
        Assert.Equal(_sink.Raised.Select(alert => alert.Id), causes.Select(cause => cause.Id));
        Assert.All(causes, cause => Assert.Equal(("alert", "ridership"), (cause.Kind, cause.ModelName)));
    }

    [Fact]
    public async Task OnRaisedAsync_BelowSeverity_DoesNotFire()
    {
        var runs = 0;
        var pipeline = new DelegatePipeline("retrain", (_, _) => Task.FromResult(runs++));
        var sink = new TriggerAlertSink(new PipelineTrigger(pipeline, new InMemoryStateStore(_time), null, _time), AlertSeverity.Critical);
        var alert = new Alert("a", "rule", "ridership", "message", _time.GetUtcNow(), AlertSeverity.Warning);
        await sink.OnRaisedAsync(alert, Token);
        Assert.Equal(0, runs);
        await sink.OnRaisedAsync(alert with { Severity = AlertSeverity.Critical }, Token);
        Assert.Equal(1, runs);
    }

    private AlertEngine Create(AlertOptions options) => new([_sink], options, _time);

    private async Task FeedAsync(AlertEngine engine, string states, string version = "1")
    {
        foreach (var state in states)
        {
            _time.Advance(TimeSpan.FromHours(1));
            await engine.ProcessAsync(Snapshot(state, version), Token);
        }
    }

    private MonitorSnapshot Snapshot(char state, string version) => new("ridership", _time.GetUtcNow())
    {
        ModelVersion = version,
        Rules = [new AlertRuleResult("rule", state switch { 'F' => AlertRuleState.Firing, 'Q' => AlertRuleState.Quiet, _ => AlertRuleState.Unknown }, "message", AlertSeverity.Warning)],
    };

    private sealed class Recorder : IAlertSink
    {
        public List<Alert> Raised { get; } = [];

        public List<Alert> Resolved { get; } = [];

        public Task OnRaisedAsync(Alert alert, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Raised.Add(alert);
            return Task.CompletedTask;
        }

        public Task OnResolvedAsync(Alert alert, CancellationToken cancellationToken = default)
        {
            Resolved.Add(alert);
            return Task.CompletedTask;
        }
    }

    private sealed class Thrower : IAlertSink
    {
        public Task OnRaisedAsync(Alert alert, CancellationToken cancellationToken = default) => throw new InvalidOperationException("The mail server is down.");

        public Task OnResolvedAsync(Alert alert, CancellationToken cancellationToken = default) => throw new InvalidOperationException("The mail server is down.");
    }
}
