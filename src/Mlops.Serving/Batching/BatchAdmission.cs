using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Decides what is rejected, when it comes and when its turn has come, and how large batches may be. Guarded by the scheduler's lock.</summary>
internal sealed class BatchAdmission(BatchingOptions options, string model, BatchQueue queue, BatchWorkers workers, ComputeShare share, ServiceTimeModel service, BatchClock clock)
{
    /// <summary>Where nothing is known of the time that batches take.</summary>
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan s_leastRetryAfter = TimeSpan.FromMilliseconds(1);

    private readonly double? _objective = options.LatencyObjective?.TotalSeconds;

    /// <summary>Gets how many rows a batch has at most. A prediction waits for a running batch and runs in the next: with an objective, each may take half of it.</summary>
    public int RowLimit => _objective is { } seconds ? Math.Max(1, service.MaxRowsWithin(seconds / 2, options.MaxBatchRows)) : options.MaxBatchRows;

    /// <summary>How many batches of the model can run at the same time.</summary>
    private int Parallelism => Math.Min(options.WorkerCount, share.Slots);

    /// <summary>Until when it is worth to begin a prediction. What runs in the background has no objective: it may be split over many batches.</summary>
    public long UsefulUntil(PredictionPriority priority, long now, long deadline)
        => _objective is { } seconds && priority != PredictionPriority.Background ? Math.Min(deadline, clock.After(now, seconds)) : deadline;

    /// <summary>Whether a prediction is run however long batches were measured to take: that is known of the past, and only a run tells whether it still holds. A model that has
    /// rested for as long as a batch takes may try; so one that has become too slow spends half of its time on trials at most.</summary>
    public bool IsTrial(long now) => workers.Busy == 0 && queue.Rows == 0 && clock.SecondsBetween(workers.LastEnd, now) >= service.Predict(1);

    /// <summary>Finds why a prediction is not to wait; <see langword="null"/> where it may.</summary>
    public PredictionRejectedException? FindRejection(TensorBatch inputs, int hash, PredictionPriority priority, long now, long useful, long deadline, bool isTrial)
    {
        var rows = inputs.Rows;
        // One whose batches would wait while the first runs needs the queue.
        var needsQueue = queue.Rows > 0 || rows > RowLimit || !workers.HasPlace || !share.HasFree;
        var limit = options.LimitOf(priority);
        if (needsQueue && limit == 0 && rows <= RowLimit)
        {
            return new PredictionRejectedException(
                $"The model '{model}' is at work, and its queue takes no predictions of the priority {priority}. Try again later; the limit is set by {LimitOptionsOf(priority)}.",
                RetryAfter(queue.Rows + rows));
        }

        if (needsQueue && rows > limit)
        {
            return new PredictionRejectedException(
                $"A prediction of {Wording.Count(rows, "row")} was given to the model '{model}', whose queue takes {Wording.Count(limit, "row")} of the priority {priority} at most. Predict fewer rows at once; the limit is set by {LimitOptionsOf(priority)}.");
        }

        if (needsQueue && queue.Rows + rows > limit)
        {
            return new PredictionRejectedException(
                $"{Wording.Count(queue.Rows, "row waits", "rows wait")} for the model '{model}', and {Wording.Count(limit)} at most may for a prediction of the priority {priority} to wait too. Try again later; the limit is set by {LimitOptionsOf(priority)}.",
                RetryAfter(queue.Rows + rows - limit));
        }

        if (workers.Places == 0) return AllHang();
        if (useful == long.MaxValue || !service.IsKnown) return null;
        if (isTrial && clock.After(now, share.Expect().Slot) <= useful) return null;
        var expected = ExpectedSeconds(inputs, hash, priority, now);
        if (clock.After(now, expected + service.Margin) <= useful) return null;
        return new PredictionRejectedException(
            string.Create(CultureInfo.InvariantCulture, $"The answer of the model '{model}' is expected in {expected:0.####} s, but useless {(useful == deadline ? "after its deadline" : "beyond the latency objective")} in {clock.SecondsBetween(now, useful):0.####} s. Try again later."),
            RetryAfter(queue.Rows + rows));
    }

    /// <summary>Decides whether a request that waited may run in a batch; where not, it is told so.</summary>
    /// <param name="request">The request.</param>
    /// <param name="limit">How many rows the batch has at most.</param>
    /// <param name="now">The present time stamp.</param>
    /// <returns>How large the batch may be for its sake; −1 where it is to be dropped.</returns>
    public int Admit(BatchRequest request, int limit, long now)
    {
        // Of one that was begun, the rest is worth as much as what was answered.
        if (request.TakenRows > 0 && request.Deadline > now) return limit;
        if (request.Useful == long.MaxValue) return limit;
        var left = clock.SecondsBetween(now, request.Useful);
        var rows = left <= 0 ? 0 : service.MaxRowsWithin(left - service.Margin, limit);
        if (rows >= Math.Min(limit, request.Rows)) return rows;
        if (request.IsTrial && left > 0) return limit;
        request.TryEnd(left <= 0 && request.Deadline <= now
            ? TooLate("while it waited")
            : new PredictionRejectedException($"The prediction by '{model}' waited for so long that its answer would come too late. Try again later.", RetryAfter(queue.Rows)));
        return -1;
    }

    public PredictionRejectedException TooLate(string when) => new($"The deadline of the prediction by '{model}' had passed {when}.");

    public PredictionRejectedException AllHang() => new($"All calls of the model '{model}' hang. Restart the process, and find out why the model does not answer.", options.HangTimeout);

    public PredictionRejectedException Closed() => new($"The prediction by '{model}' was not begun: its batching is being shut down.");

    private static string LimitOptionsOf(PredictionPriority priority) => priority switch
    {
        PredictionPriority.Interactive => $"{nameof(BatchingOptions)}.{nameof(BatchingOptions.QueueCapacity)}",
        PredictionPriority.Normal => $"{nameof(BatchingOptions)}.{nameof(BatchingOptions.QueueCapacity)} and {nameof(BatchingOptions.NormalQueueRatio)}",
        _ => $"{nameof(BatchingOptions)}.{nameof(BatchingOptions.QueueCapacity)} and {nameof(BatchingOptions.BackgroundQueueRatio)}",
    };

    /// <summary>How long a prediction would take that began to wait now: the rest of what runs, the batches before it, of other groups too, its own, and the turns of other models in between.</summary>
    private double ExpectedSeconds(TensorBatch inputs, int hash, PredictionPriority priority, long now)
    {
        var limit = RowLimit;
        var (batches, rows) = queue.MeasureUntil(inputs, hash, BatchQueue.ClassOf(priority), limit);
        var batch = service.Predict(Math.Min(limit, (double)rows / batches));
        var rounds = (batches + Parallelism - 1) / Parallelism;
        var (slot, others, turn) = share.Expect();
        var first = workers.HasPlace ? slot : workers.FirstFreeIn(now, service) + others;
        return first + Math.Max(rounds * batch, ((batches - 1) * turn) + batch);
    }

    /// <summary>How long the workers need for rows, at the pace of full batches.</summary>
    private TimeSpan RetryAfter(int rows)
    {
        if (!service.IsKnown) return s_retryAfter;
        var limit = RowLimit;
        var wait = TimeSpan.FromSeconds((double)rows / limit * Math.Max(share.Expect().Turn, service.Predict(limit) / Parallelism));
        return wait > s_leastRetryAfter ? wait : s_leastRetryAfter;
    }
}
