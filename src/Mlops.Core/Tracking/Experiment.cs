using System.Globalization;

namespace Mlops.Tracking;

/// <summary>A named collection of runs. A snapshot: later writes do not change it.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Name">The name, unique, at most 500 characters.</param>
/// <param name="Stage">Whether it is in use.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record Experiment(string Id, string Name, LifecycleStage Stage, DateTimeOffset CreatedAt)
{
    /// <summary>Gets when it, or a run's stage through it, was changed last.</summary>
    public DateTimeOffset LastUpdatedAt { get; init; } = CreatedAt;

    /// <summary>Gets the tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Describes the experiment in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({Id}), {Stage}, created {CreatedAt:O}");
}
