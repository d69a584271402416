namespace Mlops.Tracking;

/// <summary>The state of a run; the numbers are MLflow's.</summary>
public enum RunStatus
{
    /// <summary>Going on.</summary>
    Running = 1,

    /// <summary>Will start later.</summary>
    Scheduled = 2,

    /// <summary>Ended as it should.</summary>
    Finished = 3,

    /// <summary>Ended with an error.</summary>
    Failed = 4,

    /// <summary>Ended because its process did.</summary>
    Killed = 5,
}
