using System.Globalization;

namespace Mlops.Data;

/// <summary>Cuts datasets so that nothing a model is judged by was known when it learned.</summary>
public static class DatasetSplitter
{
    /// <summary>Cuts at a day: earlier rows are learned from, the others judge.</summary>
    /// <param name="dataset">The dataset; its only column of the role Time is a date or a timestamp.</param>
    /// <param name="testStart">The first day (UTC) of the test rows.</param>
    /// <param name="trainStart">The first day of the training rows; the beginning of the data when <see langword="null"/>.</param>
    /// <param name="testEnd">The day after the last one of the test rows; the end of the data when <see langword="null"/>.</param>
    /// <returns>The parts, lazily filtered; rows without a time are in neither.</returns>
    /// <exception cref="EntityNotFoundException">No column has the role Time.</exception>
    /// <exception cref="ArgumentException">The days are not in order, or the column is not a time.</exception>
    public static DatasetSplit ByTime(IDataset dataset, DateOnly testStart, DateOnly? trainStart = null, DateOnly? testEnd = null)
    {
        if (trainStart >= testStart || testEnd <= testStart)
            throw new ArgumentException($"The days must be in order: training from {Show(trainStart)}, test from {Show(testStart)} to {Show(testEnd)}.", nameof(testStart));
        return new DatasetSplit(InPeriod(dataset, trainStart, testStart), null, InPeriod(dataset, testStart, testEnd));
    }

    /// <summary>Keeps the rows of a period.</summary>
    /// <param name="dataset">The dataset; its only column of the role Time is a date or a timestamp.</param>
    /// <param name="start">The first day (UTC); the beginning of the data when <see langword="null"/>.</param>
    /// <param name="end">The day after the last one; the end of the data when <see langword="null"/>.</param>
    /// <returns>The rows, lazily filtered; rows without a time are left out.</returns>
    /// <exception cref="EntityNotFoundException">No column has the role Time.</exception>
    /// <exception cref="ArgumentException">The column is not a time.</exception>
    public static IDataset InPeriod(IDataset dataset, DateOnly? start, DateOnly? end)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var time = dataset.Schema.Single(ColumnRole.Time);
        if (time.Type is not (ElementType.Date or ElementType.Timestamp))
            throw new ArgumentException($"Column '{time.Name}' has the role Time, but is {time.Type}; it must be a date or a timestamp.", nameof(dataset));
        var rows = time.Type == ElementType.Date
            ? dataset.Where(time.Name, (DateOnly day) => IsWithin(day))
            : dataset.Where(time.Name, (DateTime moment) => IsWithin(DateOnly.FromDateTime(moment)));
        return rows.WithName($"{dataset.Name} [{Show(start)}, {Show(end)})");

        bool IsWithin(DateOnly day) => (start is null || day >= start) && (end is null || day < end);
    }

    private static string Show(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "…";
}
