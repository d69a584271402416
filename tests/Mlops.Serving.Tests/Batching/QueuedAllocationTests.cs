using Mlops.Models;

namespace Mlops.Serving.Tests.Batching;

/// <summary>What a typed prediction allocates that waits behind a busy worker.</summary>
[Collection(nameof(ProcessWideTests))]
public sealed class QueuedAllocationTests
{
    private const int Rounds = 20;
    private const int CallsOfARound = 200;

    private int _turn;
    private int _isInside;
    private volatile bool _isDone;

    [Fact]
    public void PredictAsync_TypedAndQueued_AllocatesNothing()
    {
        var model = new Blocking(this);
        var predictor = new BatchingPredictor(model, new BatchingOptions { WorkerCount = 1, MaxBatchRows = 1 });
        var typed = predictor.AsTyped<X, Y>();
        var blocker = new Thread(() => Block(predictor, model));
        blocker.Start();
        var (wrong, least, before) = (0, double.MaxValue, 0L);
        for (var call = 1; call <= Rounds * CallsOfARound; call++)
        {
            if (call % CallsOfARound == 1) before = GC.GetTotalAllocatedBytes(precise: true);
            Volatile.Write(ref _turn, call);
            var spin = default(SpinWait);
            while (Volatile.Read(ref _isInside) != call) spin.SpinOnce(sleep1Threshold: -1);
            var task = typed.PredictAsync(new X(call), cancellationToken: CancellationToken.None);
            if (task.IsCompleted) wrong++;
            Volatile.Write(ref _isInside, 0);
            while (!task.IsCompleted) spin.SpinOnce(sleep1Threshold: -1);
            if (ResultOf(task) != new Y(3 * call, 3)) wrong++;
            if (call % CallsOfARound == 0) least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)CallsOfARound);
        }

        _isDone = true;
        blocker.Join();
        Assert.Equal(0, wrong);
        TestContext.Current.TestOutputHelper!.WriteLine($"{least:F1} bytes for each call");

        // All threads are counted: the runtime and the test runner allocate too, but not during each round. The least object has 24 bytes.
        Assert.True(least < 12, $"{least} bytes for each call");
    }

    private static Y ResultOf(ValueTask<Y> completed) => completed.GetAwaiter().GetResult();

    /// <summary>Takes the only worker, and keeps it until the other call waits.</summary>
    private void Block(BatchingPredictor predictor, Blocking model)
    {
        model.Blocker = Environment.CurrentManagedThreadId;
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        var context = new PredictionContext();
        var last = 0;
        var spin = default(SpinWait);
        while (!_isDone)
        {
            if (Volatile.Read(ref _turn) == last)
            {
                spin.SpinOnce(sleep1Threshold: -1);
                continue;
            }

            last = _turn;
            do
            {
                // The worker may not be free yet when its last answer is there: then this call is queued, and run by another thread.
                var task = predictor.PredictAsync(inputs, outputs, context, CancellationToken.None);
                while (!task.IsCompleted) spin.SpinOnce(sleep1Threshold: -1);
                task.GetAwaiter().GetResult();
            }
            while (model.Turn != last);
        }
    }

    private sealed class Blocking(QueuedAllocationTests test) : DelegatingPredictor(new FactorModel(3).CreatePredictor())
    {
        public int Blocker { get; set; }

        /// <summary>Gets the turn that the blocker was inside last.</summary>
        public int Turn { get; private set; }

        public override ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            if (Environment.CurrentManagedThreadId == Blocker)
            {
                var turn = Turn = Volatile.Read(ref test._turn);
                Volatile.Write(ref test._isInside, turn);
                var spin = default(SpinWait);
                while (Volatile.Read(ref test._isInside) == turn) spin.SpinOnce(sleep1Threshold: -1);
            }

            return InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);
        }
    }
}
