using System.Globalization;

namespace Mlops.Tracking;

/// <summary>A run as it was when it was read. A snapshot: later writes do not change it.</summary>
/// <param name="Id">The identifier, 32 hexadecimal digits.</param>
/// <param name="ExperimentId">The experiment it belongs to.</param>
/// <param name="Name">The name, for people.</param>
/// <param name="Status">The state.</param>
/// <param name="StartTime">When it started.</param>
public sealed record RunSnapshot(string Id, string ExperimentId, string Name, RunStatus Status, DateTimeOffset StartTime)
{
    /// <summary>Gets when it ended; <see langword="null"/> while it goes on.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Gets whether it is in use.</summary>
    public LifecycleStage Stage { get; init; }

    /// <summary>Gets who started it; empty when it is not known.</summary>
    public string User { get; init; } = "";

    /// <summary>Gets the params; stores give them, like tags and metrics, in the ordinal order of their names.</summary>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the latest value of each metric: the one with the largest step, then timestamp, then value.</summary>
    public IReadOnlyDictionary<string, Metric> Metrics { get; init; } = new Dictionary<string, Metric>();

    /// <summary>Gets the datasets it used.</summary>
    public IReadOnlyList<DatasetInput> Inputs { get; init; } = [];

    /// <summary>Gets the folder of its artifacts in the artifact store.</summary>
    public string ArtifactRoot => $"runs/{Id}";

    /// <summary>Describes the run in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({Id}): {Status}, started {StartTime:O}");
}
