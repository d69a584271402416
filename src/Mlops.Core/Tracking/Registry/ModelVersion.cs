using System.Globalization;

namespace Mlops.Tracking;

/// <summary>A version of a registered model. A snapshot: later writes do not change it.</summary>
/// <param name="Name">The registered model.</param>
/// <param name="Version">The number, counted from 1 without gaps; numbers of deleted versions are not used again.</param>
/// <param name="Source">The folder of the model directory in the artifact store.</param>
/// <param name="Digest">The SHA-256 digest of the model directory's manifest, 64 lower-case hexadecimal digits; a loader checks it.</param>
/// <param name="CreatedAt">When it was registered.</param>
public sealed record ModelVersion(string Name, int Version, string Source, string Digest, DateTimeOffset CreatedAt)
{
    /// <summary>Gets when it was changed last.</summary>
    public DateTimeOffset LastUpdatedAt { get; init; } = CreatedAt;

    /// <summary>Gets where it stands.</summary>
    public ModelStage Stage { get; init; }

    /// <summary>Gets where it comes from.</summary>
    public Lineage Lineage { get; init; } = new();

    /// <summary>Gets the description.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets the tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Describes the version in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ModelUri.OfVersion(Name, Version)} from {Source}, registered {CreatedAt:O}");
}
