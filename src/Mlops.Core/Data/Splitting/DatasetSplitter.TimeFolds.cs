namespace Mlops.Data;

public static partial class DatasetSplitter
{
    /// <summary>Cuts a time series into folds that are judged by one period after another, each with a training period before it.</summary>
    /// <remarks>
    /// <para>
    /// As scikit-learn's TimeSeriesSplit, but by the times of the column of the role Time rather than by position: the rows need not be sorted, and rows of the same time are never torn apart – a cut is
    /// made at the change of time nearest to where the number of rows would make it. The test rows of the folds follow each other and end with the newest row.
    /// </para>
    /// <para>
    /// A training row of the time t has t + <see cref="TimeSeriesFoldOptions.LabelHorizon"/> + <see cref="TimeSeriesFoldOptions.Gap"/> before the first test row: its label was settled when the gap began. So
    /// time never runs backwards. An embargo after the test does not arise, for no training row comes after it; see <see cref="PurgedKFoldAsync"/>.
    /// </para>
    /// <para>One pass takes 24 to 40 bytes for each different time; nothing is kept for a row. Rows without a time are in no part and do not count.</para>
    /// </remarks>
    /// <param name="dataset">The dataset; its only column of the role Time is a date or a timestamp, with more different times than folds.</param>
    /// <param name="folds">The number of folds, at least 1.</param>
    /// <param name="options">The gap, the labels' horizon and the windows; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The folds, the oldest first, lazily filtered.</returns>
    /// <exception cref="EntityNotFoundException">No column has the role Time.</exception>
    /// <exception cref="ArgumentException">The column is not a time; there are too few rows or different times for the folds; the options leave a fold without training rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="DataFormatException">No row has a time.</exception>
    /// <example><code>var folds = await DatasetSplitter.TimeSeriesFoldsAsync(data, 5, new TimeSeriesFoldOptions { LabelHorizon = TimeSpan.FromDays(30), MaxTrainPeriod = TimeSpan.FromDays(730) });</code></example>
    public static async Task<IReadOnlyList<DatasetFold>> TimeSeriesFoldsAsync(
        IDataset dataset, int folds = 5, TimeSeriesFoldOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 1);
        options = (options ?? TimeSeriesFoldOptions.Default).Check();
        var column = TimeColumn.Of(dataset);
        var (times, rows) = await column.ReadAsync(cancellationToken).ConfigureAwait(false);
        RequireRows(dataset, rows);
        RequireTimes(dataset, times, folds + 1L, $"{folds} folds with training rows before them", nameof(folds));
        var testRows = options.TestRows ?? times.RowCount / (folds + 1L);
        if (testRows * (Int128)folds >= times.RowCount)
        {
            throw new ArgumentException(
                $"{folds} folds of {testRows} test rows leave none of the {times.RowCount} rows of dataset '{dataset.Name}' that have a time to learn from. Ask for fewer folds, or set {nameof(TimeSeriesFoldOptions.TestRows)} lower.", nameof(options));
        }

