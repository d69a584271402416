using System.Globalization;

namespace Mlops.Tracking;

/// <summary>By what changes of a run are known, so that a store makes them once however often they are delivered.</summary>
/// <param name="WriterId">Who makes them: one handle of the run.</param>
/// <param name="Sequence">Their number, counted by their writer from 1, higher than those of the changes that it made before.</param>
public sealed record ChangeOrigin(string WriterId, long Sequence)
{
    /// <summary>Describes the origin in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{WriterId} {Sequence}");
}
