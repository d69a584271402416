namespace Mlops.Tracking;

/// <summary>Which things a search looks at; the numbers are MLflow's.</summary>
public enum LifecycleView
{
    /// <summary>Those in use.</summary>
    ActiveOnly = 1,

    /// <summary>Those that were deleted.</summary>
    DeletedOnly = 2,

    /// <summary>All.</summary>
    All = 3,
}
