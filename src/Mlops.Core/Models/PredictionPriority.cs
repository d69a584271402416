namespace Mlops.Models;

/// <summary>Which predictions come first when a host is over its capacity.</summary>
public enum PredictionPriority
{
    /// <summary>Somebody is waiting.</summary>
    Interactive,

    /// <summary>The usual.</summary>
    Normal,

    /// <summary>Batch scoring, shadows: first to be rejected.</summary>
    Background,
}
