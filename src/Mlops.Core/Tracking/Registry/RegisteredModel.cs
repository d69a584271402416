using System.Globalization;

namespace Mlops.Tracking;

/// <summary>A named model with its versions. A snapshot: later writes do not change it.</summary>
/// <param name="Name">The name, unique, 1 to 256 characters, without <c>/</c>, <c>:</c> and <c>@</c>.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record RegisteredModel(string Name, DateTimeOffset CreatedAt)
{
    /// <summary>Gets when it, or a version or an alias of it, was changed last.</summary>
    public DateTimeOffset LastUpdatedAt { get; init; } = CreatedAt;

    /// <summary>Gets the description.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets the tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the version that each alias points to; stores give aliases, like tags, in the ordinal order of their names.</summary>
    public IReadOnlyDictionary<string, int> Aliases { get; init; } = new Dictionary<string, int>();

    /// <summary>Gets the highest version in each stage that has one.</summary>
    public IReadOnlyDictionary<ModelStage, int> LatestVersions { get; init; } = new Dictionary<ModelStage, int>();

    /// <summary>Describes the model in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}, created {CreatedAt:O}");
}
