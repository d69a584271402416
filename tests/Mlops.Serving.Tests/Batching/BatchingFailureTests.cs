using System.Diagnostics.Metrics;
using Mlops.Data;
using Mlops.Models;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Serving.Tests.Batching;

public sealed class BatchingFailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, false)]
    [InlineData(37, false)]
    [InlineData(63, false)]
    [InlineData(0, true)]
    [InlineData(37, true)]
    [InlineData(63, true)]
    public async Task PredictAsync_OneBadRequest_FailsAloneAtLogarithmicCost(int position, bool namesRow)
    {
        var model = new TaggedPredictor { FailsOnNegative = true, NamesRow = namesRow };
        await using var predictor = BatchingPredictorTests.Create(model);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, Enumerable.Range(0, 64).Select(i => new TaggedCall(predictor, i == position ? -1 : 100 * i, 2)));
        gate.SetResult();
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => calls[position].Task);
        Assert.Equal("poison", error.Message);
        // As without a batch: the row is that of the caller.
        Assert.Equal(namesRow ? 0 : null, error.Row);
        Assert.True(calls[position].IsBlank);
        await BatchingPredictorTests.EndAsync(blocked, calls.Where((_, i) => i != position));
        // The batch itself, and two halves of each of six sizes; where the model names the row, what is before and after it.
        Assert.InRange(model.Batches.Count - 1, 2, namesRow ? 4 : 13);
    }

    /// <summary>A request that is split over batches is told the row of its own, not of the part.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(70)]
    [InlineData(133)]
    [InlineData(199)]
    public async Task PredictAsync_BadRowOfASplitRequest_IsNamedAsOfTheRequest(int row)
    {
        var model = new BadRowPredictor();
        await using var predictor = new BatchingPredictor(model, new BatchingOptions { MaxBatchRows = 64 });
        using var inputs = predictor.Signature.RentInputs(200);
        using var outputs = predictor.Signature.RentOutputs(200);
        inputs.Get<float>(0).Span.Fill(1);
        inputs.Get<float>(0).Span[row] = -1;
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token).AsTask());
        Assert.Equal(row, error.Row);
    }

    [Fact]
    public async Task PredictAsync_ListenerOfMeasurementsThrows_HarmsNobody()
    {
        using var meters = new RecordedMeasurements();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "mlops.prediction.batch.size" && ReferenceEquals(instrument.Meter.Scope, meters)) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("a bad listener"));
        listener.Start();
        await using var predictor = new BatchingPredictor(new TaggedPredictor(), new BatchingOptions { WorkerCount = 1, CallerThread = CallerThreadUse.Never }, meterFactory: meters);
        for (var i = 0; i < 3; i++)
        {
            using var call = new TaggedCall(predictor, i).Start(predictor, Token);
            await call.Task;
            Assert.True(call.HasOwnRows());
        }
    }

    /// <summary>What is learned of the time of batches is of the rows that ran, and of no batch that never did.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PredictAsync_CallersLeaveBeforeTheirRowsAreGathered_TheTimeOfABatchIsNotMistaken(bool isEverybody)
    {
        // 10 ms a batch and 1 ms a row.
        var time = new ManualTimeProvider();
        var model = new TaggedPredictor { During = inputs => time.Advance(TimeSpan.FromMilliseconds(10 + inputs.Rows)) };
        using var meters = new RecordedMeasurements();
        using var listener = new MeterListener();
        CancellationTokenSource? leave = null;
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "mlops.prediction.batch.size" && ReferenceEquals(instrument.Meter.Scope, meters)) self.EnableMeasurementEvents(instrument);
        };
        // A batch is measured between the taking and the gathering of its rows.
        listener.SetMeasurementEventCallback<long>((_, rows, _, _) =>
        {
            if (rows > 10) leave?.Cancel();
        });
        listener.Start();
        await using var predictor = new BatchingPredictor(model, new BatchingOptions { WorkerCount = 1, CallerThread = CallerThreadUse.Never }, timeProvider: time, meterFactory: meters);
        for (var i = 0; i < 40; i++)
        {
            using var call = new TaggedCall(predictor, 100, 1 + (i % 10)).Start(predictor, Token);
            await call.Task;
        }

        await BatchingPredictorTests.IdleAsync(predictor);
        for (var i = 0; i < 20; i++)
        {
            leave = new CancellationTokenSource();
            var (isRunning, goesOn) = BatchingPredictorTests.Gate(model);
            using var blocking = new TaggedCall(predictor, 1).Start(predictor, Token);
            await isRunning;
            model.Before = null;
            using var leaving = new TaggedCall(predictor, 100, 60).Start(predictor, leave.Token);
            using var staying = new TaggedCall(predictor, 200, 2).Start(predictor, isEverybody ? leave.Token : Token);
            goesOn.SetResult();
            await blocking.Task;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving.Task);
            if (isEverybody) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => staying.Task);
            else await staying.Task;
            await BatchingPredictorTests.IdleAsync(predictor);
            leave.Dispose();
        }

        Assert.DoesNotContain(model.Batches, rows => rows > 10);
        Assert.Equal(isEverybody ? 60 : 80, model.Batches.Count);
        var status = predictor.GetStatus();
        Assert.Equal(10, status.BatchTime.TotalMilliseconds, 1e-3);
        Assert.Equal(1, status.RowTime.TotalMilliseconds, 1e-3);
    }

    [Fact]
    public async Task PredictAsync_SeveralBadRequests_TheOthersSucceed()
    {
        int[] bad = [0, 1, 2, 3, 20, 40, 41];
        var model = new TaggedPredictor { FailsOnNegative = true };
        await using var predictor = BatchingPredictorTests.Create(model);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, Enumerable.Range(0, 64).Select(i => new TaggedCall(predictor, bad.Contains(i) ? -1 : 100 * i)));
        gate.SetResult();
        foreach (var position in bad) await Assert.ThrowsAsync<PredictionFailedException>(() => calls[position].Task);
        await BatchingPredictorTests.EndAsync(blocked, calls.Where((_, i) => !bad.Contains(i)));
    }

    [Fact]
    public async Task PredictAsync_ModelFailsOnEverything_CostsHardlyMoreThanWithoutBatches()
    {
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, Enumerable.Range(0, 128).Select(i => new TaggedCall(predictor, 100 * i)));
        var (isRunning, goesOn) = BatchingPredictorTests.Gate(model);
        gate.SetResult();
        await isRunning;
        await blocked.Task;
        model.Failure = () => new InvalidOperationException("broken");
        goesOn.SetResult();
        var errors = await FailAllAsync(calls);
        Assert.All(errors, error => Assert.Equal("broken", error.InnerException!.Message));
        Assert.Equal(errors.Length, errors.Distinct(ReferenceEqualityComparer.Instance).Count());
        // The batch, six halves down to two, and each of them.
        Assert.Equal(128 + 7, model.Batches.Count - 1);
    }

    /// <summary>However many are bad, and wherever they are: each of the others succeeds.</summary>
    [Fact]
    public async Task PredictAsync_MostRequestsBad_TheOthersSucceed()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var share = random.NextDouble();
            var isBad = Enumerable.Range(0, 64).Select(_ => random.NextDouble() < share).ToArray();
            var model = new TaggedPredictor { FailsOnNegative = true };
            await using var predictor = BatchingPredictorTests.Create(model);
            using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
            var calls = BatchingPredictorTests.Start(predictor, Enumerable.Range(0, 64).Select(i => new TaggedCall(predictor, isBad[i] ? -1 : 100 * i)));
            gate.SetResult();
            for (var i = 0; i < calls.Length; i++)
            {
                if (isBad[i]) await Assert.ThrowsAsync<PredictionFailedException>(() => calls[i].Task);
            }

            await BatchingPredictorTests.EndAsync(blocked, calls.Where((_, i) => !isBad[i]));
        }
    }

    [Theory]
    [InlineData("disposed")]
    [InlineData("rejected")]
    [InlineData("timeout")]
    public async Task PredictAsync_FailureThatIsNotOfRows_IsTriedOnce(string kind)
    {
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model);
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, Enumerable.Range(0, 16).Select(i => new TaggedCall(predictor, 100 * i)));
        var (isRunning, goesOn) = BatchingPredictorTests.Gate(model);
        gate.SetResult();
        await isRunning;
        model.Failure = () => kind switch
        {
            "disposed" => new ObjectDisposedException("session"),
            "rejected" => new PredictionRejectedException("full", TimeSpan.FromSeconds(3), new IOException("busy")),
            _ => new TimeoutException("slow"),
        };
        goesOn.SetResult();
        await blocked.Task;
        var errors = await FailAllAsync(calls);
        Assert.Equal(2, model.Batches.Count);
        Assert.All(errors, error => Assert.True(kind switch
        {
            "disposed" => error is ObjectDisposedException { ObjectName: "session" },
            "rejected" => error is PredictionRejectedException { RetryAfter.TotalSeconds: 3, InnerException: IOException },
            _ => error is PredictionFailedException { InnerException: TimeoutException },
        }));
    }

    /// <summary>The type of a failure does not tell how busy the model was.</summary>
    [Theory]
    [InlineData("on the caller's thread")]
    [InlineData("on the caller's thread, later")]
    [InlineData("alone in a batch")]
    [InlineData("beside others")]
    public async Task PredictAsync_ModelThrowsAnExceptionOfItsOwn_FailsWithItAsTheCause(string where)
    {
        foreach (var failure in new Exception[] { new TimeoutException("slow"), new InvalidOperationException("broken"), new OperationCanceledException("given up") })
        {
            var model = new TaggedPredictor();
            await using var predictor = BatchingPredictorTests.Create(model, options => options.CallerThread = where == "alone in a batch" ? CallerThreadUse.Never : CallerThreadUse.Always);
            TaggedCall[] calls;
            if (where == "beside others")
            {
                using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
                calls = BatchingPredictorTests.Start(predictor, [new(predictor, 100), new(predictor, 200)]);
                var (isRunning, goesOn) = BatchingPredictorTests.Gate(model);
                gate.SetResult();
                await isRunning;
                await blocked.Task;
                model.Failure = () => failure;
                goesOn.SetResult();
            }
            else
            {
                if (where.EndsWith("later", StringComparison.Ordinal)) model.Before = static async _ => await Task.Yield();
                model.Failure = () => failure;
                calls = BatchingPredictorTests.Start(predictor, [new(predictor, 100)]);
            }

            foreach (var call in calls)
            {
                var error = await Assert.ThrowsAsync<PredictionFailedException>(() => call.Task);
                Assert.Equal(("tagged", $"The model 'tagged' threw {failure.GetType().Name}; the inner exception says why."), (error.Model, error.Message));
                Assert.Same(failure, error.InnerException);
                call.Dispose();
            }
        }
    }

    [Fact]
    public async Task PredictAsync_PartOfASplitRequestFails_FailsAsAWholeAndTheRestIsNotRun()
    {
        var model = new TaggedPredictor { FailsOnNegative = true };
        await using var predictor = BatchingPredictorTests.Create(model, options => options.MaxBatchRows = 4);
        using var call = new TaggedCall(predictor, -1, 40).Start(predictor, Token);
        await Assert.ThrowsAsync<PredictionFailedException>(() => call.Task);
        using var next = new TaggedCall(predictor, 7, 9).Start(predictor, Token);
        await next.Task;
        Assert.True(next.HasOwnRows());
        Assert.Equal([4, 4, 4, 1], model.Batches);
        Assert.Equal(0, predictor.GetStatus().WaitingRows);
    }

    [Fact]
    public async Task PredictAsync_CallerDisposesItsTensorsWhileItWaits_HarmsNobodyElse()
    {
        var model = new TaggedPredictor();
        await using var predictor = BatchingPredictorTests.Create(model);
        // The worker has tensors of its own by then, and does not rent those that are given back.
        using var warm = new TaggedCall(predictor, 1, 200);
        await warm.Start(predictor, Token).Task;
        using var blocked = BatchingPredictorTests.Block(model, predictor, out var gate);
        var calls = BatchingPredictorTests.Start(predictor, Enumerable.Range(0, 4).Select(i => new TaggedCall(predictor, 100 * i)));
        calls[0].Inputs.Dispose();
        calls[2].Inputs.Dispose();
        gate.SetResult();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls[0].Task);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls[2].Task);
        await BatchingPredictorTests.EndAsync(blocked, [calls[1], calls[3]]);
    }

    private static async Task<Exception[]> FailAllAsync(TaggedCall[] calls)
    {
        var errors = new List<Exception>();
        foreach (var call in calls)
        {
            errors.Add(await Assert.ThrowsAnyAsync<Exception>(() => call.Task));
            Assert.True(call.IsBlank);
            call.Dispose();
        }

        return [.. errors];
    }

    /// <summary>Refuses a negative number, and says in which row of its batch it is.</summary>
    private sealed class BadRowPredictor : IPredictor
    {
        public ModelSignature Signature { get; } = new([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]);

        public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            var values = inputs.Get<float>(0).Span;
            for (var row = 0; row < values.Length; row++)
            {
                if (values[row] < 0) throw new PredictionFailedException("bad-row", "The number is negative.") { Row = row };
            }

            values.CopyTo(outputs.Get<float>(0).Span);
            return ValueTask.CompletedTask;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
