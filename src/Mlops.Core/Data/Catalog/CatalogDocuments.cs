using System.Text.Json.Serialization;
using Mlops.Artifacts;

namespace Mlops.Data;

/// <summary>What the state store holds of a dataset, in one value, so that versions, aliases and registrations under way change atomically.</summary>
internal sealed record DatasetDocument
{
    public string? Description { get; init; }

    public string? Owner { get; init; }

    public Dictionary<string, string> Tags { get; init; } = [];

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Gets the number of the next version; it only grows.</summary>
    public int Next { get; init; } = 1;

    public VersionDocument[] Versions { get; init; } = [];

    public Dictionary<string, int> Aliases { get; init; } = [];

    /// <summary>Gets the registrations under way. One that is not here any more cannot become a version.</summary>
    public RegistrationDocument[] Registrations { get; init; } = [];

    /// <summary>Gets whether nothing was ever registered here, and nobody is about to.</summary>
    [JsonIgnore]
    public bool IsBlank => Next == 1 && Registrations.Length == 0;

    public VersionDocument? Find(int version) => Array.Find(Versions, candidate => candidate.Version == version);
}

/// <param name="Version">Its number.</param>
/// <param name="Manifest">The SHA-256 digest of the manifest.</param>
/// <param name="Fingerprint">The fingerprint of the rows.</param>
/// <param name="Schema">The SHA-256 digest of the schema with its roles, which the fingerprint leaves out.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Bytes">The bytes of its chunks as they were stored.</param>
/// <param name="CreatedAt">When it was registered.</param>
internal sealed record VersionDocument(int Version, string Manifest, string Fingerprint, string Schema, long Rows, long Bytes, DateTimeOffset CreatedAt)
{
    public int? Parent { get; init; }

    public string? Message { get; init; }

    public string? Source { get; init; }

    public Dictionary<string, string>? Tags { get; init; }

    public DatasetVersion ToVersion(string name) => new(name, Version, Fingerprint, Rows, Bytes, Manifest, CreatedAt)
    {
        ParentVersion = Parent,
        Message = Message,
        Source = Source,
        Tags = Tags ?? [],
    };
}

internal sealed record RegistrationDocument(string Id, DateTimeOffset ExpiresAt);

/// <summary>The writes of files that a collection is deleting at the moment; none between collections.</summary>
internal sealed record SweepDocument(Artifact[] Files);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DatasetDocument))]
[JsonSerializable(typeof(SweepDocument))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class CatalogDocumentsJson : JsonSerializerContext;
