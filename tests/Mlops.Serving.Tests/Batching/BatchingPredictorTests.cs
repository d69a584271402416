using Mlops.Data;
using Mlops.Models;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Serving.Tests.Batching;

[Collection(nameof(ProcessWideTests))]
public sealed class BatchingPredictorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_NothingWaits_RunsOnTheCallersThreadAndCompletes()
    {
        var thread = 0;
        var model = new TaggedPredictor { During = _ => thread = Environment.CurrentManagedThreadId };
        await using var predictor = new BatchingPredictor(model);
        using var call = new TaggedCall(predictor, 5, 3);
        var task = predictor.PredictAsync(call.Inputs, call.Outputs, call.Context, Token);
        Assert.True(task.IsCompletedSuccessfully);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        Assert.True(call.HasOwnRows());
        Assert.Equal("7", call.Context.ModelVersion);
    }

    [Fact]
    public async Task PredictAsync_NothingWaits_AllocatesNothing()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y"), TensorSpec.Of<float>("factor")]);
        await using var predictor = new BatchingPredictor(new FactorPredictor(signature, 2, null));
        using var inputs = signature.RentInputs(1);
        using var outputs = signature.RentOutputs(1);
        var context = new PredictionContext();
        Assert.Equal(0, Allocations.Measure(Predict));

        void Predict()
        {
            var task = predictor.PredictAsync(inputs, outputs, context, Token);
            Assert.True(task.IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task PredictAsync_WorkerIsBusy_RunsTogetherWhatWaits()
    {
        var model = new TaggedPredictor();
        await using var predictor = Create(model);
        using var blocked = Block(model, predictor, out var gate);
        var calls = Start(predictor, Enumerable.Range(0, 10).Select(i => new TaggedCall(predictor, 100 * i, 1 + (i % 3))));
        Assert.Equal(19, predictor.GetStatus().WaitingRows);
        gate.SetResult();
        await EndAsync(blocked, calls);
        Assert.Equal([1, 19], model.Batches);
        Assert.All(calls, call => Assert.Equal("7", call.Context.ModelVersion));
    }

    [Fact]
    public async Task PredictAsync_MoreRowsThanABatch_SplitsAndJoins()
    {
        var model = new TaggedPredictor(isShaped: true);
        await using var predictor = Create(model, options => options.MaxBatchRows = 8);
        using var blocked = Block(model, predictor, out var gate);
        var calls = Start(predictor, [new(predictor, 100, 3), new(predictor, 200, 21), new(predictor, 300, 5)]);
        gate.SetResult();
        await EndAsync(blocked, calls);
        Assert.Equal([1, 8, 8, 8, 5], model.Batches);

        using var alone = new TaggedCall(predictor, 1000, 17);
        await alone.Start(predictor, Token).Task;
        Assert.True(alone.HasOwnRows());
        Assert.Equal([8, 8, 1], model.Batches.Skip(5));
    }

    [Fact]
    public async Task PredictAsync_OtherWidthsOrParameters_FormOtherBatches()
    {
        var model = new TaggedPredictor(isShaped: true);
        await using var predictor = Create(model);
        using var blocked = Block(model, predictor, out var gate);
        var calls = Start(predictor, Enumerable.Range(0, 12).Select(i => new TaggedCall(predictor, 100 * i, 2, width: 1 + (i % 3), offset: i % 2)));
        gate.SetResult();
        await EndAsync(blocked, calls);
        Assert.Equal([1, 4, 4, 4, 4, 4, 4], model.Batches);
        Assert.Equal(0, predictor.GetStatus().WaitingRows);
    }

    [Fact]
    public async Task PredictAsync_Priorities_HighestFirstAndNoneStarves()
    {
        var model = new TaggedPredictor();
        await using var predictor = Create(model, options => options.MaxBatchRows = 1);
        using var blocked = Block(model, predictor, out var gate);
        var calls = Start(predictor, Enumerable.Range(0, 30).Select(i => With(new TaggedCall(predictor, 100 + i), i < 10 ? PredictionPriority.Background : i < 20 ? PredictionPriority.Normal : PredictionPriority.Interactive)));
        gate.SetResult();
        await EndAsync(blocked, calls);
        var order = model.Tags.Skip(1).Select(tags => tags[0]).ToArray();
        Assert.Equal([120, 121, 122, 123, 124, 125, 126, 127, 100, 110, 128, 129], order.Take(12));
        Assert.Equal(30, order.Distinct().Count());
    }

    [Fact]
    public async Task PredictAsync_CancelledWhileItWaits_EndsAtOnceAndCostsNothing()
    {
        var model = new TaggedPredictor();
        await using var predictor = Create(model);
        using var blocked = Block(model, predictor, out var gate);
        using var cancellation = new CancellationTokenSource();
        var calls = Start(predictor, [new(predictor, 100), new(predictor, 200)]);
        using var cancelled = new TaggedCall(predictor, 300, 4).Start(predictor, cancellation.Token);
        await cancellation.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Task);
        Assert.Equal(cancellation.Token, error.CancellationToken);
        Assert.Equal(2, predictor.GetStatus().WaitingRows);
        gate.SetResult();
        await EndAsync(blocked, calls);
        Assert.Equal([1, 2], model.Batches);
        Assert.True(cancelled.IsBlank);
    }

    [Fact]
    public async Task PredictAsync_CancelledWhileItsBatchRuns_EndsAtOnceAndItsTensorsAreLeftAlone()
    {
        var model = new TaggedPredictor();
        await using var predictor = Create(model);
        using var blocked = Block(model, predictor, out var gate);
        using var cancellation = new CancellationTokenSource();
        var calls = Start(predictor, [new(predictor, 100)]);
        var cancelled = new TaggedCall(predictor, 200, 2).Start(predictor, cancellation.Token);
        var (isRunning, goesOn) = Gate(model);
        gate.SetResult();
        await isRunning;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Task);

        // The caller is free to use its tensors for something else, while the batch runs on with its rows.
        cancelled.Blank();
        cancelled.Inputs.Get<long>(0).Span.Fill(-1);
        goesOn.SetResult();
        await EndAsync(blocked, calls);
        Assert.Equal([1, 3], model.Batches);
        Assert.True(cancelled.IsBlank);
        cancelled.Dispose();
    }

    [Fact]
    public async Task PredictAsync_AllOfABatchCancelled_CancelsTheRun()
    {
        var model = new TaggedPredictor();
        await using var predictor = Create(model);
        using var blocked = Block(model, predictor, out var gate);
        using var cancellation = new CancellationTokenSource();
        var calls = new[] { new TaggedCall(predictor, 100), new TaggedCall(predictor, 200) };
        foreach (var call in calls) call.Start(predictor, cancellation.Token);
        var isCancelled = new TaskCompletionSource();
        var isRunning = new TaskCompletionSource();
        model.Before = async token =>
        {
            await using var registration = token.Register(isCancelled.SetResult);
            isRunning.SetResult();
            await isCancelled.Task;
            token.ThrowIfCancellationRequested();
        };
        gate.SetResult();
        await isRunning.Task;
        await cancellation.CancelAsync();
        await isCancelled.Task.WaitAsync(Token);
        foreach (var call in calls) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Task);

        // The token of a cancelled run is not that of the next one.
        model.Before = null;
        using var later = new TaggedCall(predictor, 500, 3).Start(predictor, Token);
        await EndAsync(blocked, [later]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_SplitOverTwoWorkersAndGivenUp_CancelsBothRuns(bool isByDeadline)
    {
        var time = new ManualTimeProvider();
        var model = new TaggedPredictor();
        await using var predictor = Create(model, options => (options.WorkerCount, options.MaxBatchRows) = (2, 2), time);
        using var first = Block(model, predictor, out var firstGate);
        var second = Block(model, predictor, out var secondGate);
        using var cancellation = new CancellationTokenSource();
        using var split = new TaggedCall(predictor, 100, 4);
        if (isByDeadline) split.Context.Deadline = time.GetUtcNow() + TimeSpan.FromSeconds(1);
        split.Start(predictor, cancellation.Token);
        using var running = new SemaphoreSlim(0);
        using var cancelled = new SemaphoreSlim(0);
        model.Before = async token =>
        {
            var isCancelled = new TaskCompletionSource();
            await using var registration = token.Register(isCancelled.SetResult);
            running.Release();
            await isCancelled.Task;
            cancelled.Release();
            token.ThrowIfCancellationRequested();
        };
        firstGate.SetResult();
        secondGate.SetResult();
        for (var run = 0; run < 2; run++) await running.WaitAsync(Token);
        if (isByDeadline) time.Advance(TimeSpan.FromSeconds(2));
        else await cancellation.CancelAsync();
        for (var run = 0; run < 2; run++) await cancelled.WaitAsync(Token);
        if (isByDeadline) await Assert.ThrowsAsync<PredictionFailedException>(() => split.Task);
        else await Assert.ThrowsAnyAsync<OperationCanceledException>(() => split.Task);
        Assert.True(split.IsBlank);
        await EndAsync(first, [second]);
    }

    [Fact]
    public async Task PredictAsync_ModelThrowsWhenItIsCancelled_ReachesNeitherTimerNorCaller()
    {
        var time = new ManualTimeProvider();
        var model = new TaggedPredictor();
        await using var predictor = Create(model, time: time);
        using var blocked = Block(model, predictor, out var gate);
        using var late = new TaggedCall(predictor, 100);
        late.Context.Deadline = time.GetUtcNow() + TimeSpan.FromSeconds(1);
        late.Start(predictor, Token);
        var isRunning = new TaskCompletionSource();
        var isCancelled = new TaskCompletionSource();
        model.Before = async token =>
        {
            await using var throwing = token.Register(static () => throw new InvalidOperationException("broken"));
            await using var registration = token.Register(isCancelled.SetResult);
            isRunning.SetResult();
            await isCancelled.Task;
            token.ThrowIfCancellationRequested();
        };
        gate.SetResult();
        await isRunning.Task.WaitAsync(Token);
        time.Advance(TimeSpan.FromSeconds(2));
        await isCancelled.Task.WaitAsync(Token);
        await Assert.ThrowsAsync<PredictionFailedException>(() => late.Task);
        await EndAsync(blocked, []);
    }

    [Fact]
    public async Task PredictAsync_WrongInputsWhileOthersWait_FailByThemselves()
    {
        var model = new TaggedPredictor();
        await using var predictor = Create(model);
        using var blocked = Block(model, predictor, out var gate);
        var calls = Start(predictor, [new(predictor, 100)]);
        var wrong = new ModelSignature([TensorSpec.Of<long>("tag", 2), TensorSpec.Of<string>("text")], model.Signature.Outputs);
        using var inputs = wrong.RentInputs(1);
        using var outputs = model.Signature.RentOutputs(1);
        await Assert.ThrowsAsync<PredictionFailedException>(() => predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token).AsTask());
        gate.SetResult();
        await EndAsync(blocked, calls);
    }

    [Fact]
    public async Task DisposeAsync_WhileSomeWait_AnswersThemAndRejectsLaterOnes()
    {
        var model = new TaggedPredictor();
        var predictor = Create(model);
        using var blocked = Block(model, predictor, out var gate);
        var calls = Start(predictor, [new(predictor, 100), new(predictor, 200, 300)]);
        var disposing = predictor.DisposeAsync().AsTask();
        using var late = new TaggedCall(predictor, 400).Start(predictor, Token);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => late.Task);
        Assert.Equal(0, model.Disposals);
        gate.SetResult();
        await disposing;
        Assert.Equal(1, model.Disposals);
        await EndAsync(blocked, calls);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => predictor.PredictAsync(late.Inputs, late.Outputs, late.Context, Token).AsTask());
    }

    [Fact]
    public async Task DisposeAsync_Twice_BothWait()
    {
        var model = new TaggedPredictor();
        var predictor = Create(model);
        using var blocked = Block(model, predictor, out var gate);
        Task[] disposals = [predictor.DisposeAsync().AsTask(), predictor.DisposeAsync().AsTask()];
        Assert.DoesNotContain(disposals, disposal => disposal.IsCompleted);
        gate.SetResult();
        await Task.WhenAll(disposals);
        Assert.Equal(1, model.Disposals);
    }

    [Fact]
    public async Task DisposeAsync_WhatWaitedForASlotIsCancelled_Ends()
    {
        var budget = new ComputeBudget(1);
        var (busy, model) = (new TaggedPredictor(), new TaggedPredictor());
        await using var other = Create(busy, budget: budget);
        var predictor = Create(model, budget: budget);
        using var blocked = Block(busy, other, out var gate);
        using var cancellation = new CancellationTokenSource();
        using var waits = new TaggedCall(predictor, 100).Start(predictor, cancellation.Token);
        var disposing = predictor.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits.Task);
        await disposing;
        Assert.Equal(1, model.Disposals);
        gate.SetResult();
        await blocked.Task;
    }

    [Theory]
    [InlineData("input")]
    [InlineData("output")]
    [InlineData("none")]
    public void Create_ModelThatCannotBeBatched_ThrowsNamingWhatIsInTheWay(string what)
    {
        ModelSignature signature = what switch
        {
            "input" => new([new TensorSpec("x", ElementType.Float32, [1, 3])], [TensorSpec.Of<float>("y")]),
            "output" => new([TensorSpec.Of<float>("x")], [new TensorSpec("y", ElementType.Float32, [])]),
            _ => new([new TensorSpec("x", ElementType.Float32, [])], [TensorSpec.Of<float>("y")]),
        };
        var error = Assert.Throws<ArgumentException>(() => new BatchingPredictor(new FactorPredictor(signature, 1, null), model: "odd"));
        Assert.Contains(what switch { "input" => "'odd' cannot be batched: the input x", "output" => "the output y", _ => "no input has rows" }, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_ModelOfOtherRows_FailsInABatchAndAlone()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y"), TensorSpec.Of<float>("factor")]);
        await using var predictor = new BatchingPredictor(new Halving(new FactorPredictor(signature, 2, null)), model: "halves");
        using var inputs = signature.RentInputs(2);
        using var outputs = signature.RentOutputs(2);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token).AsTask());
        Assert.Contains("'y' of the model 'halves'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_OptionsOutOfRange_Throws()
    {
        foreach (var options in new BatchingOptions[]
        {
            new() { MaxBatchRows = 0 }, new() { WorkerCount = 0 }, new() { QueueCapacity = -1 }, new() { NormalQueueRatio = 1.1 },
            new() { BackgroundQueueRatio = double.NaN }, new() { LatencyObjective = TimeSpan.Zero }, new() { HangTimeout = TimeSpan.Zero },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new PredictorBuilder(new TaggedPredictor()).UseBatching(options).Build());
        }
    }

    internal static BatchingPredictor Create(TaggedPredictor model, Action<BatchingOptions>? configure = null, TimeProvider? time = null, ComputeBudget? budget = null)
    {
        var options = new BatchingOptions { WorkerCount = 1 };
        configure?.Invoke(options);
        return new BatchingPredictor(model, options, "tagged", budget, time);
    }

    /// <summary>Keeps one worker busy until the gate is opened.</summary>
    internal static TaggedCall Block(TaggedPredictor model, IPredictor predictor, out TaskCompletionSource gate)
    {
        var opened = gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        model.Before = _ => opened.Task;
        var call = new TaggedCall(predictor, 1).Start(predictor);
        model.Before = null;
        return call;
    }

    /// <summary>Lets the next calls say that they run, and wait.</summary>
    internal static (Task IsRunning, TaskCompletionSource GoesOn) Gate(TaggedPredictor model)
    {
        var isRunning = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        model.Before = _ =>
        {
            isRunning.TrySetResult();
            return goesOn.Task;
        };
        return (isRunning.Task, goesOn);
    }

    internal static TaggedCall[] Start(IPredictor predictor, IEnumerable<TaggedCall> calls) => [.. calls.Select(call => call.Start(predictor, Token))];

    /// <summary>Moves the clock while nothing runs and something waits: for more rows.</summary>
    internal static async Task AdvanceUntilAsync(Task task, BatchingPredictor predictor, ManualTimeProvider time)
    {
        while (!task.IsCompleted)
        {
            if (predictor.GetStatus() is { BusyWorkers: 0, WaitingRows: > 0 }) time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        await task;
    }

    /// <summary>Waits until no worker is busy: a caller has its answer a moment before the worker is free.</summary>
    internal static async Task<BatchingStatus> IdleAsync(BatchingPredictor predictor)
    {
        while (predictor.GetStatus() is { BusyWorkers: > 0 } or { HangingWorkers: > 0 }) await Task.Delay(1, Token);
        return predictor.GetStatus();
    }

    internal static TaggedCall With(TaggedCall call, PredictionPriority priority)
    {
        call.Context.Priority = priority;
        return call;
    }

    internal static async Task EndAsync(TaggedCall blocked, IEnumerable<TaggedCall> calls)
    {
        await blocked.Task;
        foreach (var call in calls)
        {
            await call.Task;
            Assert.True(call.HasOwnRows());
            call.Dispose();
        }
    }

    /// <summary>Gives half as many rows as it takes.</summary>
    private sealed class Halving(IPredictor inner) : DelegatingPredictor(inner)
    {
        public override async ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            await base.PredictAsync(inputs, outputs, context, cancellationToken);
            outputs[0].Resize(inputs.Rows / 2, 1);
        }
    }
}
