namespace Mlops.Data;

/// <summary>The column that tells when the rows of a dataset happened, read as ticks (100 ns) since 0001-01-01 UTC.</summary>
internal sealed class TimeColumn
{
    private readonly IDataset _dataset;
    private readonly ColumnSchema _column;

    private TimeColumn(IDataset dataset, ColumnSchema column) => (_dataset, _column) = (dataset, column);

    /// <summary>Finds the column of the role Time.</summary>
    /// <exception cref="EntityNotFoundException">No column has the role.</exception>
    /// <exception cref="ArgumentException">The column is not a time.</exception>
    public static TimeColumn Of(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var column = dataset.Schema.Single(ColumnRole.Time);
        if (column.Type is not (ElementType.Date or ElementType.Timestamp) || column.Width > 1)
        {
            throw new ArgumentException(
                $"Column '{column.Name}' of dataset '{dataset.Name}' has the role Time, but is {column.Type} × {column.Width}; it must be a date or a timestamp. " +
                $"Texts in ISO 8601 can be cast: data.Cast(\"{column.Name}\", ElementType.Timestamp).",
                nameof(dataset));
        }

        return new TimeColumn(dataset, column);
    }

    /// <summary>Reads the times of all rows that have one.</summary>
    /// <returns>The times, and the number of rows, with those without a time.</returns>
    public async Task<(SortedCounts Times, long Rows)> ReadAsync(CancellationToken cancellationToken)
    {
        var times = new SortedCounts();
        long rows = 0;
        await foreach (var batch in _dataset.ReadAsync(new ReadOptions { Columns = [_column.Name] }, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (!batch[0].IsNull(row)) times.Add(TicksOf(batch[0], row));
            }

            rows += batch.RowCount;
        }

        times.Finish();
        if (rows > 0 && times.RowCount == 0)
            throw new DataFormatException(_dataset.Name, 0, _column.Name, "no row has a time, so that the rows cannot be split by time. Give the role Time to another column, or split by another way.");
        return (times, rows);
    }

    /// <summary>Keeps the rows within any of some periods; rows without a time are left out.</summary>
    /// <param name="name">The name of the rows that are kept.</param>
    /// <param name="rows">The number of rows that the dataset must still have; any when <see langword="null"/>.</param>
    /// <param name="periods">The periods.</param>
    public IDataset Within(string name, long? rows, params TimePeriod[] periods)
    {
        var source = rows is { } count ? new FixedRowsOperator(_dataset, count) : _dataset;
        return new FilterOperator(source, [_column.Name], () => (inputs, kept) =>
        {
            for (var row = 0; row < kept.Length; row++)
            {
                if (inputs[0].IsNull(row)) continue;
                var ticks = TicksOf(inputs[0], row);
                foreach (var period in periods) kept[row] |= period.Contains(ticks);
            }
        }).WithName(name);
    }

    private static long TicksOf(Column column, int row)
        => column is Column<DateOnly> days ? days.Values[row].DayNumber * TimeSpan.TicksPerDay : ((Column<DateTime>)column).Values[row].Ticks;
}

/// <summary>A period, in ticks: wide numbers, so that the longest time before the first day is no overflow.</summary>
/// <param name="Start">The first moment.</param>
/// <param name="End">The first moment after the period.</param>
internal readonly record struct TimePeriod(Int128 Start, Int128 End)
{
    public static TimePeriod Before(Int128 end) => new(Int128.MinValue, end);

    public static TimePeriod From(Int128 start) => new(start, Int128.MaxValue);

    public bool Contains(long ticks) => ticks >= Start && ticks < End;
}
