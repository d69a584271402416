namespace Mlops.Monitoring;

/// <summary>Which changes of the mean a detector looks for.</summary>
public enum DriftDirection
{
    /// <summary>Up and down.</summary>
    Both,

    /// <summary>Up only, as for errors.</summary>
    Up,

    /// <summary>Down only, as for accuracy.</summary>
    Down,
}
