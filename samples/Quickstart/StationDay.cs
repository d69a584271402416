using Mlops.Models;

namespace Quickstart;

/// <summary>One day at the station, as the model takes it: numbers known in advance, and the date. Its columns are those of the file, so it is written by hand; the one of its prediction is generated.</summary>
internal readonly record struct StationDay(ReadOnlyMemory<double> Numbers, DateOnly Date) : ITensorRow<StationDay>
{
    private const int NumericSlot = 0;
    private const int DateSlot = 1;
    private static readonly int s_epochDay = new DateOnly(1970, 1, 1).DayNumber;

    public static IReadOnlyList<TensorSpec> Tensors { get; } =
        [TensorSpec.Of<double>("numeric", RidershipData.NumericColumns.Count, RidershipData.NumericColumns), TensorSpec.Of<long>("date", 1, "date")];

    public static StationDay Read(TensorBatch batch, int row)
        => new(batch.Get<double>(NumericSlot).GetRow(row).ToArray(), DateOnly.FromDayNumber((int)batch.Get<long>(DateSlot).Span[row] + s_epochDay));

    public void Write(TensorBatch batch, int row)
    {
        batch.Get<double>(NumericSlot).WriteRow(row, Numbers.Span);
        batch.Get<long>(DateSlot).Span[row] = Date.DayNumber - s_epochDay;
    }
}
