using System.Reflection;

namespace Mlops.Serving.Tests;

/// <summary>What timers cannot wait for is refused when it is set, not when a timer is to wait for it.</summary>
public sealed class DurationOptionTests
{
    /// <summary>Durations that no timer is given: they are compared with what has passed.</summary>
    private static readonly string[] s_compared =
    [
        "BatchingOptions.HangTimeout", "BatchingOptions.LatencyObjective", "ModelHostOptions.HangTimeout", "ModelLoaderOptions.CacheRetention", "ProbationOptions.MaxDuration", "ProbationOptions.MaxLatency",
    ];

    private static readonly string[] s_unlimited =
    [
        "HostedModelOptions.LoadTimeout", "ModelHostOptions.DrainTimeout", "ModelHostOptions.LoadTimeout", "PayloadLogOptions.RollInterval",
        "ProcessPredictorOptions.ShutdownTimeout", "ProcessPredictorOptions.StartTimeout", "ProcessPredictorOptions.Timeout",
    ];

    private static readonly string[] s_zero =
    [
        "ModelHostOptions.DrainTimeout", "ProcessPredictorOptions.MaxRestartDelay", "ProcessPredictorOptions.RestartDelay", "ProcessPredictorOptions.ShutdownTimeout",
    ];

    public static TheoryData<string> Waited => [.. FindDurations().Except(s_compared)];

    [Fact]
    public void Durations_AreAllLookedAt() => Assert.Empty(s_compared.Union(s_unlimited).Union(s_zero).Except(FindDurations()));

    [Theory]
    [MemberData(nameof(Waited))]
    public void Validate_WaitedFor_IsWhatTimersTake(string option)
    {
        Assert.Null(Set(option, TimeSpan.FromDays(49)));
        Assert.Null(Set(option, TimeSpan.FromMilliseconds(1)));
        Assert.Equal(s_zero.Contains(option), Set(option, TimeSpan.Zero) is null);
        Assert.Equal(s_unlimited.Contains(option), Set(option, Timeout.InfiniteTimeSpan) is null);
        foreach (var wrong in new[] { TimeSpan.FromDays(50), TimeSpan.MaxValue, TimeSpan.MinValue, TimeSpan.FromTicks(1) })
        {
            var error = Assert.IsType<ArgumentOutOfRangeException>(Set(option, wrong));
            var name = option.Split('.')[1];
            Assert.Equal((name, wrong), (error.ParamName, error.ActualValue));
            Assert.StartsWith($"{name} is from 1 millisecond", error.Message, StringComparison.Ordinal);
            Assert.Contains("to 49 days", error.Message, StringComparison.Ordinal);
            Assert.Equal(s_unlimited.Contains(option), error.Message.Contains("Timeout.InfiniteTimeSpan", StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> FindDurations() => typeof(ModelHostOptions).Assembly.GetExportedTypes()
        .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal))
        .SelectMany(type => type.GetProperties().Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(TimeSpan)).Select(property => $"{type.Name}.{property.Name}"));

    /// <summary>Sets an option, and others that must not be less to the most.</summary>
    private static Exception? Set(string option, TimeSpan value)
    {
        var (type, name) = (option.Split('.')[0], option.Split('.')[1]);
        object options = type switch
        {
            nameof(HostedModelOptions) => new HostedModelOptions(),
            nameof(ModelHostOptions) => new ModelHostOptions { RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetryDelay = TimeSpan.FromDays(49) },
            nameof(PayloadLogOptions) => new PayloadLogOptions(),
            nameof(ProbationOptions) => new ProbationOptions { MaxDuration = TimeSpan.MaxValue },
            nameof(ProcessPredictorOptions) => new ProcessPredictorOptions { FileName = "program", RestartDelay = TimeSpan.Zero, MaxRestartDelay = TimeSpan.FromDays(49) },
            nameof(DirectorySourceOptions) => new DirectorySourceOptions(),
            _ => throw new InvalidOperationException($"How is {type} checked?"),
        };
        options.GetType().GetProperty(name)!.SetValue(options, value);
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var check = options.GetType().GetMethod("Validate", Any) ?? options.GetType().GetMethod("Check", Any)!;
        return Record.Exception(() => check.Invoke(options, null)) is TargetInvocationException wrapped ? wrapped.InnerException : null;
    }
}
