namespace Mlops.Monitoring;

/// <summary>What a streaming detector says after a value.</summary>
public enum DriftState
{
    /// <summary>Nothing has changed, as far as it tells.</summary>
    Stable,

    /// <summary>A change may have begun.</summary>
    Warning,

    /// <summary>The stream has changed; the detector starts afresh with the next value.</summary>
    Drift,
}
