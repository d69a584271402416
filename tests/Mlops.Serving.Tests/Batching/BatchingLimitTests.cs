using System.Collections.Concurrent;
using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Serving.Tests.Batching;

public sealed class BatchingLimitTests
{
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_QueueFull_ThrowsRejectedByClassWithRetryAfter()
    {
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model, options => options.QueueCapacity = 100, _time);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, [BatchingPredictorTests.With(new(predictor, 100, 1), PredictionPriority.Background)]);
        Assert.StartsWith("1 row waits for the model", (await RejectAsync(predictor, PredictionPriority.Background, 50)).Message, StringComparison.Ordinal);
        calls = [.. calls, .. BatchingPredictorTests.Start(predictor, [BatchingPredictorTests.With(new(predictor, 150, 49), PredictionPriority.Background)])];
        var rejected = await RejectAsync(predictor, PredictionPriority.Background, 1);
        Assert.True(rejected.RetryAfter > TimeSpan.Zero);
        Assert.StartsWith("50 rows wait for the model", rejected.Message, StringComparison.Ordinal);
        Assert.EndsWith("the limit is set by BatchingOptions.QueueCapacity and BackgroundQueueRatio.", rejected.Message, StringComparison.Ordinal);
        calls = [.. calls, .. BatchingPredictorTests.Start(predictor, [new(predictor, 200, 40)])];
        Assert.EndsWith("QueueCapacity and NormalQueueRatio.", (await RejectAsync(predictor, PredictionPriority.Normal, 1)).Message, StringComparison.Ordinal);
        calls = [.. calls, .. BatchingPredictorTests.Start(predictor, [BatchingPredictorTests.With(new(predictor, 300, 10), PredictionPriority.Interactive)])];
        Assert.EndsWith("the limit is set by BatchingOptions.QueueCapacity.", (await RejectAsync(predictor, PredictionPriority.Interactive, 1)).Message, StringComparison.Ordinal);

        // More than can ever wait: no other time is better.
        Assert.Null((await RejectAsync(predictor, PredictionPriority.Interactive, 101)).RetryAfter);
        Assert.Equal(100, predictor.GetStatus().WaitingRows);
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PredictAsync_AWorkerIsFreeAndNoneMayWait_OneBatchIsAnsweredAndMoreIsRejected(bool hasDeadline)
    {
        var budget = new ComputeBudget(1);
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(
            model,
            options => (options.BackgroundQueueRatio, options.CallerThread) = (0, hasDeadline ? CallerThreadUse.WithoutDeadline : CallerThreadUse.Never),
            _time,
            budget);
        for (var i = 0; i < 3; i++)
        {
            using var call = StartInBackground(128);
            await call.Task;
            Assert.True(call.HasOwnRows());
            await BatchingPredictorTests.IdleAsync(predictor);
        }

        // Its second batch would wait for the first, and so would one whose slot another model has.
        using var larger = StartInBackground(129);
        var tooLarge = await Assert.ThrowsAsync<PredictionRejectedException>(() => larger.Task);
        Assert.EndsWith("Predict fewer rows at once; the limit is set by BatchingOptions.QueueCapacity and BackgroundQueueRatio.", tooLarge.Message, StringComparison.Ordinal);
        Assert.Null(tooLarge.RetryAfter);
        Assert.True(budget.TryTake());
        using var withoutSlot = StartInBackground(1);
        var tooEarly = await Assert.ThrowsAsync<PredictionRejectedException>(() => withoutSlot.Task);
        Assert.Contains("is at work, and its queue takes no predictions of the priority Background. Try again later", tooEarly.Message, StringComparison.Ordinal);
        Assert.True(tooEarly.RetryAfter > TimeSpan.Zero);
        budget.Return();
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        using var withoutWorker = StartInBackground(1);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => withoutWorker.Task);
        gate.SetResult();
        await blocked.Task;

        TaggedCall StartInBackground(int rows)
        {
            var call = BatchingPredictorTests.With(new TaggedCall(predictor, 100, rows), PredictionPriority.Background);
            if (hasDeadline) call.Context.Deadline = _time.GetUtcNow() + TimeSpan.FromSeconds(5);
            return call.Start(predictor, Token);
        }
    }

    [Fact]
    public async Task PredictAsync_DeadlinePassesWhileItWaits_EndsThenAndIsNotRun()
    {
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model, time: _time);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var late = StartUntil(predictor, 100, TimeSpan.FromSeconds(2));
        var calls = BatchingPredictorTests.Start(predictor, [new(predictor, 200)]);
        var later = StartUntil(predictor, 300, TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(3, predictor.GetStatus().WaitingRows);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await Assert.ThrowsAsync<PredictionRejectedException>(() => late.Task);
        Assert.Equal(2, predictor.GetStatus().WaitingRows);
        _time.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<PredictionRejectedException>(() => later.Task);
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, calls);
        Assert.Equal([1, 1], model.Batches);
        Assert.True(late.IsBlank && later.IsBlank);
    }

    [Fact]
    public async Task PredictAsync_DeadlinePassesWhileItRuns_LetsTheCallerGoAndCancelsTheRun()
    {
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model, time: _time);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var late = StartUntil(predictor, 100, TimeSpan.FromSeconds(2));
        var (isRunning, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        model.Before = token =>
        {
            token.Register(goesOn.SetResult);
            isRunning.SetResult();
            return goesOn.Task;
        };
        gate.SetResult();
        await isRunning.Task;
        _time.Advance(TimeSpan.FromSeconds(3));
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => late.Task);
        Assert.True(error is { IsTransient: true, InnerException: TimeoutException });
        await goesOn.Task.WaitAsync(Token);
        Assert.True(late.IsBlank);
    }

    [Fact]
    public async Task PredictAsync_DeadlinePassed_IsRejectedBeforeItCosts()
    {
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model, time: _time);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => StartUntil(predictor, 100, TimeSpan.Zero).Task);
        Assert.Empty(model.Batches);
    }

    [Fact]
    public async Task PredictAsync_DeadlineCannotBeMet_IsRejectedAtOnce()
    {
        // 10 ms a batch and 1 ms a row.
        var model = new TaggedPredictor { During = inputs => _time.Advance(TimeSpan.FromMilliseconds(10 + inputs.Rows)) };
        await using var predictor = BatchingPredictorTests.Create(model, options => options.MaxBatchRows = 10, _time);
        await LearnAsync(predictor);
        var status = predictor.GetStatus();
        Assert.Equal(1, status.RowTime.TotalMilliseconds, 3);
        Assert.Equal(10, status.BatchTime.TotalMilliseconds, 3);

        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        // Behind a batch that takes 11 ms more: 30 rows are three batches of 20 ms each.
        var calls = BatchingPredictorTests.Start(predictor, [new(predictor, 100, 20)]);
        var rejected = StartUntil(predictor, 500, TimeSpan.FromMilliseconds(70), rows: 10);
        Assert.True(rejected.Task.IsCompleted);
        var error = await Assert.ThrowsAsync<PredictionRejectedException>(() => rejected.Task);
        // 30 rows at the pace of 10 in 20 ms.
        Assert.Equal(60, error.RetryAfter!.Value.TotalMilliseconds, 3);
        var inTime = StartUntil(predictor, 700, TimeSpan.FromMilliseconds(72), rows: 10);
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, [.. calls, inTime]);
    }

    [Fact]
    public async Task PredictAsync_OtherGroupsComeFirst_TheirBatchesCount()
    {
        // 10 ms a batch and 1 ms a row.
        var model = new TaggedPredictor(isShaped: true) { During = inputs => _time.Advance(TimeSpan.FromMilliseconds(10 + inputs.Rows)) };
        await using var predictor = BatchingPredictorTests.Create(model, options => options.MaxBatchRows = 10, _time);
        await LearnAsync(predictor);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);

        // Of five parameters, which cannot share a batch: 11 ms each, behind 11 ms of what runs.
        var calls = BatchingPredictorTests.Start(predictor, Enumerable.Range(1, 5).Select(offset => new TaggedCall(predictor, 100 * offset, offset: offset)));
        using var rejected = StartUntil(predictor, 700, TimeSpan.FromMilliseconds(76), offset: 6);
        Assert.True(rejected.Task.IsCompleted);
        Assert.Contains("is expected in 0.077 s", (await Assert.ThrowsAsync<PredictionRejectedException>(() => rejected.Task)).Message, StringComparison.Ordinal);

        // It joins a batch that waits already, and whose turn is the first.
        var joining = StartUntil(predictor, 800, TimeSpan.FromMilliseconds(24), offset: 1);
        var last = StartUntil(predictor, 900, TimeSpan.FromMilliseconds(79), offset: 6);
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, [.. calls, joining, last]);
        Assert.Equal([1, 2, 1, 1, 1, 1, 1], model.Batches.TakeLast(7));
    }

    [Fact]
    public async Task PredictAsync_LowerClassWasPassedOver_ItsBatchCounts()
    {
        var model = new TaggedPredictor { During = _ => _time.Advance(TimeSpan.FromMilliseconds(20)) };
        await using var predictor = BatchingPredictorTests.Create(model, options => options.MaxBatchRows = 1, _time);
        await LearnAsync(predictor);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, Enumerable.Range(0, 9).Select(i => BatchingPredictorTests.With(new TaggedCall(predictor, 100 + i), i == 8 ? PredictionPriority.Background : PredictionPriority.Normal)));

        // What runs, eight, the one that was passed over eight times, and its own: 220 ms.
        var rejected = StartUntil(predictor, 500, TimeSpan.FromMilliseconds(219));
        Assert.True(rejected.Task.IsCompleted);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => rejected.Task);
        var inTime = StartUntil(predictor, 600, TimeSpan.FromMilliseconds(221));
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, [.. calls, inTime]);
    }

    [Fact]
    public async Task PredictAsync_BudgetSharedWithABusyModel_ItsTurnsCount()
    {
        var budget = new ComputeBudget(1);
        var (busy, quiet) = (new TaggedPredictor { During = Take }, new TaggedPredictor { During = Take });
        await using var busyPredictor = BatchingPredictorTests.Create(busy, options => options.MaxBatchRows = 1, _time, budget);
        await using var quietPredictor = BatchingPredictorTests.Create(quiet, options => options.MaxBatchRows = 1, _time, budget);
        await LearnAsync(busyPredictor);
        await LearnAsync(quietPredictor);
        using var blocked = BatchingPredictorTests.Block(busy, busyPredictor, out var gate);
        var many = BatchingPredictorTests.Start(busyPredictor, Enumerable.Range(0, 10).Select(i => new TaggedCall(busyPredictor, 100 + i)));

        // 20 ms until the slot is free, and 20 ms of its own.
        await RejectAsync(39);
        var first = StartUntil(quietPredictor, 500, TimeSpan.FromMilliseconds(41));

        // And then the busy model has its turn before the second one: 20 ms more each.
        await RejectAsync(79);
        var second = StartUntil(quietPredictor, 600, TimeSpan.FromMilliseconds(81));
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, [.. many, first, second]);

        void Take(TensorBatch inputs) => _time.Advance(TimeSpan.FromMilliseconds(20));

        async Task RejectAsync(int milliseconds)
        {
            using var rejected = StartUntil(quietPredictor, 900, TimeSpan.FromMilliseconds(milliseconds));
            Assert.True(rejected.Task.IsCompleted);
            await Assert.ThrowsAsync<PredictionRejectedException>(() => rejected.Task);
        }
    }

    [Fact]
    public async Task PredictAsync_DeadlineTooNearForAFullBatch_RunsInASmallerOne()
    {
        var model = new TaggedPredictor { During = inputs => _time.Advance(TimeSpan.FromMilliseconds(10 + inputs.Rows)) };
        await using var predictor = BatchingPredictorTests.Create(model, options => options.MaxBatchRows = 100, _time);
        await LearnAsync(predictor);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var urgent = StartUntil(predictor, 100, TimeSpan.FromMilliseconds(41));
        var calls = BatchingPredictorTests.Start(predictor, Enumerable.Range(0, 90).Select(i => new TaggedCall(predictor, 1000 + i)));
        var before = model.Batches.Count;
        gate.SetResult();
        await BatchingPredictorTests.EndAsync(blocked, [urgent, .. calls]);
        Assert.Equal([20, 71], model.Batches.Skip(before));
    }

    [Theory]
    [InlineData(CallerThreadUse.Never)]
    [InlineData(CallerThreadUse.WithoutDeadline)]
    [InlineData(CallerThreadUse.Always)]
    public async Task PredictAsync_ManyRowsAndAnObjective_AreSplitAlsoWhereAWorkerIsFree(CallerThreadUse use)
    {
        // 1 ms a batch and 1 ms a row: 19 rows take half of the objective.
        var model = new TaggedPredictor { During = inputs => _time.Advance(TimeSpan.FromMilliseconds(1 + inputs.Rows)) };
        await using var predictor = BatchingPredictorTests.Create(model, options => (options.LatencyObjective, options.CallerThread) = (TimeSpan.FromMilliseconds(40), use), _time);
        await LearnAsync(predictor);
        await BatchingPredictorTests.IdleAsync(predictor);

        // Nothing comes any more, so nothing waits for more rows.
        _time.Advance(TimeSpan.FromMinutes(1));
        var before = model.Batches.Count;
        using var large = BatchingPredictorTests.With(new TaggedCall(predictor, 1, 120), PredictionPriority.Background).Start(predictor, Token);
        await BatchingPredictorTests.AdvanceUntilAsync(large.Task, predictor, _time);
        Assert.True(large.HasOwnRows());
        Assert.Equal(120, model.Batches.Skip(before).Sum());
        Assert.InRange(model.Batches.Skip(before).Max(), 18, 19);
    }

    [Fact]
    public async Task PredictAsync_Overload_AdmittedKeepToTheObjectiveAndOthersAreRejected()
    {
        var objective = TimeSpan.FromMilliseconds(100);
        var ends = new ConcurrentDictionary<long, DateTimeOffset>();
        var model = new TaggedPredictor();
        model.During = inputs =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(10 + inputs.Rows));
            foreach (var tag in inputs.Get<long>(0).Span) ends[tag] = _time.GetUtcNow();
        };
        await using var predictor = BatchingPredictorTests.Create(model, options => options.LatencyObjective = objective, _time);
        await LearnAsync(predictor);
        var (answered, rejected) = (0, 0);
        for (var round = 1; round <= 20; round++)
        {
            // Ten times what a batch that keeps to the objective holds.
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            model.Before = _ => gate.Task;
            var begins = new List<DateTimeOffset>();
            var calls = new List<TaggedCall>();
            for (var i = 0; i < 400; i++)
            {
                begins.Add(_time.GetUtcNow());
                calls.Add(new TaggedCall(predictor, (100_000 * round) + i).Start(predictor, Token));
                Assert.True(predictor.GetStatus().WaitingRows <= 80);
            }

            gate.SetResult();
            // Who waits for more rows waits for the clock.
            foreach (var call in calls) await Record.ExceptionAsync(() => BatchingPredictorTests.AdvanceUntilAsync(call.Task, predictor, _time));
            for (var i = 0; i < calls.Count; i++)
            {
                using var call = calls[i];
                try
                {
                    await call.Task;
                    Assert.True(call.HasOwnRows());
                    Assert.True(ends[(100_000 * round) + i] - begins[i] <= objective, $"{round} {i}");
                    answered++;
                }
                catch (PredictionRejectedException error)
                {
                    Assert.True(error.RetryAfter > TimeSpan.Zero);
                    rejected++;
                }
            }
        }

        Assert.True(answered >= 20 * 10, $"{answered}");
        Assert.True(rejected >= 20 * 100, $"{rejected}");

        // And it has recovered.
        model.Before = null;
        using var later = new TaggedCall(predictor, 5).Start(predictor, Token);
        await BatchingPredictorTests.AdvanceUntilAsync(later.Task, predictor, _time);
        Assert.True(later.HasOwnRows());
    }

    [Theory]
    [InlineData(false, 6)]
    [InlineData(false, 20)]
    [InlineData(true, 6)]
    [InlineData(true, 20)]
    public async Task PredictAsync_ModelWasTooSlowForAWhile_IsTriedAgainAndAnswers(bool hasObjective, int callsBefore)
    {
        var cost = TimeSpan.FromMilliseconds(callsBefore == 6 ? 200 : 1);
        var model = new TaggedPredictor { During = _ => _time.Advance(cost) };
        await using var predictor = CreateLimited(model, hasObjective);
        for (var i = 0; i < callsBefore; i++) await TryAsync(predictor, hasObjective);
        cost = TimeSpan.FromMilliseconds(200);
        for (var i = 0; i < 20; i++) await TryAsync(predictor, hasObjective);
        Assert.False(await TryAsync(predictor, hasObjective));

        cost = TimeSpan.FromMilliseconds(1);
        var answered = 0;
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            if (await TryAsync(predictor, hasObjective)) answered++;
        }

        Assert.Equal(100, answered);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_ModelStaysTooSlow_SpendsHalfOfItsTimeOnTrialsAtMost(bool hasObjective)
    {
        var cost = TimeSpan.FromMilliseconds(200);
        var model = new TaggedPredictor { During = _ => _time.Advance(cost) };
        await using var predictor = CreateLimited(model, hasObjective);
        for (var i = 0; i < 20; i++) await TryAsync(predictor, hasObjective);
        var (started, before) = (_time.GetUtcNow(), model.Batches.Count);
        for (var i = 0; i < 1000; i++)
        {
            // A caller is let go before the worker has ended; no time passes meanwhile.
            while (predictor.GetStatus().BusyWorkers > 0) await Task.Yield();
            _time.Advance(TimeSpan.FromMilliseconds(10));
            Assert.False(await TryAsync(predictor, hasObjective));
        }

        var (runs, lasted) = (model.Batches.Count - before, _time.GetUtcNow() - started);
        Assert.True(runs > 10 && runs * cost <= (lasted / 2) + cost, $"{runs} runs in {lasted}");
    }

    private BatchingPredictor CreateLimited(TaggedPredictor model, bool hasObjective) => BatchingPredictorTests.Create(
        model,
        options =>
        {
            if (hasObjective) (options.LatencyObjective, options.CallerThread) = (TimeSpan.FromMilliseconds(50), CallerThreadUse.Never);
        },
        _time);

    /// <summary>Makes a call that is of use for 50 ms.</summary>
    /// <returns>Whether it was answered by then.</returns>
    private async Task<bool> TryAsync(BatchingPredictor predictor, bool hasObjective)
    {
        using var call = new TaggedCall(predictor, 7);
        var until = _time.GetUtcNow() + TimeSpan.FromMilliseconds(50);
        if (!hasObjective) call.Context.Deadline = until;
        try
        {
            await BatchingPredictorTests.AdvanceUntilAsync(call.Start(predictor, Token).Task, predictor, _time);
            return _time.GetUtcNow() <= until;
        }
        catch (Exception error) when (error is PredictionRejectedException or PredictionFailedException { InnerException: TimeoutException })
        {
            return false;
        }
    }

    private async Task LearnAsync(BatchingPredictor predictor)
    {
        for (var i = 0; i < 40; i++)
        {
            using var call = new TaggedCall(predictor, i, 1 + (i % 10));
            await BatchingPredictorTests.AdvanceUntilAsync(call.Start(predictor, Token).Task, predictor, _time);
        }
    }

    private static async Task<PredictionRejectedException> RejectAsync(IPredictor predictor, PredictionPriority priority, int rows)
    {
        using var call = BatchingPredictorTests.With(new TaggedCall(predictor, 900, rows), priority).Start(predictor, Token);
        Assert.True(call.Task.IsCompleted);
        return await Assert.ThrowsAsync<PredictionRejectedException>(() => call.Task);
    }

    private TaggedCall StartUntil(IPredictor predictor, long tag, TimeSpan deadline, int rows = 1, int offset = 0)
    {
        var call = new TaggedCall(predictor, tag, rows, offset: offset);
        call.Context.Deadline = _time.GetUtcNow() + deadline;
        return call.Start(predictor, Token);
    }
}
