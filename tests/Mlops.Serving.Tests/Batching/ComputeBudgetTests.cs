using System.Collections.Concurrent;

namespace Mlops.Serving.Tests.Batching;

public sealed class ComputeBudgetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_TwoModelsOneSlot_TakeTurnsWhateverTheirLoad()
    {
        var budget = new ComputeBudget(1);
        var order = new ConcurrentQueue<char>();
        var (busy, quiet) = (new TaggedPredictor(), new TaggedPredictor());
        await using var busyPredictor = BatchingPredictorTests.Create(busy, options => options.MaxBatchRows = 1, budget: budget);
        await using var quietPredictor = BatchingPredictorTests.Create(quiet, options => options.MaxBatchRows = 1, budget: budget);
        using var blocked = BatchingPredictorTests.Block(busy, busyPredictor, out var gate);
        (busy.During, quiet.During) = (_ => order.Enqueue('b'), _ => order.Enqueue('q'));
        var many = BatchingPredictorTests.Start(busyPredictor, Enumerable.Range(0, 20).Select(i => new TaggedCall(busyPredictor, i)));
        var few = BatchingPredictorTests.Start(quietPredictor, Enumerable.Range(0, 3).Select(i => new TaggedCall(quietPredictor, i)));
        Assert.Equal(0, quietPredictor.GetStatus().BusyWorkers);
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, [.. many, .. few]);
        Assert.Equal(24, order.Count);
        Assert.Equal(3, order.Take(7).Count(model => model == 'q'));
    }

    [Fact]
    public async Task PredictAsync_ManyModelsFewSlots_NeverExceedThemAndGiveAllBack()
    {
        var budget = new ComputeBudget(2);
        var (running, most) = (0, 0);
        var models = Enumerable.Range(0, 6).Select(_ => new TaggedPredictor
        {
            Records = false,
            Before = async _ =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
            },
        }).ToArray();
        var predictors = models.Select(model => BatchingPredictorTests.Create(model, options => (options.WorkerCount, options.MaxBatchRows) = (2, 3), budget: budget)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 48).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                using var call = new TaggedCall(predictors[caller % 6], (caller * 1000) + i, 1 + (i % 4));
                await call.Start(predictors[caller % 6], Token).Task;
                Assert.True(call.HasOwnRows());
            }
        }, Token)));
        foreach (var predictor in predictors) await predictor.DisposeAsync();
        Assert.InRange(most, 1, 2);
        Assert.True(budget.TryTake() && budget.TryTake());
        Assert.False(budget.TryTake());
    }

    [Fact]
    public void Create_NoSlots_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => new ComputeBudget(0));

    private static void InterlockedMax(ref int target, int value)
    {
        var seen = Volatile.Read(ref target);
        while (value > seen)
        {
            var now = Interlocked.CompareExchange(ref target, value, seen);
            if (now == seen) return;
            seen = now;
        }
    }
}
