using Mlops.Models;

namespace Mlops.Serving;

/// <summary>How <see cref="BatchingPredictor"/> forms batches of the rows of many callers, and when it rejects.</summary>
public sealed class BatchingOptions
{
    /// <summary>Gets or sets how many rows a batch holds at most. Predictions of more rows are split over several batches and joined again.</summary>
    /// <value>The default value is 128 rows.</value>
    public int MaxBatchRows { get; set; } = 128;

    /// <summary>Gets or sets how many batches of the model run at the same time. While fewer run, nothing waits: a prediction runs at once, on its caller's thread where <see cref="CallerThread"/> allows it.</summary>
    /// <value>The default value is half the number of processors, at least 1: the callers need the others.</value>
    public int WorkerCount { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Gets or sets which predictions run on their caller's thread where a worker is free.</summary>
    /// <value>The default value is <see cref="CallerThreadUse.WithoutDeadline"/>: a deadline is kept also where the model hangs.</value>
    public CallerThreadUse CallerThread { get; set; } = CallerThreadUse.WithoutDeadline;

    /// <summary>Gets or sets how many rows may wait. Predictions that would exceed it are rejected at once; one batch that a free worker takes at once does not wait.</summary>
    /// <value>The default value is 16,384 rows.</value>
    public int QueueCapacity { get; set; } = 16_384;

    /// <summary>Gets or sets up to which part of <see cref="QueueCapacity"/> the queue may be filled, by whatever priority, for a prediction of <see cref="PredictionPriority.Normal"/> to be taken: the rest is kept for interactive ones.</summary>
    /// <value>The default value is 0.9; from 0 to 1.</value>
    public double NormalQueueRatio { get; set; } = 0.9;

    /// <summary>Gets or sets up to which part of <see cref="QueueCapacity"/> the queue may be filled, by whatever priority, for a prediction of <see cref="PredictionPriority.Background"/> to be taken.</summary>
    /// <value>The default value is 0.5; from 0 to 1.</value>
    public double BackgroundQueueRatio { get; set; } = 0.5;

    /// <summary>
    /// Gets or sets how long a prediction may take from call to answer. With an objective, predictions that would take longer by the time that batches are measured to take are rejected,
    /// batches are kept so short that a prediction which waits for one of them and then runs in the next keeps to it, and a free worker waits for more rows where that raises its throughput.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: nothing is rejected before the queue is full, and no worker ever waits.</value>
    public TimeSpan? LatencyObjective { get; set; }

    /// <summary>Gets or sets after how long a running batch counts as hanging: it is reported, and another worker takes its place while others wait.</summary>
    /// <value>The default value is 30 seconds; <see cref="Timeout.InfiniteTimeSpan"/> for never.</value>
    public TimeSpan HangTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal BatchingOptions Copy() => (BatchingOptions)MemberwiseClone();

    /// <summary>Up to how many waiting rows a prediction of a priority is taken.</summary>
    internal int LimitOf(PredictionPriority priority) => priority switch
    {
        PredictionPriority.Interactive => QueueCapacity,
        PredictionPriority.Normal => (int)(QueueCapacity * NormalQueueRatio),
        _ => (int)(QueueCapacity * BackgroundQueueRatio),
    };

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxBatchRows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(WorkerCount);
        ArgumentOutOfRangeException.ThrowIfNegative(QueueCapacity);
        if (!Enum.IsDefined(CallerThread)) throw new ArgumentOutOfRangeException(nameof(CallerThread), CallerThread, $"Choose a value of {nameof(CallerThreadUse)}.");
        CheckRatio(NormalQueueRatio, nameof(NormalQueueRatio));
        CheckRatio(BackgroundQueueRatio, nameof(BackgroundQueueRatio));
        if (LatencyObjective is { } objective) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(objective, TimeSpan.Zero, nameof(LatencyObjective));
        if (HangTimeout != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HangTimeout, TimeSpan.Zero);
    }

    private static void CheckRatio(double ratio, string name)
    {
        if (!(ratio is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(name, ratio, "A ratio is from 0 to 1.");
    }
}
