using Mlops.Data;

namespace Quickstart;

/// <summary>Sixteen years of one station, in memory.</summary>
internal sealed class RidershipData
{
    public const string Label = "ridership";

    private RidershipData(string path, InMemoryDataset all, StationDay[] days, double[] riders)
        => (FilePath, All, Days, Riders) = (path, all, days, riders);

    /// <summary>The columns that are numbers and known in advance, in the file's order.</summary>
    public static IReadOnlyList<string> NumericColumns { get; private set; } = [];

    public string FilePath { get; }

    public InMemoryDataset All { get; }

    public StationDay[] Days { get; }

    public double[] Riders { get; }

    public static async Task<RidershipData> LoadAsync(string path)
    {
        var file = (await CsvDataset.OpenAsync(path)).WithRole(Label, ColumnRole.Label).WithRole("date", ColumnRole.Time);
        var all = await file.ToMemoryAsync();
        NumericColumns = [.. all.Schema.Where(column => column.Role == ColumnRole.Feature).Select(column => column.Name)];
        var (days, riders) = (new List<StationDay>(), new List<double>());
        await foreach (var batch in all.ReadAsync())
        {
            var columns = NumericColumns.Select(name => ColumnNumbers.ToDoubles(batch[name])).ToArray();
            for (var row = 0; row < batch.RowCount; row++)
                days.Add(new StationDay(Array.ConvertAll(columns, column => column[row]), ((Column<DateOnly>)batch["date"]).Values[row]));
            riders.AddRange(ColumnNumbers.ToDoubles(batch[Label]));
        }

        return new RidershipData(path, all, [.. days], [.. riders]);
    }

    /// <summary>The rows of a period, ready for training.</summary>
    public IDataset Period(DateOnly start, DateOnly end) => DatasetSplitter.InPeriod(All, start, end);

    /// <summary>The position of a day, or of the next one that is there.</summary>
    public int IndexOf(DateOnly day) => Array.FindIndex(Days, candidate => candidate.Date >= day) is >= 0 and var index ? index : Days.Length;

    /// <summary>The naive prediction of last week's value, for the days [start, end).</summary>
    public double[] LastWeek(int start, int end) => Riders[(start - 7)..(end - 7)];
}
