using Mlops.Testing;

namespace Mlops.Serving.Tests.Batching;

public sealed class BatchingHangTests
{
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_ACallHangs_AnotherWorkerTakesItsPlaceAndItIsReported()
    {
        var model = new TaggedPredictor();
        var budget = new ComputeBudget(1);
        await using var predictor = BatchingPredictorTests.Create(model, options => options.HangTimeout = TimeSpan.FromSeconds(10), _time, budget);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, [new(predictor, 100), new(predictor, 200, 200)]);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.True(predictor.GetStatus() is { IsHealthy: true, BusyWorkers: 1, WaitingRows: 201, LongestRun.TotalSeconds: 9 });
        _time.Advance(TimeSpan.FromSeconds(2));
        foreach (var call in calls)
        {
            await call.Task;
            Assert.True(call.HasOwnRows());
            call.Dispose();
        }

        var status = predictor.GetStatus();
        Assert.True(status is { IsHealthy: false, HangingWorkers: 1, WaitingRows: 0 }, $"{status}");
        Assert.Contains("1 hang", $"{status}", StringComparison.Ordinal);

        // What ends after all is answered, and takes no place from others.
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, []);
        Assert.True(predictor.GetStatus().IsHealthy);
        Assert.True(budget.TryTake());
        Assert.False(budget.TryTake());
        budget.Return();
    }

    [Fact]
    public async Task PredictAsync_ThreadOfTheModelHangs_CallsEndByTheirDeadlinesAndOthersGoOn()
    {
        using var stuck = new ManualResetEventSlim();
        using var isStuck = new ManualResetEventSlim();
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model, options => options.WorkerCount = 2, _time);
        using var first = BatchingPredictorTests.Block(model, predictor, out var firstGate);
        using var second = BatchingPredictorTests.Block(model, predictor, out var secondGate);
        using var hanging = new TaggedCall(predictor, 100);
        hanging.Context.Deadline = _time.GetUtcNow() + TimeSpan.FromSeconds(1);
        hanging.Start(predictor, Token);
        // A native call that nothing can interrupt, on a thread of the pool.
        model.During = inputs =>
        {
            if (inputs.Get<long>(0).Span[0] != 100) return;
            isStuck.Set();
            stuck.Wait(CancellationToken.None);
        };
        firstGate.SetResult();
        await first.Task;
        await Task.Run(() => isStuck.Wait(Token), Token);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<PredictionFailedException>(() => hanging.Task);
        secondGate.SetResult();
        await second.Task;
        for (var i = 0; i < 100; i++)
        {
            using var other = new TaggedCall(predictor, 1000 + i);
            await other.Start(predictor, Token).Task;
            Assert.True(other.HasOwnRows());
        }

        Assert.True(hanging.IsBlank);
        stuck.Set();
    }

    [Fact]
    public async Task PredictAsync_EverythingHangs_IsRejectedAtOnce()
    {
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model, options => options.HangTimeout = TimeSpan.FromSeconds(10), _time);
        using var first = BatchingPredictorTests.Block(model, predictor, out var gate);
        using var cancellation = new CancellationTokenSource();
        using var second = new TaggedCall(predictor, 100);
        var (isRunning, goesOn) = BatchingPredictorTests.Gate(model);
        second.Start(predictor, Token);
        _time.Advance(TimeSpan.FromSeconds(11));
        await isRunning;
        using var third = new TaggedCall(predictor, 200).Start(predictor, Token);
        _time.Advance(TimeSpan.FromSeconds(11));
        using var fourth = new TaggedCall(predictor, 300).Start(predictor, Token);
        Assert.Contains("hang", (await Assert.ThrowsAsync<PredictionRejectedException>(() => fourth.Task)).Message, StringComparison.Ordinal);
        Assert.Equal(2, predictor.GetStatus().HangingWorkers);
        model.Before = null;
        goesOn.SetResult();
        gate.SetResult();
        await Task.WhenAll(first.Task, second.Task, third.Task);
        Assert.True(first.HasOwnRows() && second.HasOwnRows() && third.HasOwnRows());
    }

    [Fact]
    public async Task DisposeAsync_ACallHangs_DoesNotWaitForIt()
    {
        var model = new TaggedPredictor();
        var predictor = BatchingPredictorTests.Create(model, options => options.HangTimeout = TimeSpan.FromSeconds(10), _time);
        using var hanging = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, [new(predictor, 100, 3)]);
        var disposing = predictor.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(11));
        await disposing;
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(hanging, calls);
    }
}
