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
    /// <summary>Gets how many entries the store has refused for good since the tracker was made: their run had ended or was deleted, the param has another value, or the store cannot keep them.</summary>
    public long RefusedEntries { get; init; }

    /// <summary>Gets how many bytes the folder of the spool holds that were refused when they were delivered from it, in files <c>….refused</c>. Known from the first run, recovery or health check on.</summary>
    public long RefusedBytes { get; init; }

    /// <summary>Gets how many files the folder of the spool holds of which parts could not be read, <c>….damaged</c>. Known from the first run, recovery or health check on.</summary>
    public int DamagedFiles { get; init; }

    /// <summary>Describes the status in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{RunningRuns} runs, {BufferedEntries} entries in memory, {SpooledBytes} bytes in the spool, last written {(LastWrittenAt is { } at ? at.ToString("O", CultureInfo.InvariantCulture) : "never")}{(RefusedEntries + RefusedBytes > 0 ? string.Create(CultureInfo.InvariantCulture, $", {RefusedEntries} entries refused, {RefusedBytes} bytes of them kept") : "")}{(DamagedFiles > 0 ? string.Create(CultureInfo.InvariantCulture, $", {DamagedFiles} damaged files") : "")}{(Problem is null ? "" : $"; {Problem}")}");
}
