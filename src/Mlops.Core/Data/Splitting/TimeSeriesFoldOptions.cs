namespace Mlops.Data;

/// <summary>Which rows the folds of a time series learn from and are judged by.</summary>
public sealed record TimeSeriesFoldOptions
{
    /// <summary>Gets the time between training and test: rows within the gap before the first test row are in neither.</summary>
    /// <value>The default value is zero: training ends just before the first test row.</value>
    public TimeSpan Gap { get; init; }

    /// <summary>
    /// Gets how long after a row its label is settled: "returned within 30 days" has a horizon of 30 days. Training rows whose label was not settled
    /// before the gap are removed (purged), for their labels tell of the time of the test.
    /// </summary>
    /// <value>The default value is zero: the label is known at the time of the row.</value>
    public TimeSpan LabelHorizon { get; init; }

    /// <summary>Gets the number of test rows of each fold, at least 1; rows of the same time stay together, so that a fold may have a few more or fewer.</summary>
    /// <value>The default value is <see langword="null"/>: rows / (folds + 1).</value>
    public long? TestRows { get; init; }

    /// <summary>Gets the most training rows of a fold, at least 1, the newest ones: a window that rolls along. Of rows of the same time all or none are in.</summary>
    /// <value>The default value is <see langword="null"/>: all rows before the test, a window that expands.</value>
    public long? MaxTrainRows { get; init; }

    /// <summary>Gets the longest time from which training rows are taken, above zero, the newest: a window that rolls along.</summary>
    /// <value>The default value is <see langword="null"/>: all time before the test, a window that expands.</value>
    public TimeSpan? MaxTrainPeriod { get; init; }

    internal static TimeSeriesFoldOptions Default { get; } = new();

    internal TimeSeriesFoldOptions Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Gap, TimeSpan.Zero, nameof(Gap));
        ArgumentOutOfRangeException.ThrowIfLessThan(LabelHorizon, TimeSpan.Zero, nameof(LabelHorizon));
        if (TestRows is { } testRows) ArgumentOutOfRangeException.ThrowIfLessThan(testRows, 1, nameof(TestRows));
        if (MaxTrainRows is { } trainRows) ArgumentOutOfRangeException.ThrowIfLessThan(trainRows, 1, nameof(MaxTrainRows));
        if (MaxTrainPeriod is { } period) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero, nameof(MaxTrainPeriod));
        return this;
    }
}
