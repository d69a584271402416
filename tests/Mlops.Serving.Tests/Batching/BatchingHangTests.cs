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
        Assert.Contains("hanging: 1", $"{status}", StringComparison.Ordinal);

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
    public async Task DisposeAsync_ACallHangs_ItsCallersEndByTheirDeadlines()
    {
        var model = new TaggedPredictor();
        var predictor = BatchingPredictorTests.Create(model, options => (options.HangTimeout, options.CallerThread) = (TimeSpan.FromSeconds(10), CallerThreadUse.Never), _time);
        var (isRunning, goesOn) = BatchingPredictorTests.Gate(model);
        using var call = new TaggedCall(predictor, 100);
        call.Context.Deadline = _time.GetUtcNow() + TimeSpan.FromSeconds(30);
        call.Start(predictor, Token);
        await isRunning;
        _time.Advance(TimeSpan.FromSeconds(11));
        await predictor.DisposeAsync();
        _time.Advance(TimeSpan.FromSeconds(18));
        Assert.False(call.Task.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => call.Task.WaitAsync(Token));
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Equal(0, model.Disposals);
        goesOn.SetResult();
        await predictor.Disposal.WaitAsync(Token);
        Assert.Equal(1, model.Disposals);
        Assert.True(call.IsBlank);
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

        // Waits for a worker that will not come.
        using var third = new TaggedCall(predictor, 200).Start(predictor, Token);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("hang", (await Assert.ThrowsAsync<PredictionRejectedException>(() => third.Task)).Message, StringComparison.Ordinal);
        using var fourth = new TaggedCall(predictor, 300).Start(predictor, Token);
        Assert.Contains("hang", (await Assert.ThrowsAsync<PredictionRejectedException>(() => fourth.Task)).Message, StringComparison.Ordinal);
        Assert.Equal(2, predictor.GetStatus().HangingWorkers);
        model.Before = null;
        goesOn.SetResult();
        gate.SetResult();
        await Task.WhenAll(first.Task, second.Task);
        Assert.True(first.HasOwnRows() && second.HasOwnRows());
        using var fifth = new TaggedCall(predictor, 400).Start(predictor, Token);
        await fifth.Task;
        Assert.True((await BatchingPredictorTests.IdleAsync(predictor)).IsHealthy);
    }

    /// <summary>Nobody waits for the model that hangs, and nobody asks for its status.</summary>
    [Fact]
    public async Task PredictAsync_AnotherModelHangsAndHasNoQueue_ItsSlotOfTheBudgetIsTaken()
    {
        var (hanging, sound) = (new TaggedPredictor(), new TaggedPredictor());
        var budget = new ComputeBudget(1);
        await using var first = BatchingPredictorTests.Create(hanging, options => options.HangTimeout = TimeSpan.FromSeconds(10), _time, budget);
        await using var second = BatchingPredictorTests.Create(sound, null, _time, budget);
        using var blocked = BatchingPredictorTests.Block(hanging, first, out var gate);
        using var waiting = new TaggedCall(second, 100).Start(second, Token);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, second.GetStatus().WaitingRows);
        _time.Advance(TimeSpan.FromSeconds(2));
        await waiting.Task;
        Assert.True(waiting.HasOwnRows());
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, []);
    }

    /// <summary>A model hangs in as many calls as it may: those keep none of the slots that others share.</summary>
    [Fact]
    public async Task PredictAsync_AnotherModelHangsInAllItsCalls_TheirSlotsOfTheBudgetAreTaken()
    {
        var (hanging, sound) = (new TaggedPredictor(), new TaggedPredictor());
        var budget = new ComputeBudget(1);
        await using var first = BatchingPredictorTests.Create(hanging, options => options.HangTimeout = TimeSpan.FromSeconds(10), _time, budget);
        await using var second = BatchingPredictorTests.Create(sound, null, _time, budget);
        var gates = new List<TaskCompletionSource>();
        var blocked = new List<TaggedCall>();
        for (var call = 0; call < 2; call++)
        {
            blocked.Add(BatchingPredictorTests.Block(hanging, first, out var gate));
            gates.Add(gate);
            _time.Advance(TimeSpan.FromSeconds(11));
        }

        using var other = new TaggedCall(second, 100).Start(second, Token);
        await other.Task;
        Assert.Equal((2, 0), (first.GetStatus().HangingWorkers, first.GetStatus().BusyWorkers));
        gates.ForEach(gate => gate.SetResult());
        foreach (var call in blocked)
        {
            await call.Task;
            call.Dispose();
        }

        // No slot was given back twice.
        Assert.True(budget.TryTake());
        Assert.False(budget.TryTake());
        budget.Return();
    }

    [Theory]
    [InlineData(CallerThreadUse.WithoutDeadline)]
    [InlineData(CallerThreadUse.Never)]
    public async Task PredictAsync_NothingWaitsAndTheModelHangs_TheCallerIsLetGoAtItsDeadline(CallerThreadUse use)
    {
        using var stuck = new ManualResetEventSlim();
        var (model, isStuck) = Stick(stuck);
        await using var predictor = BatchingPredictorTests.Create(model, options => options.CallerThread = use, _time);
        using var call = new TaggedCall(predictor, 100);
        call.Context.Deadline = _time.GetUtcNow() + TimeSpan.FromSeconds(1);
        call.Start(predictor, Token);
        await isStuck;
        _time.Advance(TimeSpan.FromSeconds(2));
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => call.Task);
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.True(call.IsBlank);
        stuck.Set();
    }

    [Fact]
    public async Task PredictAsync_NoCallersThreadIsToBeUsed_WhoCancelsIsLetGoThoughTheModelHangs()
    {
        using var stuck = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var (model, isStuck) = Stick(stuck);
        await using var predictor = BatchingPredictorTests.Create(model, options => options.CallerThread = CallerThreadUse.Never, _time);
        using var call = new TaggedCall(predictor, 100).Start(predictor, cancellation.Token);
        await isStuck;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Task);
        stuck.Set();
    }

    [Fact]
    public async Task PredictAsync_TimeoutIsInfinite_NothingCountsAsHanging()
    {
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model, options => options.HangTimeout = Timeout.InfiniteTimeSpan, _time, new ComputeBudget(1));
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, [new(predictor, 100)]);
        _time.Advance(TimeSpan.FromDays(100));
        Assert.True(predictor.GetStatus() is { IsHealthy: true, BusyWorkers: 1, WaitingRows: 1 });
        Assert.StartsWith("waiting rows: 1; busy workers: 1, hanging: 0; longest run 8640000 s; a batch takes ", predictor.GetStatus().ToString(), StringComparison.Ordinal);
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, calls);
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

        // What hangs uses the model.
        Assert.Equal(0, model.Disposals);
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(hanging, calls);
        await predictor.Disposal;
        Assert.Equal(1, model.Disposals);
    }

    [Fact]
    public async Task DisposeAsync_EverythingHangs_RejectsWhatWaitsAndEnds()
    {
        var model = new TaggedPredictor();
        var predictor = BatchingPredictorTests.Create(model, options => options.HangTimeout = TimeSpan.FromSeconds(10), _time);
        using var first = BatchingPredictorTests.Block(model, predictor, out var gate);
        using var second = new TaggedCall(predictor, 100);
        var (isRunning, goesOn) = BatchingPredictorTests.Gate(model);
        second.Start(predictor, Token);
        using var third = new TaggedCall(predictor, 200, 200).Start(predictor, Token);
        var disposing = predictor.DisposeAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(11));
        await isRunning;
        Assert.False(disposing.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(11));
        await Assert.ThrowsAsync<PredictionRejectedException>(() => third.Task);
        await disposing;
        goesOn.SetResult();
        gate.SetResult();
        await predictor.Disposal;
        Assert.Equal(1, model.Disposals);
    }

    /// <summary>Makes a model whose calls keep their threads, as a native one that hangs, until they are set free.</summary>
    private static (TaggedPredictor Model, Task IsStuck) Stick(ManualResetEventSlim free)
    {
        var isStuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var model = new TaggedPredictor
        {
            During = _ =>
            {
                isStuck.TrySetResult();
                free.Wait(CancellationToken.None);
            },
        };
        return (model, isStuck.Task);
    }
}