        var starts = times.Cut([.. Enumerable.Range(0, folds).Select(fold => times.RowCount - (testRows * (folds - fold)))]);
        return [.. Enumerable.Range(0, folds).Select(fold =>
        {
            var train = TrainBefore(times, times.Values[starts[fold]], options);
            RequireTraining(dataset, times, fold + 1, [train], "Shorten the gap or the labels' horizon, widen the training window, or ask for fewer folds.", nameof(options));
            var test = new TimePeriod(times.Values[starts[fold]], fold + 1 < folds ? times.Values[starts[fold + 1]] : Int128.MaxValue);
            return ToFold(column, dataset.Name, fold, folds, rows, test, train);
        })];
    }

    /// <summary>Cuts by time into folds that are judged by one period each and learn from the time before <em>and</em> after it, where nothing leaks between them.</summary>
    /// <remarks>
    /// <para>
    /// Every row with a time judges once. Test periods are consecutive and as equal as rows of the same time, which stay together, allow. The label of a row at the time t is determined within
    /// [t, t + <paramref name="labelHorizon"/>]. Training rows whose label overlaps the labels of the test rows are purged, those before and those after; after them an
    /// embargo removes rows which the test period may still be felt in.
    /// </para>
    /// <para>Source: M. López de Prado, Advances in Financial Machine Learning, 2018, chapter 7. Memory as <see cref="TimeSeriesFoldsAsync"/>.</para>
    /// </remarks>
    /// <param name="dataset">The dataset; its only column of the role Time is a date or a timestamp, with at least as many different times as folds.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="labelHorizon">How long after a row its label is settled, at least zero.</param>
    /// <param name="embargo">The time after the labels of the test rows are settled from which nothing is learned, at least zero.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The folds, the oldest test period first, lazily filtered.</returns>
    /// <exception cref="EntityNotFoundException">No column has the role Time.</exception>
    /// <exception cref="ArgumentException">The column is not a time; there are fewer different times than folds; a fold is left without training rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time span is negative, or there are fewer than 2 folds.</exception>
    /// <exception cref="DataFormatException">No row has a time.</exception>
    public static async Task<IReadOnlyList<DatasetFold>> PurgedKFoldAsync(
        IDataset dataset, int folds, TimeSpan labelHorizon, TimeSpan embargo = default, CancellationToken cancellationToken = default)
    {
        RequireFolds(dataset, folds);
        ArgumentOutOfRangeException.ThrowIfLessThan(labelHorizon, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(embargo, TimeSpan.Zero);
        var column = TimeColumn.Of(dataset);
        var (times, rows) = await column.ReadAsync(cancellationToken).ConfigureAwait(false);
        RequireRows(dataset, rows);
        RequireTimes(dataset, times, folds, $"{folds} folds", nameof(folds));
        var sizes = Apportionment.Deal([times.RowCount], folds)[0];
        int[] bounds = [0, .. times.Cut([.. Enumerable.Range(1, folds - 1).Select(fold => sizes.Take(fold).Sum())]), times.Values.Length];
        return [.. Enumerable.Range(0, folds).Select(fold =>
        {
            Int128 first = times.Values[bounds[fold]], last = times.Values[bounds[fold + 1] - 1];
            var before = TimePeriod.Before(first - labelHorizon.Ticks);
            var after = TimePeriod.From(last + labelHorizon.Ticks + embargo.Ticks + 1);
            RequireTraining(dataset, times, fold + 1, [before, after], "Shorten the labels' horizon or the embargo, or ask for fewer folds.", nameof(folds));
            return ToFold(column, dataset.Name, fold, folds, rows, new TimePeriod(first, last + 1), before, after);
        })];
    }

    private static TimePeriod TrainBefore(SortedCounts times, Int128 testStart, TimeSeriesFoldOptions options)
    {
        var end = testStart - options.Gap.Ticks - options.LabelHorizon.Ticks;
        var start = options.MaxTrainPeriod is { } period ? end - period.Ticks : Int128.MinValue;
        if (options.MaxTrainRows is not { } most) return new TimePeriod(start, end);
        // The first time after which there are no more rows than allowed.
        var last = times.LowerBound(end);
        var first = times.Ends.AsSpan(0, last + 1).BinarySearch(Math.Max(0, times.Ends[last] - most));
        if (first < 0) first = ~first;
        return new TimePeriod(first == last ? end : Int128.Max(start, times.Values[first]), end);
    }

    private static void RequireTraining(IDataset dataset, SortedCounts times, int fold, ReadOnlySpan<TimePeriod> periods, string remedy, string parameter)
    {
        foreach (var period in periods)
        {
            if (CountRows(times, period) > 0) return;
        }

        throw new ArgumentException($"No rows are left to learn from in fold {fold} of dataset '{dataset.Name}'. {remedy}", parameter);
    }

    private static DatasetFold ToFold(TimeColumn column, string name, int fold, int folds, long rows, TimePeriod test, params TimePeriod[] train) => new(
        fold + 1, column.Within($"{name} (fold {fold + 1} of {folds}, train)", rows, train), column.Within($"{name} (fold {fold + 1} of {folds}, test)", rows, test));
}
