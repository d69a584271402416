namespace Mlops.Serving;

/// <summary>What a hosted model does for its callers. What is loaded beside it says <see cref="HostedModelStatus.Loading"/>, what has been replaced and still runs <see cref="HostedModelStatus.Draining"/>.</summary>
public enum HostedModelState
{
    /// <summary>No version is loaded: predictions are rejected.</summary>
    NotLoaded,

    /// <summary>No version is in memory: the next prediction loads one, and waits for it.</summary>
    OnFirstUse,

    /// <summary>A version answers.</summary>
    Serving,

    /// <summary>A version answers that the host replaces by the one before it if it fails too often or is too slow.</summary>
    Probation,

    /// <summary>The model was removed or its host shut down: predictions are rejected for good.</summary>
    Closed,
}
