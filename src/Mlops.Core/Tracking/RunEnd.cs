using System.Globalization;

namespace Mlops.Tracking;

/// <summary>How and when a run ended.</summary>
/// <param name="Status">How: <see cref="RunStatus.Finished"/>, <see cref="RunStatus.Failed"/> or <see cref="RunStatus.Killed"/>.</param>
/// <param name="Time">When, kept to the millisecond.</param>
public readonly record struct RunEnd(RunStatus Status, DateTimeOffset Time)
{
    /// <summary>Describes the end in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Status} at {Time:O}");
}
