namespace Mlops.Tracking;

/// <summary>That a run is to end. Guarded by the writer's gate.</summary>
/// <param name="end">How.</param>
internal sealed class RunEnding(RunEnd end)
{
    /// <summary>Gets or sets how; where the store was asked for the same before, when that was.</summary>
    public RunEnd End { get; set; } = end;

    /// <summary>Gets or sets why, kept as a tag with the end; <see langword="null"/> when nothing is to be said.</summary>
    public string? Reason { get; set; }

    /// <summary>Gets or sets whether the one who asked has given up.</summary>
    public bool IsWithdrawn { get; set; }

    /// <summary>Gets or sets whether the store has been asked, so that it is too late to withdraw.</summary>
    public bool IsExecuting { get; set; }

    /// <summary>Gets or sets whether the one who asked gave up when it was too late to withdraw.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Gets or sets whether the end is in the spool and not in the store.</summary>
    public bool IsSpooled { get; set; }
}
