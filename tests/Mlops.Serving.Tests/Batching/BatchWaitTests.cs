using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Serving.Tests.Batching;

public sealed class BatchWaitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void TargetAt_MoreArriveThanTheFixedTimeTakes_IsWhatArrivesMeanwhile()
    {
        var (wait, service) = Create();
        // 2,000 rows in a second, and 10 ms whatever the rows.
        for (var i = 0; i <= 20_000; i++) wait.OnArrived(1, i * 0.0005);
        Assert.Equal(20, wait.TargetAt(10, 128, service), 1.0);
        Assert.Equal(8, wait.TargetAt(10, 8, service));
        // 15 are missing, which takes 7.5 ms; twice that at most.
        Assert.Equal(0.015, wait.Begin(5, 10, 10, 128, service), 0.001);
        // The oldest is 80 of its 100 ms old, and the batch takes 12: half of the rest.
        Assert.Equal(0.004, wait.Begin(5, 9.92, 10, 128, service), 0.001);
        Assert.Equal(0, wait.Begin(5, 9.9, 10, 128, service));
        Assert.Equal(0, wait.Begin(20, 10, 10, 128, service));
    }

    [Fact]
    public void TargetAt_FewArrive_IsNone()
    {
        var (wait, service) = Create();
        for (var i = 0; i < 100; i++) wait.OnArrived(1, i * 0.1);
        Assert.Equal(0, wait.TargetAt(10, 128, service));
    }

    [Fact]
    public void Begin_WaitsHaveGainedNothing_AreTriedEverMoreRarely()
    {
        var (wait, service) = Create();
        for (var i = 0; i <= 20_000; i++) wait.OnArrived(1, i * 0.0005);
        var begun = 0;
        for (var i = 0; i < 3000; i++)
        {
            if (wait.Begin(5, 10, 10, 128, service) == 0) continue;
            begun++;
            // Nobody came.
            wait.End(5, 10.015, 128, service);
        }

        Assert.InRange(begun, 10, 40);
        Assert.True(wait.Gain < 1);
        for (var i = 0; i < 3000; i++)
        {
            if (wait.Begin(5, 10, 10, 128, service) > 0) wait.End(20, 10.005, 128, service);
        }

        Assert.True(wait.Gain > 1.5, $"{wait.Gain}");
    }

    [Fact]
    public async Task PredictAsync_CallersThatComeBackTogether_AreAnsweredTogether()
    {
        var time = new ManualTimeProvider();
        var (model, predictor) = await CreateBusyAsync(time, time);
        await using var disposal = predictor;

        // Several rows come in the 100 ms of a batch: though a worker is free, the first waits for others, until the timer ends that.
        var before = model.Batches.Count;
        using var first = new TaggedCall(predictor, 100).Start(predictor, Token);
        using var second = new TaggedCall(predictor, 200).Start(predictor, Token);
        Assert.False(first.Task.IsCompleted);
        await BatchingPredictorTests.AdvanceUntilAsync(first.Task, predictor, time);
        await BatchingPredictorTests.AdvanceUntilAsync(second.Task, predictor, time);
        Assert.True(first.HasOwnRows() && second.HasOwnRows());
        Assert.Equal([2], model.Batches.Skip(before));
    }

    [Fact]
    public async Task PredictAsync_WhoeverWaitedForMoreRowsIsCancelled_TheWaitEnds()
    {
        var manual = new ManualTimeProvider();
        var time = new TimerCounter(manual);
        var (_, predictor) = await CreateBusyAsync(manual, time);
        await using var disposal = predictor;
        using var cancellation = new CancellationTokenSource();
        using var waits = new TaggedCall(predictor, 100).Start(predictor, cancellation.Token);
        Assert.Equal(1, predictor.GetStatus().WaitingRows);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits.Task);
        manual.Advance(TimeSpan.FromSeconds(5));
        var before = time.Sets;
        for (var i = 0; i < 10; i++)
        {
            // So few come that it does not pay to wait.
            manual.Advance(TimeSpan.FromSeconds(10));
            using var call = new TaggedCall(predictor, 100).Start(predictor, Token);
            Assert.True(call.Task.IsCompletedSuccessfully);
        }

        Assert.InRange(time.Sets - before, 0, 20);
    }

    [Fact]
    public async Task PredictAsync_NoWorkerIsFree_BeginsNoWait()
    {
        var manual = new ManualTimeProvider();
        var time = new TimerCounter(manual);
        var (model, predictor) = await CreateBusyAsync(manual, time);
        await using var disposal = predictor;
        model.During = null;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        model.Before = _ => gate.Task;
        using var runs = new TaggedCall(predictor, 5000, 100).Start(predictor, Token);
        model.Before = null;
        Assert.Equal(1, predictor.GetStatus().BusyWorkers);
        using var waits = new TaggedCall(predictor, 1000).Start(predictor, Token);
        var before = time.Sets;
        manual.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(time.Sets - before, 0, 5);
        gate.SetResult();
        await runs.Task;
        await BatchingPredictorTests.AdvanceUntilAsync(waits.Task, predictor, manual);
    }

    /// <summary>Makes a predictor to whom many rows come, and whose batches take 100 ms each.</summary>
    private static async Task<(TaggedPredictor Model, BatchingPredictor Predictor)> CreateBusyAsync(ManualTimeProvider manual, TimeProvider time)
    {
        var model = new TaggedPredictor { During = _ => manual.Advance(TimeSpan.FromMilliseconds(100)) };
        var predictor = BatchingPredictorTests.Create(model, options => options.LatencyObjective = TimeSpan.FromSeconds(2), time);
        for (var i = 0; i < 12; i++)
        {
            using var call = new TaggedCall(predictor, i, 16).Start(predictor, Token);
            await BatchingPredictorTests.AdvanceUntilAsync(call.Task, predictor, manual);
        }

        return (model, predictor);
    }

    /// <summary>Counts how often timers are set.</summary>
    private sealed class TimerCounter(TimeProvider inner) : DelegatingTimeProvider(inner)
    {
        private int _sets;

        public int Sets => Volatile.Read(ref _sets);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => new Timer(this, base.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(TimerCounter counter, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                Interlocked.Increment(ref counter._sets);
                return timer.Change(dueTime, period);
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }

    private static (BatchWait Wait, ServiceTimeModel Service) Create()
    {
        var service = new ServiceTimeModel();
        for (var i = 0; i < 200; i++) service.Observe(1 + (i % 20), 1e-2 + (1e-4 * (1 + (i % 20))));
        return (new BatchWait(0.1, 1), service);
    }
}
