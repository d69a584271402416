namespace Mlops.Tracking;

/// <summary>What is changed of an experiment in one step.</summary>
public sealed record ExperimentChanges
{
    /// <summary>Gets the new name; <see langword="null"/> to leave it.</summary>
    public string? Name { get; init; }

    /// <summary>Gets tags; they replace earlier values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Gets the names of tags to remove, before <see cref="Tags"/> are set; one that is absent is passed over.</summary>
    public IReadOnlyList<string> RemovedTags { get; init; } = [];
}
