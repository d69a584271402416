namespace Mlops.Tracking;

/// <summary>What is changed of a model version in one step.</summary>
public sealed record ModelVersionChanges
{
    /// <summary>Gets the new description, at most 5000 characters; <see langword="null"/> to leave it.</summary>
    public string? Description { get; init; }

    /// <summary>Gets the new stage; <see langword="null"/> to leave it.</summary>
    public ModelStage? Stage { get; init; }

    /// <summary>
    /// Gets whether all other versions in <see cref="Stage"/> become <see cref="ModelStage.Archived"/> in the same step; only with <see cref="ModelStage.Staging"/> and
    /// <see cref="ModelStage.Production"/>.
    /// </summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool ArchiveExisting { get; init; }

    /// <summary>Gets tags; they replace earlier values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Gets the names of tags to remove, before <see cref="Tags"/> are set; one that is absent is passed over.</summary>
    public IReadOnlyList<string> RemovedTags { get; init; } = [];
}
