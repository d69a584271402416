using System.Globalization;

namespace Mlops.Tracking;

/// <summary>What shows that the process that holds a run lives.</summary>
/// <param name="Owner">The process.</param>
/// <param name="Duration">For how long the run counts as held, from when the store takes the lease, unless it is renewed.</param>
public sealed record RunLease(RunOwner Owner, TimeSpan Duration)
{
    /// <summary>Gets the handle that holds the run from now on, by which its writes are known as the holder's.</summary>
    /// <value>At most 250 characters. The default value is empty: no handle does, and what earlier ones write as the holder is refused.</value>
    public string Holder { get; init; } = "";

    /// <summary>Describes the lease in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {Owner.ProcessId} on {Owner.Host} for {Duration:c}");
}
