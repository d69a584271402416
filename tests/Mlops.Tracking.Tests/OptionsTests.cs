using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mlops.Tracking.Tests;

/// <summary>The least and the most that options may be is allowed, and what is less or more is told by the name of the option, before anything runs.</summary>
public sealed class OptionsTests
{
    private static readonly TimeSpan s_millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);

    private static readonly Dictionary<string, (Action<TrackerOptions> Least, Action<TrackerOptions> Less)> s_tracker = new()
    {
        ["LeaseDuration"] = (options => options.LeaseDuration = 3 * s_millisecond, options => options.LeaseDuration = (3 * s_millisecond) - s_tick),
        ["BufferCapacity"] = (options => options.BufferCapacity = 1, options => options.BufferCapacity = 0),
        ["BufferBytes"] = (options => options.BufferBytes = 1, options => options.BufferBytes = 0),
        ["MaxBatchSize"] = (options => options.MaxBatchSize = 1, options => options.MaxBatchSize = 0),
        ["FlushInterval"] = (options => options.FlushInterval = s_millisecond, options => options.FlushInterval = s_millisecond - s_tick),
        ["RetryDuration"] = (options => options.RetryDuration = TimeSpan.Zero, options => options.RetryDuration = -s_tick),
        ["Spool.Directory"] = (options => options.Spool.Directory = null, options => options.Spool.Directory = " "),
        ["Spool.MaxBytes"] = (options => options.Spool.MaxBytes = 4096, options => options.Spool.MaxBytes = 4095),
        ["Spool.MaxRefusedBytes"] = (options => options.Spool.MaxRefusedBytes = 0, options => options.Spool.MaxRefusedBytes = -1),
        ["Spool.RetryInterval"] = (options => options.Spool.RetryInterval = s_millisecond, options => options.Spool.RetryInterval = s_millisecond - s_tick),
        ["Spool.DisposeTimeout"] = (options => options.Spool.DisposeTimeout = TimeSpan.Zero, options => options.Spool.DisposeTimeout = -s_tick),
        ["'--' cannot be the name of a secret"] = (options => options.Secrets.Names.Add("a"), options => options.Secrets.Names.Add("--")),
    };

    private static readonly Dictionary<string, (Action<RegistryOptions> Least, Action<RegistryOptions> Less)> s_registry = new()
    {
        ["PollInterval"] = (options => options.PollInterval = s_millisecond, options => options.PollInterval = TimeSpan.Zero),
        ["ChangeCheckInterval"] = (options => options.ChangeCheckInterval = s_millisecond, options => options.ChangeCheckInterval = TimeSpan.Zero),
        ["MaxCacheAge"] = (options => options.MaxCacheAge = TimeSpan.Zero, options => options.MaxCacheAge = -s_tick),
    };

    private static readonly Dictionary<string, Action<TrackerOptions, TimeSpan>> s_trackerTimers = new()
    {
        ["LeaseDuration"] = (options, value) => options.LeaseDuration = value,
        ["FlushInterval"] = (options, value) => options.FlushInterval = value,
        ["Spool.RetryInterval"] = (options, value) => options.Spool.RetryInterval = value,
        ["Spool.DisposeTimeout"] = (options, value) => options.Spool.DisposeTimeout = value,
    };

    private static readonly Dictionary<string, Action<RegistryOptions, TimeSpan>> s_registryTimers = new()
    {
        ["PollInterval"] = (options, value) => options.PollInterval = value,
        ["ChangeCheckInterval"] = (options, value) => options.ChangeCheckInterval = value,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> TrackerTimers => [.. s_trackerTimers.Keys];

    public static TheoryData<string> RegistryTimers => [.. s_registryTimers.Keys];

    public static TheoryData<string> OfTrackers => [.. s_tracker.Keys];

    public static TheoryData<string> OfRegistries => [.. s_registry.Keys];

    [Theory]
    [MemberData(nameof(OfTrackers))]
    public async Task AddTracking_TrackerOptionBelowItsLeast_IsToldBeforeTheFirstRun(string name)
    {
        var (least, less) = s_tracker[name];
        await using (var provider = Provide(tracking => tracking.Configure(least))) provider.GetRequiredService<IStartupValidator>().Validate();
        await using var wrong = Provide(tracking => tracking.Configure(less));
        AssertNamed<ITracker>(wrong, "TrackerOptions", name);
        Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(() => new Tracker(TrackingBackend.InMemory(), Set(less))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OfRegistries))]
    public async Task AddTracking_RegistryOptionBelowItsLeast_IsToldBeforeTheFirstWatch(string name)
    {
        var (least, less) = s_registry[name];
        await using (var provider = Provide(tracking => tracking.ConfigureRegistry(least))) provider.GetRequiredService<IStartupValidator>().Validate();
        await using var wrong = Provide(tracking => tracking.ConfigureRegistry(less));
        AssertNamed<IModelRegistry>(wrong, "RegistryOptions", name);
        Assert.Throws<ArgumentOutOfRangeException>(name, () => new InMemoryModelRegistry(Set(less)));
        Assert.Throws<ArgumentOutOfRangeException>(name, () => new CachedModelResolver(new InMemoryModelRegistry(), Set(less)));
    }

    [Theory]
    [MemberData(nameof(TrackerTimers))]
    public async Task AddTracking_TrackerOptionLongerThanTimersTake_IsToldBeforeTheFirstRun(string name)
    {
        var set = s_trackerTimers[name];
        foreach (var tooLong in new[] { TimeSpan.FromDays(49) + s_tick, TimeSpan.MaxValue })
        {
            await using var wrong = Provide(tracking => tracking.Configure(options => set(options, tooLong)));
            AssertNamed<ITracker>(wrong, "TrackerOptions", name);
            var error = Assert.Throws<ArgumentOutOfRangeException>(name, () => new Tracker(TrackingBackend.InMemory(), Set<TrackerOptions>(options => set(options, tooLong))));
            Assert.Contains("'49.00:00:00'", error.Message, StringComparison.Ordinal);
        }

        // The most is what works.
        var most = new TrackerOptions { CaptureEnvironment = false };
        set(most, TimeSpan.FromDays(49));
        await using var tracker = new Tracker(TrackingBackend.InMemory(), most);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        run.LogMetric("m", 1);
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Theory]
    [MemberData(nameof(RegistryTimers))]
    public async Task AddTracking_RegistryOptionLongerThanTimersTake_IsToldBeforeTheFirstWatch(string name)
    {
        var set = s_registryTimers[name];
        foreach (var tooLong in new[] { TimeSpan.FromDays(49) + s_tick, TimeSpan.MaxValue })
        {
            await using var wrong = Provide(tracking => tracking.ConfigureRegistry(options => set(options, tooLong)));
            AssertNamed<IModelRegistry>(wrong, "RegistryOptions", name);
            var error = Assert.Throws<ArgumentOutOfRangeException>(name, () => new InMemoryModelRegistry(Set<RegistryOptions>(options => set(options, tooLong))));
            Assert.Contains("'49.00:00:00'", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task StartRunAsync_SystemMetricsIntervalLongerThanTimersTake_IsToldBeforeTheRunIsMade()
    {
        await using var tracker = new Tracker(TrackingBackend.InMemory(), new TrackerOptions { CaptureEnvironment = false });
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => tracker.StartRunAsync("e", new StartRunOptions { SystemMetricsInterval = TimeSpan.MaxValue }, Token));
        Assert.Contains("SystemMetricsInterval is 10 milliseconds to 49 days", error.Message, StringComparison.Ordinal);
        Assert.Null(await tracker.Experiments.FindExperimentAsync("e", Token));
        await using var run = await tracker.StartRunAsync("e", new StartRunOptions { SystemMetricsInterval = TimeSpan.FromDays(49) }, Token);
        await run.CompleteAsync(cancellationToken: Token);
    }

    private static TOptions Set<TOptions>(Action<TOptions> configure)
        where TOptions : new()
    {
        var options = new TOptions();
        configure(options);
        return options;
    }

    private static void AssertNamed<TService>(ServiceProvider provider, string options, string name)
        where TService : notnull
    {
        foreach (var use in new Action[] { provider.GetRequiredService<IStartupValidator>().Validate, () => provider.GetRequiredService<TService>() })
        {
            var error = Assert.Throws<OptionsValidationException>(use);
            Assert.StartsWith($"{options}: {name}", error.Message, StringComparison.Ordinal);
        }
    }

    private static ServiceProvider Provide(Action<TrackingBuilder> configure)
    {
        var services = new ServiceCollection();
        // Twice, as packages do that build on tracking.
        services.AddMlops().AddTracking(tracking => configure(tracking.UseInMemory())).AddTracking();
        return services.BuildServiceProvider();
    }
}
