using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>One chunk of a series, and how it differs from what it was compared with.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Significance">The probability of a false alarm that was allowed to it, 0..1.</param>
/// <param name="Report">The report.</param>
public sealed record DriftSeriesPoint(DataChunk Chunk, double Significance, DriftReport Report)
{
    /// <summary>Describes the point in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Chunk}: {Report} (significance {Significance:0.######})");
}
