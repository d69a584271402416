namespace Mlops.Serving;

/// <summary>What is done with a new version before it answers, in this order.</summary>
public enum ModelLoadStep
{
    /// <summary>The source is asked what to serve.</summary>
    Resolving,

    /// <summary>It waits for other loads, of which <see cref="ModelHostOptions.MaxConcurrentLoads"/> at most are going on at once.</summary>
    Waiting,

    /// <summary>Its files are fetched, verified by their digests, and read.</summary>
    Loading,

    /// <summary>Its inputs and outputs are compared with what the present callers give and take.</summary>
    CheckingSignature,

    /// <summary>It predicts its golden rows.</summary>
    CheckingGoldenRows,

    /// <summary>It predicts a batch of each size that it is warmed up for.</summary>
    WarmingUp,

    /// <summary>Callers are sent to it.</summary>
    Switching,
}
