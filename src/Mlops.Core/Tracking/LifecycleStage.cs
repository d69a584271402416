namespace Mlops.Tracking;

/// <summary>Whether something is in use or has been deleted and can be restored.</summary>
public enum LifecycleStage
{
    /// <summary>In use.</summary>
    Active,

    /// <summary>Deleted; can be restored.</summary>
    Deleted,
}
