namespace Mlops.Artifacts;

/// <summary>A file in an artifact store. A snapshot: later writes do not change it.</summary>
/// <param name="Path">The path within the store, with <c>/</c>, without a leading one.</param>
/// <param name="Digest">The SHA-256 digest of the content, 64 lower-case hexadecimal digits.</param>
/// <param name="Length">The length in bytes.</param>
public sealed record Artifact(string Path, string Digest, long Length);
