using System.Globalization;

namespace Mlops.Data;

public static partial class DatasetSplitter
{
    /// <summary>Cuts at a day: earlier rows are learned from, the others judge.</summary>
    /// <param name="dataset">The dataset; its only column of the role Time is a date or a timestamp.</param>
    /// <param name="testStart">The first day (UTC) of the test rows.</param>
    /// <param name="trainStart">The first day of the training rows; the beginning of the data when <see langword="null"/>.</param>
    /// <param name="testEnd">The day after the last one of the test rows; the end of the data when <see langword="null"/>.</param>
    /// <param name="gap">The time before <paramref name="testStart"/> whose rows are in neither part, such as the time until labels are known; none by default.</param>
    /// <returns>The parts, lazily filtered; rows without a time are in neither.</returns>
    /// <exception cref="EntityNotFoundException">No column has the role Time.</exception>
    /// <exception cref="ArgumentException">The days are not in order, the gap leaves no time to learn from, or the column is not a time.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The gap is negative.</exception>
    public static DatasetSplit ByTime(IDataset dataset, DateOnly testStart, DateOnly? trainStart = null, DateOnly? testEnd = null, TimeSpan gap = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gap, TimeSpan.Zero);
        if (trainStart >= testStart || testEnd <= testStart)
            throw new ArgumentException($"The days must be in order: training from {Show(trainStart)}, test from {Show(testStart)} to {Show(testEnd)}.", nameof(testStart));
        var trainEnd = TicksOf(testStart) - gap.Ticks;
        if (trainEnd <= (trainStart is { } first ? TicksOf(first) : DateTime.MinValue.Ticks))
            throw new ArgumentException($"A gap of {gap} before {Show(testStart)} leaves no time to learn from, which begins at {Show(trainStart)}; shorten it.", nameof(gap));
        var train = Period(dataset, trainStart is { } start ? TicksOf(start) : null, trainEnd);
        return new DatasetSplit(train, null, InPeriod(dataset, testStart, testEnd));
    }

    /// <summary>Keeps the rows of a period.</summary>
    /// <param name="dataset">The dataset; its only column of the role Time is a date or a timestamp.</param>
    /// <param name="start">The first day (UTC); the beginning of the data when <see langword="null"/>.</param>
    /// <param name="end">The day after the last one; the end of the data when <see langword="null"/>.</param>
    /// <returns>The rows, lazily filtered; rows without a time are left out.</returns>
    /// <exception cref="EntityNotFoundException">No column has the role Time.</exception>
    /// <exception cref="ArgumentException">The column is not a time.</exception>
    public static IDataset InPeriod(IDataset dataset, DateOnly? start, DateOnly? end)
        => Period(dataset, start is { } first ? TicksOf(first) : null, end is { } last ? TicksOf(last) : null);

    /// <summary>Cuts by time at the shares of the rows: the newest rows judge, those before them tune, the oldest are learned from.</summary>
    /// <remarks>
    /// Rows of the same time are never torn apart: a cut is made at the change of time nearest to its share. The rows need not be sorted. One pass over the column of the role Time takes 24 to 40
    /// bytes for each different time; nothing is kept for a row, for the parts compare times as they are read. Rows without a time are in no part and do not count.
    /// </remarks>
    /// <param name="dataset">The dataset; its only column of the role Time is a date or a timestamp, with at least as many different times as parts.</param>
    /// <param name="options">The sizes of the parts; the defaults when <see langword="null"/>. There is no chance, and the seed is not used.</param>
    /// <param name="gap">The time before each cut whose rows are in no part, such as the time until labels are known; none by default.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The parts, lazily filtered.</returns>
    /// <exception cref="EntityNotFoundException">No column has the role Time.</exception>
    /// <exception cref="ArgumentException">The column is not a time; there are fewer different times than parts; the gap leaves a part without rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="DataFormatException">No row has a time.</exception>
    public static async Task<DatasetSplit> TimeAsync(IDataset dataset, SplitOptions? options = null, TimeSpan gap = default, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gap, TimeSpan.Zero);
        options = (options ?? SplitOptions.Default).Check();
        var column = TimeColumn.Of(dataset);
        var (times, rows) = await column.ReadAsync(cancellationToken).ConfigureAwait(false);
        RequireRows(dataset, rows);
        var parts = options.HasValidation ? 3 : 2;
        RequireTimes(dataset, times, parts, $"a split by time into {parts} parts", nameof(dataset));
        var sizes = Apportionment.Share(times.RowCount, options.Ratios);
        var cuts = times.Cut(options.HasValidation ? [sizes[0], sizes[0] + sizes[1]] : [sizes[0]]);
        var moments = Array.ConvertAll(cuts, cut => times.Values[cut]);
        var train = TimePeriod.Before(moments[0] - (Int128)gap.Ticks);
        var validation = new TimePeriod(moments[0], moments[^1] - (Int128)gap.Ticks);
        RequireTimesIn(times, train, "the training rows");
        if (options.HasValidation) RequireTimesIn(times, validation, "the validation rows");
        return new DatasetSplit(
            column.Within($"{dataset.Name} (train)", rows, train),
            options.HasValidation ? column.Within($"{dataset.Name} (validation)", rows, validation) : null,
            column.Within($"{dataset.Name} (test)", rows, TimePeriod.From(moments[^1])));

        void RequireTimesIn(SortedCounts all, TimePeriod period, string part)
        {
            if (CountRows(all, period) == 0)
                throw new ArgumentException($"A gap of {gap} leaves nothing of {part} of dataset '{dataset.Name}'; shorten it, or change the shares.", nameof(gap));
        }
    }

    private static IDataset Period(IDataset dataset, long? start, long? end)
        => TimeColumn.Of(dataset).Within($"{dataset.Name} [{ShowTicks(start)}, {ShowTicks(end)})", null, new TimePeriod(start ?? Int128.MinValue, end ?? Int128.MaxValue));

    private static long CountRows(SortedCounts times, TimePeriod period)
        => period.Start >= period.End ? 0 : times.Ends[times.LowerBound(period.End)] - times.Ends[times.LowerBound(period.Start)];

    private static long TicksOf(DateOnly day) => day.DayNumber * TimeSpan.TicksPerDay;

    private static string ShowTicks(long? ticks)
    {
        if (ticks is not { } value) return "…";
        var moment = new DateTime(value, DateTimeKind.Utc);
        return moment.ToString(moment.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture);
    }

    private static string Show(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "…";
}
