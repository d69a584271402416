using System.Globalization;

namespace Mlops.Tracking;

/// <summary>How a tracker is doing. A snapshot: what happens later does not change it.</summary>
/// <param name="RunningRuns">The number of runs that it holds.</param>
/// <param name="BufferedEntries">The number of entries that are logged and neither in the store nor in the spool.</param>
/// <param name="SpooledBytes">How many bytes wait in the spool.</param>
/// <param name="LastWrittenAt">When entries were last written to the store; <see langword="null"/> when they never were.</param>
/// <param name="Problem">Why the store cannot be written, with secrets masked; <see langword="null"/> when it can.</param>
public sealed record TrackerStatus(int RunningRuns, long BufferedEntries, long SpooledBytes, DateTimeOffset? LastWrittenAt, string? Problem)
{
    /// <summary>Describes the status in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{RunningRuns} runs, {BufferedEntries} entries in memory, {SpooledBytes} bytes in the spool, last written {(LastWrittenAt is { } at ? at.ToString("O", CultureInfo.InvariantCulture) : "never")}{(Problem is null ? "" : $"; {Problem}")}");
}
