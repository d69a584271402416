using System.Diagnostics;
using System.Globalization;
using Mlops.Tests;

// One after the other: each loads the machine by itself.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Mlops.Tracking.Load.Tests;

/// <summary>Many processes on one store: nothing is lost, nothing twice, no error of a lock reaches a caller. Derived for each store that several processes may share.</summary>
/// <remarks>
/// 8 processes of 4 threads; each thread logs 12,500 metrics and registers 13 versions, with MLOPS_SOAK=1 50,000 and 50. Then 50 writers are killed, otherwise 10.
/// </remarks>
public abstract class LoadTests : IDisposable
{
    private const int Processes = 8;
    private const int Threads = 4;

    /// <summary>Gets a folder of the test's own.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("mlops-load-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static bool IsSoak => Environment.GetEnvironmentVariable("MLOPS_SOAK") == "1";

    /// <summary>Gets the kind of store, as LoadStore knows it.</summary>
    protected abstract string Kind { get; }

    /// <summary>Gets what an acknowledgement of the store survives, in its own words, for the figures.</summary>
    protected abstract string Durability { get; }

    /// <summary>Makes an empty store.</summary>
    /// <returns>Its address.</returns>
    protected abstract Task<string> CreateAsync();

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task LogMetric_RegisterVersionAsync_ManyProcessesAtOnce_LoseNothing()
    {
        var (metrics, versions) = IsSoak ? (50_000, 50) : (12_500, 13);
        var address = await CreateAsync();
        await using var store = await OpenAsync(address);
        await store.Registry.CreateModelAsync("load", cancellationToken: Token);
        var workers = Enumerable.Range(0, Processes).Select(_ => Start(address, "load", Text(Threads), Text(metrics), Text(versions))).ToArray();
        try
        {
            var runs = await Task.WhenAll(workers.Select(async worker => (await worker.ReadLineAsync(Token)).Split(' ')[1]));
            var started = Stopwatch.GetTimestamp();
            foreach (var worker in workers) await worker.GoAsync();
            var told = await Task.WhenAll(workers.Select(worker => worker.RunToEndAsync(Token)));
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

            var numbers = told.SelectMany(lines => lines).Where(line => line.StartsWith("version ", StringComparison.Ordinal)).Select(line => int.Parse(line[8..], CultureInfo.InvariantCulture));
            Assert.Equal(Enumerable.Range(1, Processes * Threads * versions), numbers.Order());
            await AssertRunsAsync(store, runs, metrics);
            var done = told.Select(lines => lines[^1].Split(' ')[1..].Select(figure => double.Parse(figure, CultureInfo.InvariantCulture)).ToArray()).ToArray();
            Figures.Tell(string.Create(
                CultureInfo.InvariantCulture,
                $"{Kind} ({Durability}): {Processes} processes x {Threads} threads, {Processes * Threads * metrics:N0} metrics and {Processes * Threads * versions:N0} versions in {seconds:0.0} s: {Processes * Threads * metrics / seconds:N0} metrics/s beside {Processes * Threads * versions / seconds:N0} versions/s; longest wait for a metric {done.Max(figures => figures[1]):0} ms, for a version {done.Max(figures => figures[2]):0} ms"));
        }
        finally
        {
            foreach (var worker in workers) await worker.DisposeAsync();
        }
    }

    [Fact]
    public async Task FlushAsync_WriterKilledAtRandomMoments_KeepsAllThatWasAcknowledged()
    {
        var address = await CreateAsync();
        var (random, kills, runs) = (new Random(6), IsSoak ? 25 : 5, new List<(string Id, int Count)>());
        for (var kill = 0; kill < kills; kill++)
        {
            await using var worker = Start(address, "flush");
            var runId = await worker.ReadLineAsync(Token);
            var acknowledged = await KillAsync(worker, random);
            await using var store = await OpenAsync(address);
            Assert.Contains(runId, await store.Tracker.RecoverAsync(Token));
            var run = await store.Tracker.GetRunAsync(runId, Token);
            Assert.Equal(RunStatus.Killed, run.Status);
            foreach (var name in new[] { "loss", "step" })
            {
                var steps = await StepsAsync(store, runId, name);
                Assert.True(steps.Count >= acknowledged * KillWork.BatchSize, $"kill {kill}: {acknowledged} flushes were acknowledged, {steps.Count} measurements of {name} are there.");
                Assert.Equal(Enumerable.Range(0, steps.Count).Select(step => (long)step), steps);
                runs.Add((runId, steps.Count));
            }
        }

        // What was there after one kill is there after all of them.
        await using var last = await OpenAsync(address);
        foreach (var (id, count) in runs.Where((_, index) => index % 2 == 1)) Assert.Equal(count, (await StepsAsync(last, id, "step")).Count);
        Figures.Tell($"{Kind} ({Durability}): {kills} kills of flushing writers, {runs.Sum(run => run.Count):N0} metrics kept");
    }

