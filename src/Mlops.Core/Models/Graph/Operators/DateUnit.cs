namespace Mlops.Models;

/// <summary>The unit of a tensor that holds dates.</summary>
public enum DateUnit
{
    /// <summary>Days since 1970-01-01.</summary>
    Days,

    /// <summary>Seconds since 1970-01-01T00:00Z.</summary>
    Seconds,
}
