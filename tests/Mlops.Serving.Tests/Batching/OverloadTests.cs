using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Mlops.Tests;

namespace Mlops.Serving.Tests.Batching;

/// <summary>Ten calls for each that the model can answer, from threads and by the real clock; with MLOPS_SOAK=1 a hundred times as many. Alone, because the memory of the process is measured.</summary>
[Collection(nameof(ProcessWideTests))]
public sealed class OverloadTests
{
    private const int Callers = 4;
    private const int Factor = 10;
    private const int Capacity = 4000;
    private const double Megabyte = 1 << 20;

    private static readonly bool s_isSoak = Environment.GetEnvironmentVariable("MLOPS_SOAK") == "1";
    private static readonly TimeSpan s_objective = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentQueue<TimeSpan> _latencies = new();
    private readonly Durations _rejectingAtOnce = new();
    private readonly Durations _rejectingLater = new();
    private readonly ConcurrentQueue<Exception> _faults = new();
    private int _offered;
    private int _answered;
    private int _running;
    private int _rejectedAtOnce;
    private int _rejectedLater;
    private int _mostWaiting;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_TenTimesTheCapacity_RejectsTheRestAtOnceAndGoesOnAfterwards()
    {
        var target = s_isSoak ? 300_000 : 3_000;
        // A batch takes as long as the timer does, and no processor.
        var model = new TaggedPredictor { Records = false, Before = _ => Task.Delay(5, CancellationToken.None) };
        await using var predictor = new BatchingPredictor(model, new BatchingOptions { MaxBatchRows = 32, WorkerCount = 2, QueueCapacity = Capacity, LatencyObjective = s_objective });
        for (var call = 0; call < 40; call++) await AnswerAsync(predictor, call);
        await LoadAsync(predictor, target / 3);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await LoadAsync(predictor, target);
        var recovering = Stopwatch.StartNew();
        await DrainAsync();
        await AnswerAsync(predictor, 1);
        recovering.Stop();
        var growth = (GC.GetTotalMemory(forceFullCollection: true) - before) / Megabyte;

        // Nobody is turned away any more, unless the machine itself stops for longer than the objective.
        var turnedAway = 0;
        for (var call = 0; call < 50; call++) turnedAway += await AnswerAsync(predictor, call);
        Assert.InRange(turnedAway, 0, s_isSoak ? 0 : 10);
        var status = await BatchingPredictorTests.IdleAsync(predictor);
        Assert.True(status is { WaitingRows: 0, HangingWorkers: 0 }, $"{status}");
        Assert.Empty(_faults);
        Assert.Equal(_offered, _answered + _rejectedAtOnce + _rejectedLater);
        Assert.InRange(_answered, target, int.MaxValue);
        Assert.True(_rejectedAtOnce + _rejectedLater > (Factor - 2) * _answered, $"{_answered} calls were answered, {_rejectedAtOnce + _rejectedLater} rejected.");
        Assert.True(_rejectedAtOnce > _rejectedLater, $"{_rejectedAtOnce} calls were rejected at once, {_rejectedLater} after they had waited.");
        Assert.InRange(_mostWaiting, 1, Capacity);
        Assert.True(growth < 8, $"The memory grew by {growth:F1} MB.");
        var latencies = _latencies.Order().ToArray();
        var (median, high) = (latencies[latencies.Length / 2], latencies[latencies.Length * 99 / 100]);
        var rejectedAfter = _rejectingLater.At(0.99);
        Figures.Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"batching at {Factor} times its capacity, objective {s_objective.TotalMilliseconds:F0} ms: {_offered:N0} calls, {_answered:N0} answered in {median.TotalMilliseconds:F0} ms (median) and {high.TotalMilliseconds:F0} ms (99 %), {_rejectedAtOnce:N0} rejected at once, in {_rejectingAtOnce.At(0.99).TotalMicroseconds:N0} µs (99 %), {_rejectedLater:N0} after they had waited, {rejectedAfter.TotalMilliseconds:F0} ms (99 %); at most {_mostWaiting:N0} rows waited, memory {growth:+0.0;-0.0} MB, idle and answering again after {recovering.Elapsed.TotalMilliseconds:F0} ms"));
        // What the callers do with their answers and rejections is measured too. In full it runs alone; otherwise beside other tests, and only what is out of all proportion is a fault.
        var (highest, longest) = s_isSoak ? (1.1 * s_objective, TimeSpan.FromSeconds(1)) : (10 * s_objective, TimeSpan.FromSeconds(30));
        Assert.True(high <= highest, $"{high} is beyond the objective, {s_objective}.");

        // Of all that are rejected as few are told late as of those that are answered. Those that had waited are the ones that a stop of the machine has held up.
        var late = _rejectingAtOnce.CountBeyond(highest) + _rejectingLater.CountBeyond(highest);
        Assert.True(late <= 0.01 * (_rejectedAtOnce + _rejectedLater), $"{late} calls were rejected later than {highest}.");
        Assert.True(rejectedAfter <= 2 * highest, $"Calls that had waited were rejected after {rejectedAfter}, far beyond the objective, {s_objective}.");
        Assert.True(recovering.Elapsed <= longest, $"It took {recovering.Elapsed} to recover.");
    }

    /// <summary>Predicts until it is answered.</summary>
    /// <returns>How often it was turned away before, because its answer would have come too late.</returns>
    private static async Task<int> AnswerAsync(BatchingPredictor predictor, long tag)
    {
        for (var turnedAway = 0; ; turnedAway++)
        {
            using var call = new TaggedCall(predictor, tag).Start(predictor, Token);
            try
            {
                await call.Task;
            }
            catch (PredictionRejectedException) when (turnedAway < 20)
            {
                continue;
            }

            Assert.True(call.HasOwnRows());
            return turnedAway;
        }
    }

    /// <summary>Offers ten calls for each that is answered, until so many are.</summary>
    private Task LoadAsync(BatchingPredictor predictor, int answered) => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
        async () =>
        {
            for (long call = 0; Volatile.Read(ref _answered) < answered && _faults.IsEmpty; call++)
            {
                // Where nothing runs, nothing would be answered: after a stop of the machine all may have been rejected.
                if (Volatile.Read(ref _offered) > (Factor * Volatile.Read(ref _answered)) + Capacity && Volatile.Read(ref _running) > 0)
                {
                    await Task.Delay(1, Token);
                    continue;
                }

                Offer(new TaggedCall(predictor, ((long)caller << 40) + (call << 8), rows: 1 + (int)(call % 4)), predictor);
                if (call % 64 == 0) Interlocked.Exchange(ref _mostWaiting, Math.Max(_mostWaiting, predictor.GetStatus().WaitingRows));
            }
        },
        Token)));

    private void Offer(TaggedCall call, BatchingPredictor predictor)
    {
        Interlocked.Increment(ref _offered);
        Interlocked.Increment(ref _running);
        var started = Stopwatch.GetTimestamp();
        call.Start(predictor, Token);
        // The call itself, without what is done with its task.
        var calling = Stopwatch.GetElapsedTime(started);
        _ = EndAsync(call, started, call.Task.IsCompleted ? calling : null);
    }

    private async Task EndAsync(TaggedCall call, long started, TimeSpan? atOnce)
    {
        // The exceptions of many callers at once cost more than what is measured.
        await call.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var elapsed = Stopwatch.GetElapsedTime(started);
        try
        {
            await call.Task;
            if (!call.HasOwnRows()) throw new InvalidOperationException("A caller got other rows than its own.");
            _latencies.Enqueue(Stopwatch.GetElapsedTime(started));
            Interlocked.Increment(ref _answered);
        }
        catch (PredictionRejectedException) when (atOnce is not null)
        {
            _rejectingAtOnce.Add(atOnce.Value);
            Interlocked.Increment(ref _rejectedAtOnce);
        }
        catch (PredictionRejectedException)
        {
            _rejectingLater.Add(elapsed);
            Interlocked.Increment(ref _rejectedLater);
        }
        catch (Exception error)
        {
            _faults.Enqueue(error);
        }
        finally
        {
            call.Dispose();
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task DrainAsync()
    {
        while (Volatile.Read(ref _running) > 0) await Task.Delay(1, Token);
    }

    /// <summary>Counts durations by their length, so that millions take no more memory than a few.</summary>
    private sealed class Durations
    {
        private static readonly TimeSpan s_unit = TimeSpan.FromMicroseconds(10);

        private readonly int[] _counts = new int[1 << 20];

        public void Add(TimeSpan duration) => Interlocked.Increment(ref _counts[PlaceOf(duration)]);

        public int CountBeyond(TimeSpan limit) => _counts.Skip(PlaceOf(limit)).Sum();

        /// <summary>Gets what a part of them does not exceed; zero where there are none.</summary>
        public TimeSpan At(double part)
        {
            var left = _counts.Sum(count => (long)count) * part;
            for (var i = 0; i < _counts.Length && left > 0; i++)
            {
                if ((left -= _counts[i]) <= 0) return (i + 1) * s_unit;
            }

            return TimeSpan.Zero;
        }

        private int PlaceOf(TimeSpan duration) => (int)Math.Min(duration / s_unit, _counts.Length - 1);
    }
}