    [Fact]
    public async Task AppendAsync_WriterKilledAtRandomMoments_LeavesWholeBatchesAndAcceptsThemOnce()
    {
        var address = await CreateAsync();
        var (random, kills, total) = (new Random(7), IsSoak ? 25 : 5, 0L);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var worker = Start(address, "append");
            var runs = (await worker.ReadLineAsync(Token)).Split(' ');
            var acknowledged = await KillAsync(worker, random);
            await using var store = await OpenAsync(address);
            await store.Tracker.RecoverAsync(Token);
            var (one, other) = ((await StepsAsync(store, runs[0], "m")).Count, (await StepsAsync(store, runs[1], "m")).Count);
            Assert.Equal(one, other);
            Assert.Equal(0, one % KillWork.BatchSize);
            var present = one / KillWork.BatchSize;
            // One more than was acknowledged may be there: the call that the kill cut off.
            Assert.InRange(present, acknowledged, acknowledged + 1);

            // A spool would deliver again what was not acknowledged, and more: nothing is there twice.
            for (var sequence = Math.Max(1, acknowledged - 2); sequence <= acknowledged + 2; sequence++)
                await store.Tracker.Metrics.AppendAsync([KillWork.Batch(runs[0], sequence), KillWork.Batch(runs[1], sequence)], Token);
            foreach (var run in runs)
                Assert.Equal(Enumerable.Range(0, (int)(acknowledged + 2) * KillWork.BatchSize).Select(step => (long)step), await StepsAsync(store, run, "m"));
            total += 2 * (acknowledged + 2) * KillWork.BatchSize;
        }

        Figures.Tell($"{Kind} ({Durability}): {kills} kills of appending writers, {total:N0} metrics kept");
    }

    private string Spool => Path.Combine(Folder, "spool");

    private Task<LoadStore> OpenAsync(string address) => LoadStore.OpenAsync(Kind, address, Spool);

    private ProgramProcess Start(string address, params string[] task) => ProgramProcess.Start("Mlops.Tracking.Load.Worker", [Kind, address, Spool, .. task]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // After so many acknowledgements, and then at any moment of what follows. Returns the last acknowledgement.
    private static async Task<long> KillAsync(ProgramProcess worker, Random random)
    {
        var last = 0L;
        for (var left = random.Next(12); left > 0; left--) last = long.Parse(await worker.ReadLineAsync(Token), CultureInfo.InvariantCulture);
        await Task.Delay(random.Next(25), Token);
        return (await worker.KillAsync(Token)).Select(line => long.Parse(line, CultureInfo.InvariantCulture)).Append(last).Max();
    }

    private static async Task AssertRunsAsync(LoadStore store, string[] runs, int metrics)
    {
        Assert.Equal(Processes, runs.Distinct().Count());
        foreach (var runId in runs)
        {
            var run = await store.Tracker.GetRunAsync(runId, Token);
            Assert.Equal(RunStatus.Finished, run.Status);
            for (var thread = 0; thread < Threads; thread++)
            {
                var history = await store.Tracker.GetMetricHistoryAsync(runId, $"m{thread}", cancellationToken: Token).ToListAsync(Token);
                Assert.Equal(Enumerable.Range(0, metrics).Select(step => ((long)step, step * 0.5)), history.Select(metric => (metric.Step, metric.Value)));
                Assert.Equal(metrics - 1, run.Metrics[$"m{thread}"].Step);
            }
        }
    }

    private static async Task<List<long>> StepsAsync(LoadStore store, string runId, string metric)
        => await store.Tracker.GetMetricHistoryAsync(runId, metric, cancellationToken: Token).Select(measurement => measurement.Step).ToListAsync(Token);
}
