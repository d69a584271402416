using System.Diagnostics;
using System.Globalization;

namespace Mlops.Tracking.Load;

/// <summary>Several threads of one process log into one run and register versions of one model, in step with each other.</summary>
internal static class LoadWork
{
    public static async Task RunAsync(LoadStore store, int threads, int metricsPerThread, int versionsPerThread)
    {
        await using var run = await store.Tracker.StartRunAsync("load");
        await Console.Out.WriteLineAsync($"run {run.Id}");
        // Told apart from the start-up of the process, and the same moment for all processes: when the test says so.
        await Console.In.ReadLineAsync();
        var started = Stopwatch.GetTimestamp();
        var longest = await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() => WorkAsync(store, run, thread, metricsPerThread, versionsPerThread))));
        await run.CompleteAsync();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"done {seconds:0.000} {longest.Max(pair => pair.Log):0.0} {longest.Max(pair => pair.Register):0.0}"));
    }

    // Returns the longest time in milliseconds that a caller had to wait for a metric, and for a version.
    private static async Task<(double Log, double Register)> WorkAsync(LoadStore store, Run run, int thread, int metrics, int versions)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"m{thread}");
        var (longestLog, longestRegister, registered) = (0.0, 0.0, 0);
        for (var step = 0; step < metrics; step++)
        {
            var started = Stopwatch.GetTimestamp();
            run.LogMetric(name, step * 0.5, step);
            longestLog = Math.Max(longestLog, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            for (; registered < (long)versions * (step + 1) / metrics; registered++)
            {
                started = Stopwatch.GetTimestamp();
                var version = await store.Registry.RegisterVersionAsync("load", new NewModelVersion($"runs/{run.Id}", new string('a', 64)));
                longestRegister = Math.Max(longestRegister, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"version {version.Version}"));
            }
        }

        return (longestLog, longestRegister);
    }
}
