using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>What the scheduler rejects, and how large batches may be. All of it under its lock.</summary>
internal sealed partial class BatchScheduler
{
    /// <summary>Where nothing is known of the time that batches take.</summary>
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan s_leastRetryAfter = TimeSpan.FromMilliseconds(1);

    /// <summary>How many batches of the model can run at the same time.</summary>
    private int Workers => Math.Min(_options.WorkerCount, _budget?.Slots ?? int.MaxValue);

    /// <summary>A prediction waits for a running batch and runs in the next: with an objective, each may take half of it.</summary>
    private int RowLimit() => _options.LatencyObjective is { } objective
        ? Math.Max(1, _service.MaxRowsWithin(objective.TotalSeconds / 2, _options.MaxBatchRows))
        : _options.MaxBatchRows;

    /// <summary>Whether a prediction is run however long batches were measured to take: that is known of the past, and only a run tells whether it still holds. A model that has
    /// rested for as long as a batch takes may try; so one that has become too slow spends half of its time on trials at most.</summary>
    private bool IsTrial(long now) => _busy == 0 && _queue.Rows == 0 && SecondsBetween(_lastEnd, now) >= _service.Predict(1);

    private PredictionRejectedException? FindRejection(TensorBatch inputs, int hash, PredictionPriority priority, long now, long useful, long deadline, bool isTrial)
    {
        var rows = inputs.Rows;
        var limit = _options.LimitOf(priority);
        if (rows > limit)
        {
            return new PredictionRejectedException(string.Create(
                CultureInfo.InvariantCulture,
                $"A prediction of {rows} rows was given to the model '{Model}', whose queue takes {limit} rows of the priority {priority} at most. Predict fewer rows at once, or raise {nameof(BatchingOptions)}.{nameof(BatchingOptions.QueueCapacity)}."));
        }

        if (_queue.Rows + rows > limit)
        {
            return new PredictionRejectedException(
                string.Create(CultureInfo.InvariantCulture, $"{_queue.Rows} rows wait for the model '{Model}', and {limit} at most may for a prediction of the priority {priority} to wait too. Try again later."),
                RetryAfter(_queue.Rows + rows - limit));
        }

        if (Places == 0) return AllHang();
        if (useful == long.MaxValue || !_service.IsKnown) return null;
        var expected = ExpectedSeconds(inputs, hash, priority, now);
        var needed = isTrial ? _budget?.Expect(_ticket, _isContending).Slot ?? 0 : expected + _service.Margin;
        if (After(now, needed) <= useful) return null;
        return new PredictionRejectedException(
            string.Create(CultureInfo.InvariantCulture, $"The answer of the model '{Model}' is expected in {expected:0.####} s, but useless {(useful == deadline ? "after its deadline" : "beyond the latency objective")} in {SecondsBetween(now, useful):0.####} s. Try again later."),
            RetryAfter(_queue.Rows + rows));
    }

    /// <summary>How long a prediction would take that began to wait now: the rest of what runs, the batches before it, of other groups too, its own, and the turns of other models in between.</summary>
    private double ExpectedSeconds(TensorBatch inputs, int hash, PredictionPriority priority, long now)
    {
        var limit = RowLimit();
        var (batches, rows) = _queue.MeasureUntil(inputs, hash, BatchQueue.ClassOf(priority), limit);
        var batch = _service.Predict(Math.Min(limit, (double)rows / batches));
        var rounds = (batches + Workers - 1) / Workers;
        var (slot, others, turn) = _budget?.Expect(_ticket, _isContending) ?? default;
        var first = _busy < Places ? slot : FirstFreeIn(now) + others;
        return first + Math.Max(rounds * batch, ((batches - 1) * turn) + batch);
    }

    /// <summary>In how many seconds the first of the busy workers is expected to be free.</summary>
    private double FirstFreeIn(long now)
    {
        var first = double.PositiveInfinity;
        foreach (var worker in _workers)
        {
            if (worker.IsRunning && !worker.IsHanging) first = Math.Min(first, Math.Max(0, _service.Predict(worker.Rows) - SecondsBetween(worker.StartedAt, now)));
        }

        return double.IsPositiveInfinity(first) ? 0 : first;
    }

    /// <summary>How long the workers need for rows, at the pace of full batches.</summary>
    private TimeSpan RetryAfter(int rows)
    {
        if (!_service.IsKnown) return s_retryAfter;
        var limit = RowLimit();
        var turn = _budget?.Expect(_ticket, _isContending).Turn ?? 0;
        var wait = TimeSpan.FromSeconds((double)rows / limit * Math.Max(turn, _service.Predict(limit) / Workers));
        return wait > s_leastRetryAfter ? wait : s_leastRetryAfter;
    }

    /// <summary>Whether a request that waited may run in a batch, and how large it may be for its sake.</summary>
    private int Admit(BatchRequest request, int limit)
    {
        // Of one that was begun, the rest is worth as much as what was answered.
        if (request.TakenRows > 0 && request.Deadline > _now) return limit;
        if (request.Useful == long.MaxValue) return limit;
        var left = SecondsBetween(_now, request.Useful);
        var rows = left <= 0 ? 0 : _service.MaxRowsWithin(left - _service.Margin, limit);
        if (rows >= Math.Min(limit, request.Rows)) return rows;
        if (request.IsTrial && left > 0) return limit;
        request.TryEnd(left <= 0 && request.Deadline <= _now
            ? TooLate("while it waited")
            : new PredictionRejectedException($"The prediction by '{Model}' waited for so long that its answer would come too late. Try again later.", RetryAfter(_queue.Rows)));
        return -1;
    }

    private PredictionRejectedException TooLate(string when) => new($"The deadline of the prediction by '{Model}' had passed {when}.");

    private PredictionRejectedException AllHang() => new($"All calls of the model '{Model}' hang. Restart the process, and find out why the model does not answer.", _options.HangTimeout);

    private PredictionRejectedException Closed() => new($"The prediction by '{Model}' was not begun: its batching is being shut down.");
}
