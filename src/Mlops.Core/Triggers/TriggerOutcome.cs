namespace Mlops.Triggers;

/// <summary>What a trigger did with a cause.</summary>
public enum TriggerOutcome
{
    /// <summary>The pipeline ran.</summary>
    Ran,

    /// <summary>The pipeline ran and failed.</summary>
    Failed,

    /// <summary>This cause had its run already.</summary>
    AlreadyHandled,

    /// <summary>The last run is too short a time ago.</summary>
    CoolingDown,

    /// <summary>A run is going on, here or on another host.</summary>
    Busy,
}
