using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mlops.Tracking.Tests;

/// <summary>The least that options may be is allowed, and what is less is told by the name of the option, before anything runs.</summary>
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
