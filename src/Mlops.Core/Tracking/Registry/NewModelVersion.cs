namespace Mlops.Tracking;

/// <summary>What a version of a registered model is made of.</summary>
/// <param name="Source">
/// The folder of the model directory in the artifact store: a relative path with <c>/</c>, at most 1000 characters; for what a run has stored <see cref="RunUri.ArtifactPath"/>. An address
/// <c>scheme://…</c> of elsewhere is kept too, for a loader that can read it.
/// </param>
/// <param name="Digest">The SHA-256 digest of the model directory's manifest, 64 lower-case hexadecimal digits.</param>
public sealed record NewModelVersion(string Source, string Digest)
{
    /// <summary>Gets where it comes from.</summary>
    public Lineage Lineage { get; init; } = new();

    /// <summary>Gets the description, at most 5000 characters.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets what the registration is recognised by when it is repeated, because its answer was lost: any text that is made once for each version, such as a new identifier or the run's. 1 to 250 characters; free again when the version is deleted.</summary>
    /// <value>The default value is <see langword="null"/>: every call registers another version.</value>
    public string? RequestKey { get; init; }

    /// <summary>Gets the tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
