using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mlops.Models;
using Mlops.Pipelines;
using Mlops.State;
using Mlops.Testing;
using Mlops.Triggers;

namespace Mlops.Monitoring.Tests;

public sealed class MonitoringBuilderTests
{
    private readonly ManualTimeProvider _time = new(PredictionFeed.Start);

    private CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddMonitoring_ModelGetsWorse_RunsThePipeline()
    {
        var causes = new List<TriggerCause>();
        var pipeline = new DelegatePipeline("retrain", (cause, _) =>
        {
            causes.Add(cause);
            return Task.CompletedTask;
        });
        await using var provider = Build(services => services.AddMlops().AddMonitoring(m => m
            .AddModel("ridership", w =>
            {
                w.MinimumLabels = 10;
                w.Rules.Add(AlertRule.PerformanceDegraded("rmse", 1.2));
            })
            .OnAlert("ridership", new PipelineTrigger(pipeline, new InMemoryStateStore(_time), null, _time))));

        var monitor = provider.GetRequiredKeyedService<ModelMonitor>("ridership");
        Assert.Same(monitor, Assert.Single(provider.GetServices<IPredictionObserver>()));
        monitor.SetReference(PredictionFeed.CreateReference(), "1", PredictionFeed.Validation(1));
        var loop = provider.GetRequiredService<MonitoringLoop>();
        var feed = new PredictionFeed();
        for (var day = 0; day < 20; day++)
            monitor.RecordLabel(feed.Predict(monitor, PredictionFeed.Start.AddDays(day), prediction: 10), 10 + (day < 10 ? 1 : 3), PredictionFeed.Start.AddDays(day));
        await loop.EvaluateAsync(PredictionFeed.Start.AddDays(9), Token);
        Assert.Empty(causes);
        var snapshots = await loop.EvaluateAsync(PredictionFeed.Start.AddDays(19), Token);
        Assert.Equal(AlertRuleState.Firing, Assert.Single(Assert.Single(snapshots).Rules).State);
        Assert.Contains("rmse", Assert.Single(causes).Description);
        Assert.Single(provider.GetRequiredKeyedService<AlertEngine>("ridership").ActiveAlerts);
    }

    [Fact]
    public async Task AddMonitoring_RunOfTheFirstAlertFails_IsTriedAgain()
    {
        var runs = 0;
        var pipeline = new DelegatePipeline("retrain", (_, _) => runs++ == 0 ? throw new InvalidOperationException("No data today.") : Task.CompletedTask);
        await using var provider = Build(services => services.AddMlops().AddMonitoring(m => m
            .AddModel("ridership", w => w.Rules.Add(new AlertRule("always", AlertSeverity.Warning, _ => (AlertRuleState.Firing, "It fires."))))
            .OnAlert("ridership", new PipelineTrigger(pipeline, new InMemoryStateStore(_time), null, _time))));
        var loop = provider.GetRequiredService<MonitoringLoop>();
        for (var hour = 0; hour <= 36; hour += 6) await loop.EvaluateAsync(PredictionFeed.Start.AddHours(hour), Token);
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task AddModel_Twice_AddsOneMonitorWithBothSettings()
    {
        await using var provider = Build(services =>
        {
            services.AddMlops().AddMonitoring(m => m.AddModel("a", w => w.MinimumRows = 7));
            services.AddMlops().AddMonitoring(m => m.AddModel("a", w => w.MinimumLabels = 8).AddModel("b"));
        });
        Assert.Equal(2, provider.GetServices<IPredictionObserver>().Count());
        Assert.Equal(2, provider.GetServices<MonitoredModel>().Count());
        var options = provider.GetRequiredService<IOptionsMonitor<ModelMonitorOptions>>().Get("a");
        Assert.Equal((7, 8), (options.MinimumRows, options.MinimumLabels));
    }

    [Fact]
    public async Task AddModel_WrongOption_SaysWhich()
    {
        await using var provider = Build(services => services.AddMlops().AddMonitoring(m => m.AddModel("a", w => w.Capacity = 0)));
        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredKeyedService<ModelMonitor>("a"));
        Assert.Contains("Capacity", exception.Message);
    }

    [Fact]
    public async Task RunAsync_Loop_EvaluatesAtEachInterval()
    {
        var monitor = new ModelMonitor("ridership", new ModelMonitorOptions { EvaluationInterval = TimeSpan.FromMinutes(10), Rules = { Counting(out var evaluations) } }, _time);
        var loop = new MonitoringLoop([new MonitoredModel(monitor, new AlertEngine([], null, _time))], _time);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = loop.RunAsync(cancellation.Token);
        for (var i = 1; i <= 3; i++)
        {
            // The rule of the second evaluation throws; the loop goes on.
            while (evaluations.Count < i)
            {
                _time.Advance(TimeSpan.FromMinutes(10));
                await Task.Yield();
            }
        }

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.All(evaluations.Zip(evaluations.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMinutes(10)));
    }

    private static AlertRule Counting(out List<DateTimeOffset> evaluations)
    {
        var times = evaluations = [];
        return new AlertRule("counting", AlertSeverity.Information, snapshot =>
        {
            times.Add(snapshot.EvaluatedAt);
            return times.Count == 2 ? throw new InvalidOperationException("A rule of the host fails.") : (AlertRuleState.Quiet, "");
        });
    }

    private ServiceProvider Build(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        configure(services);
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }
}
