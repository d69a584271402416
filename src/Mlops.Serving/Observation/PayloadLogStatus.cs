using System.Globalization;

namespace Mlops.Serving;

/// <summary>How a <see cref="PayloadLog"/> is doing. A snapshot.</summary>
/// <param name="WrittenRows">How many rows are in files, and calls that failed.</param>
/// <param name="DroppedRows">How many were not written, because too much was waiting, there was no memory to copy them to, or the files could not be written.</param>
/// <param name="WaitingBytes">How many bytes wait to be written.</param>
/// <param name="LastError">Why files cannot be written at present; <see langword="null"/> when they can.</param>
public sealed record PayloadLogStatus(long WrittenRows, long DroppedRows, long WaitingBytes, string? LastError)
{
    /// <summary>Describes the status in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"rows written: {WrittenRows}, dropped: {DroppedRows}; bytes waiting: {WaitingBytes}{(LastError is null ? "" : $"; {LastError}")}");
}
