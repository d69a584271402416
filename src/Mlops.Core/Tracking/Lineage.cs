namespace Mlops.Tracking;

/// <summary>Where a model version comes from.</summary>
/// <param name="RunId">The run that trained it.</param>
/// <param name="DatasetDigest">The fingerprint of the data it was trained on.</param>
/// <param name="CodeVersion">The version of the code that trained it: a commit or an assembly's version.</param>
public sealed record Lineage(string? RunId = null, string? DatasetDigest = null, string? CodeVersion = null);
