using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>Some rows of a dataset that belong together: those of a period, or so many that follow each other.</summary>
/// <param name="Index">The number of the chunk, from 0.</param>
/// <param name="Name">The name, for people: <c>2026-03-09</c>, or <c>rows 0 to 999</c>.</param>
/// <param name="RowCount">The number of rows.</param>
public sealed record DataChunk(int Index, string Name, long RowCount)
{
    /// <summary>Gets the first moment of the chunk's period, in the zone of the periods; <see langword="null"/> for chunks that are not by time.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Gets the first moment after the chunk's period, in the zone of the periods; <see langword="null"/> for chunks that are not by time.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Describes the chunk in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({RowCount} rows)");
}
