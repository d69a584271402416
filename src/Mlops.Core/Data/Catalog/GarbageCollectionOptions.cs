namespace Mlops.Data;

/// <summary>How a catalog removes what no version needs any more.</summary>
public sealed class GarbageCollectionOptions
{
    /// <summary>
    /// Gets for how long a file must have been without use, counted from the collection that first found it so, before it is deleted:
    /// time for those who still read a version that was deleted. Versions and registrations are safe with any value, also zero.
    /// </summary>
    /// <value>The default value is 1 day.</value>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromDays(1);
}
