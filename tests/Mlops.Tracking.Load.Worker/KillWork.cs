using System.Globalization;

namespace Mlops.Tracking.Load;

/// <summary>Writes until the process is killed, and tells after each step what is durable.</summary>
internal static class KillWork
{
    public const int BatchSize = 500;

    /// <summary>As a trainer does: two series through the live handle of a run, flushed after so many.</summary>
    public static async Task FlushAsync(LoadStore store)
    {
        var run = await store.Tracker.StartRunAsync("kill");
        await Console.Out.WriteLineAsync(run.Id);
        for (var flush = 0L; ; flush++)
        {
            for (var step = flush * BatchSize; step < (flush + 1) * BatchSize; step++)
            {
                run.LogMetric("loss", 1.0 / (step + 1), step);
                run.LogMetric("step", step, step);
            }

            await run.FlushAsync();
            await Console.Out.WriteLineAsync((flush + 1).ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>As the tracker does: batches of two runs in one call, which is durable as a whole or not at all.</summary>
    public static async Task AppendAsync(LoadStore store)
    {
        var (one, other) = (await store.Tracker.StartRunAsync("kill"), await store.Tracker.StartRunAsync("kill"));
        await Console.Out.WriteLineAsync($"{one.Id} {other.Id}");
        for (var sequence = 1L; ; sequence++)
        {
            await store.Tracker.Metrics.AppendAsync([Batch(one.Id, sequence), Batch(other.Id, sequence)]);
            await Console.Out.WriteLineAsync(sequence.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The batch that a writer appends under a sequence, the same whoever makes it.</summary>
    public static MetricBatch Batch(string runId, long sequence)
    {
        var start = (sequence - 1) * BatchSize;
        var metrics = new Metric[BatchSize];
        for (var i = 0; i < BatchSize; i++) metrics[i] = new Metric("m", start + i, start + i, DateTimeOffset.UnixEpoch.AddSeconds(start + i));
        return new MetricBatch(runId, $"writer {runId}", sequence, metrics);
    }
}
