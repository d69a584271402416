using System.Globalization;

namespace Mlops.Serving;

/// <summary>How a <see cref="BatchingPredictor"/> is doing. A snapshot.</summary>
/// <param name="WaitingRows">Rows that wait for a worker.</param>
/// <param name="BusyWorkers">Workers that run a batch or are about to, those that hang not counted.</param>
/// <param name="HangingWorkers">Workers whose batch has run for longer than <see cref="BatchingOptions.HangTimeout"/>.</param>
/// <param name="LongestRun">How long the batch has been running that runs longest; zero when none runs.</param>
/// <param name="RowTime">How much longer a batch takes for each further row, as measured; zero before it is known.</param>
/// <param name="BatchTime">What a batch takes whatever its rows, as measured; zero before it is known.</param>
public sealed record BatchingStatus(int WaitingRows, int BusyWorkers, int HangingWorkers, TimeSpan LongestRun, TimeSpan RowTime, TimeSpan BatchTime)
{
    /// <summary>Gets whether no worker hangs.</summary>
    public bool IsHealthy => HangingWorkers == 0;

    /// <summary>Describes the status in one line.</summary>
    /// <returns>The description: <c>waiting rows: 12; busy workers: 2, hanging: 0; longest run 0.004 s; a batch takes 0.021 ms + 0.0004 ms a row</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"waiting rows: {WaitingRows}; busy workers: {BusyWorkers}, hanging: {HangingWorkers}; longest run {LongestRun.TotalSeconds:0.###} s; a batch takes {BatchTime.TotalMilliseconds:0.####} ms + {RowTime.TotalMilliseconds:0.####} ms a row");
}
