namespace Mlops.Tracking;

/// <summary>The clock that leases are measured by: the database's where hosts share it, this host's otherwise, and a test's where there is one.</summary>
/// <param name="dialect">Speaks to the database.</param>
/// <param name="timeProvider">The clock of this host, or of a test.</param>
internal sealed class StoreClock(RelationalDialect dialect, TimeProvider? timeProvider)
{
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;

    /// <summary>Gets the expression of the present time, in milliseconds since 1970, for statements that are given <see cref="Parameter"/>.</summary>
    public string Now { get; } = (timeProvider is null || timeProvider == TimeProvider.System ? dialect.Clock : null) ?? "@now";

    /// <summary>Gets the present time of this host, of which <see cref="Now"/> may make no use.</summary>
    public (string Name, object? Value) Parameter => ("now", _time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Gets a duration in whole milliseconds, at least one.</summary>
    public static long Milliseconds(TimeSpan duration) => Math.Max(1, (long)duration.TotalMilliseconds);
}
