using System.Collections.Concurrent;
using Mlops.Models;

namespace Mlops.Serving.Tests.Batching;

/// <summary>Whatever happens to others, every caller gets its own rows, or the failure that is its own, or its cancellation; and nobody else writes to its tensors.</summary>
public sealed class BatchingSoakTests
{
    private const int Callers = 64;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>10 M predictions over the three runs with <c>MLOPS_SOAK=1</c>.</summary>
    private static int CallsOfEach => Environment.GetEnvironmentVariable("MLOPS_SOAK") == "1" ? 52_100 : 400;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 5)]
    public async Task PredictAsync_RandomCallsCancellationsFailuresShapes_EveryCallerGetsItsOwnRows(int seed, int objectiveMilliseconds)
    {
        var model = new TaggedPredictor(isShaped: true) { FailsOnNegative = true, Records = false };
        var ticks = 0;
        // Now and then a call is slow, now and then it goes on elsewhere.
        model.During = _ =>
        {
            if (Interlocked.Increment(ref ticks) % 64 == 0) Thread.SpinWait(20_000);
        };
        var options = new BatchingOptions
        {
            MaxBatchRows = 24,
            WorkerCount = 1 + (seed % 2),
            CallerThread = seed == 2 ? CallerThreadUse.Never : CallerThreadUse.WithoutDeadline,
            QueueCapacity = 400,
            LatencyObjective = objectiveMilliseconds > 0 ? TimeSpan.FromMilliseconds(objectiveMilliseconds) : null,
        };
        await using var predictor = new BatchingPredictor(model, options);
        var counts = new int[4];
        var wrong = new ConcurrentQueue<string>();
        using var toggling = new CancellationTokenSource();
        var toggler = Task.Run(
            async () =>
            {
                while (!toggling.IsCancellationRequested)
                {
                    model.Before = _ => Task.Delay(1, CancellationToken.None);
                    await Task.Delay(3, CancellationToken.None);
                    model.Before = null;
                    await Task.Delay(30, CancellationToken.None);
                }
            },
            Token);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(predictor, caller, new Random((seed * 1000) + caller), counts, wrong), Token)));
        await toggling.CancelAsync();
        await toggler;
        Assert.True(wrong.IsEmpty, string.Join(Environment.NewLine, wrong.Take(5)));
        Assert.Equal(Callers * CallsOfEach, counts.Sum());
        // Each of these has happened: answered, cancelled, failed, rejected.
        Assert.All(counts, count => Assert.True(count > 0, string.Join(", ", counts)));
        var status = await BatchingPredictorTests.IdleAsync(predictor);
        Assert.True(status is { WaitingRows: 0, HangingWorkers: 0 }, $"{status}");
    }

    private static async Task CallAsync(IPredictor predictor, int caller, Random random, int[] counts, ConcurrentQueue<string> wrong)
    {
        for (var i = 0; i < CallsOfEach; i++)
        {
            var isBad = random.Next(50) == 0;
            var tag = isBad ? -1 : ((long)caller << 40) + ((long)i << 8);
            var rows = random.Next(20) == 0 ? random.Next(1, 90) : random.Next(1, 6);
            using var call = new TaggedCall(predictor, tag, rows, width: 1 + random.Next(3), offset: random.Next(2));
            call.Context.Priority = (PredictionPriority)random.Next(3);
            if (random.Next(30) == 0) call.Context.Deadline = TimeProvider.System.GetUtcNow() + TimeSpan.FromMilliseconds(random.Next(5));
            using var cancellation = random.Next(4) == 0 ? new CancellationTokenSource() : null;
            int outcome;
            try
            {
                call.Start(predictor, cancellation?.Token ?? default);
                if (cancellation is not null)
                {
                    for (var spins = random.Next(4); spins > 0; spins--) await Task.Yield();
                    await cancellation.CancelAsync();
                }

                await call.Task;
                outcome = 0;
                if (isBad || !call.HasOwnRows()) wrong.Enqueue($"Caller {caller}, call {i}, {rows} rows: {(isBad ? "an answer to bad rows" : "rows that are not its own")}.");
            }
            catch (OperationCanceledException error)
            {
                outcome = 1;
                if (cancellation is null) wrong.Enqueue($"Caller {caller}, call {i}, {rows} rows: cancelled by somebody else. {error}");
            }
            catch (PredictionFailedException error)
            {
                outcome = 2;
                if (!isBad && error.InnerException is not TimeoutException) wrong.Enqueue($"Caller {caller}, call {i}, {rows} rows: failed by somebody else. {error}");
            }
            catch (PredictionRejectedException)
            {
                outcome = 3;
            }

            Interlocked.Increment(ref counts[outcome]);
            if (outcome == 0) continue;

            // From here on the tensors are the caller's alone.
            call.Blank();
            await Task.Yield();
            if (!call.IsBlank) wrong.Enqueue($"Caller {caller}, call {i}, {rows} rows, outcome {outcome}: somebody wrote to its tensors afterwards.");
        }
    }
}
