namespace Mlops.Serving;

/// <summary>Which program a <see cref="ProcessPredictor"/> runs, and how long it waits for it.</summary>
public sealed class ProcessPredictorOptions
{
    /// <summary>Gets or sets the program: a path, or a name that the system finds. It is started without a shell.</summary>
    public string FileName { get; set; } = "";

    /// <summary>Gets or sets what the program is given, argument by argument; nothing needs quotes.</summary>
    /// <value>The default value is empty.</value>
    public IList<string> Arguments { get; set; } = [];

    /// <summary>Gets or sets the folder that the program runs in.</summary>
    /// <value>The default value is <see langword="null"/>: that of this process.</value>
    public string? WorkingDirectory { get; set; }

    /// <summary>Gets or sets variables of the program's environment beside those of this process; <see langword="null"/> takes one away.</summary>
    /// <value>The default value is empty.</value>
    public IDictionary<string, string?> Environment { get; set; } = new Dictionary<string, string?>();

    /// <summary>Gets or sets how many processes answer at the same time; each answers one call after the other.</summary>
    /// <value>The default value is 1.</value>
    public int ProcessCount { get; set; } = 1;

    /// <summary>Gets or sets how many calls may wait for a process. More are rejected at once.</summary>
    /// <value>The default value is 1,000 calls.</value>
    public int QueueCapacity { get; set; } = 1000;

    /// <summary>Gets or sets how long a process may take to read a request and to answer it, after which it is killed.</summary>
    /// <value>The default value is 30 seconds; from 1 millisecond to 49 days, <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a process may take from its start to its first line, after which it is killed.</summary>
    /// <value>The default value is 1 minute; from 1 millisecond to 49 days, <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long a process may take to end after its input was closed, after which it is killed.</summary>
    /// <value>The default value is 5 seconds; from 0 to 49 days, <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long a process that failed twice in a row is left alone; doubled with every further failure. After its first failure it is started again at once.</summary>
    /// <value>The default value is 0.5 seconds; from 0 to 49 days.</value>
    public TimeSpan RestartDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Gets or sets the longest wait before another start.</summary>
    /// <value>The default value is 30 seconds; at least <see cref="RestartDelay"/>, at most 49 days.</value>
    public TimeSpan MaxRestartDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the longest line that a process may answer.</summary>
    /// <value>The default value is 67,108,864 bytes (64 MB).</value>
    public int MaxLineBytes { get; set; } = 64 << 20;

    internal ProcessPredictorOptions Copy()
    {
        var copy = (ProcessPredictorOptions)MemberwiseClone();
        (copy.Arguments, copy.Environment) = ([.. Arguments], new Dictionary<string, string?>(Environment));
        return copy;
    }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(FileName);
        ArgumentNullException.ThrowIfNull(Arguments);
        ArgumentNullException.ThrowIfNull(Environment);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ProcessCount);
        ArgumentOutOfRangeException.ThrowIfNegative(QueueCapacity);
        WaitLimit.CheckTimeout(Timeout, nameof(Timeout));
        WaitLimit.CheckTimeout(StartTimeout, nameof(StartTimeout));
        WaitLimit.CheckTimeout(ShutdownTimeout, nameof(ShutdownTimeout), isZeroAllowed: true);
        WaitLimit.CheckInterval(RestartDelay, nameof(RestartDelay), isZeroAllowed: true);
        WaitLimit.CheckInterval(MaxRestartDelay, nameof(MaxRestartDelay), isZeroAllowed: true);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRestartDelay, RestartDelay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxLineBytes);
    }

    /// <summary>The wait before the start that follows a number of failures in a row, ≥ 1.</summary>
    internal TimeSpan DelayAfter(int failures)
    {
        if (failures <= 1) return TimeSpan.Zero;
        var delay = RestartDelay;
        for (var i = 2; i < failures && delay < MaxRestartDelay; i++) delay *= 2;
        return delay < MaxRestartDelay ? delay : MaxRestartDelay;
    }
}
