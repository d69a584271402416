namespace Mlops.Data;

/// <summary>A dataset in a catalog: what all its versions have in common. A snapshot.</summary>
/// <param name="Name">The name.</param>
/// <param name="LatestVersion">The highest version; <see langword="null"/> when all were deleted.</param>
/// <param name="CreatedAt">When its first version was registered.</param>
public sealed record DatasetEntry(string Name, int? LatestVersion, DateTimeOffset CreatedAt)
{
    /// <summary>Gets what the dataset is, as the last registration that said so told.</summary>
    public string? Description { get; init; }

    /// <summary>Gets who answers for it, as the last registration that said so told.</summary>
    public string? Owner { get; init; }

    /// <summary>Gets the tags of all registrations; where they disagree, the last one's.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the aliases and the version that each points to.</summary>
    public IReadOnlyDictionary<string, int> Aliases { get; init; } = new Dictionary<string, int>();

    /// <summary>Writes the name and the latest version.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => LatestVersion is { } latest ? $"{Name}, latest version {latest}" : $"{Name}, no version";
}
