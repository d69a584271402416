namespace Mlops.Serving;

/// <summary>What a <see cref="PayloadLog"/> writes, and where.</summary>
public sealed class PayloadLogOptions
{
    /// <summary>Gets or sets the folder, which is created. Several processes of a machine may share it.</summary>
    /// <value>The default value is <c>payloads</c>, within the current directory.</value>
    public string Directory { get; set; } = "payloads";

    /// <summary>Gets or sets the form of the files.</summary>
    /// <value>The default value is <see cref="PayloadFormat.JsonLines"/>.</value>
    public PayloadFormat Format { get; set; }

    /// <summary>Gets or sets at what size a file is ended and another one begun.</summary>
    /// <value>The default value is 67,108,864 bytes (64 MB). The rows of one call are never parted, so that a call of more makes a larger file.</value>
    public long MaxFileBytes { get; set; } = 64 << 20;

    /// <summary>Gets or sets after how long a file is ended and another one begun.</summary>
    /// <value>The default value is 1 hour; from 1 millisecond to 49 days, <see cref="Timeout.InfiniteTimeSpan"/> where files are ended by their size only.</value>
    public TimeSpan RollInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets how many ended files are kept; the oldest are deleted.</summary>
    /// <value>The default value is 1,000 files.</value>
    public int MaxFiles { get; set; } = 1000;

    /// <summary>Gets or sets how many bytes of ended files are kept; the oldest are deleted.</summary>
    /// <value>The default value is 4,294,967,296 bytes (4 GB); at least <see cref="MaxFileBytes"/>.</value>
    public long MaxTotalBytes { get; set; } = 4L << 30;

    /// <summary>Gets or sets whether ended files are compressed by gzip.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool Compress { get; set; }

    /// <summary>Gets or sets how many bytes of predictions may wait to be written. What would exceed it is dropped and counted.</summary>
    /// <value>The default value is 16,777,216 bytes (16 MB).</value>
    public long QueueCapacityBytes { get; set; } = 16 << 20;

    /// <summary>Gets or sets how long the log waits after a file could not be written before it tries again; what comes meanwhile is dropped and counted.</summary>
    /// <value>The default value is 5 seconds; from 1 millisecond to 49 days.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets of which predictions are written.</summary>
    public PredictionSamplingOptions Sampling { get; } = new();

    /// <summary>Gets which columns are sensitive, and what is written of them.</summary>
    public RedactionOptions Redaction { get; } = new();

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Directory);
        if (!Enum.IsDefined(Format)) throw new ArgumentOutOfRangeException(nameof(Format), Format, "There is no such format of payload logs.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxFileBytes);
        WaitLimit.CheckTimeout(RollInterval, nameof(RollInterval));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxFiles);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxTotalBytes);
        if (MaxTotalBytes < MaxFileBytes)
            throw new ArgumentOutOfRangeException(nameof(MaxTotalBytes), MaxTotalBytes, $"Of files of {nameof(MaxFileBytes)} ({MaxFileBytes}) bytes, not even one could be kept. Set {nameof(MaxFileBytes)} to a part of {nameof(MaxTotalBytes)}.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(QueueCapacityBytes);
        WaitLimit.CheckInterval(RetryDelay, nameof(RetryDelay));
        Sampling.Validate();
        Redaction.Validate();
    }
}
