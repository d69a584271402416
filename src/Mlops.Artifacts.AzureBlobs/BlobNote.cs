using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;

namespace Mlops.Artifacts.AzureBlobs;

/// <summary>What the metadata of a blob tell about it.</summary>
/// <param name="Artifact">The file; <see langword="null"/> when another program wrote the blob, so that its digest is not known.</param>
/// <param name="ETag">Which content and metadata of the blob this is.</param>
/// <param name="WriteId">Which write it was.</param>
/// <param name="IsFolder">Whether it stands for a folder, in accounts that have such.</param>
internal sealed record BlobNote(Artifact? Artifact, ETag ETag, string? WriteId, bool IsFolder)
{
    // No underscores: some proxies drop headers with such names.
    private const string DigestKey = "mlopssha256";
    private const string WriteKey = "mlopswrite";
    private const string FolderKey = "hdi_isfolder";

    public static BlobNote Of(string path, BlobProperties blob) => Of(path, blob.Metadata, blob.ContentLength, blob.ETag);

    public static BlobNote Of(string path, BlobDownloadDetails blob)
    {
        // "bytes 0-9/100", where a part was asked for; then the length of the content is that of the part.
        var range = blob.ContentRange.AsSpan();
        var isPart = long.TryParse(range[(range.LastIndexOf('/') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length);
        return Of(path, blob.Metadata, isPart ? length : blob.ContentLength, blob.ETag);
    }

    public static BlobNote Of(string path, IDictionary<string, string>? metadata, long length, ETag etag)
    {
        var digest = metadata is not null && metadata.TryGetValue(DigestKey, out var value) && value.Length == 64 && value.All(char.IsAsciiHexDigitLower) ? value : null;
        return new BlobNote(
            digest is null ? null : new Artifact(path, digest, length),
            etag,
            metadata is not null && metadata.TryGetValue(WriteKey, out var write) ? write : null,
            metadata is not null && metadata.TryGetValue(FolderKey, out var folder) && folder.Equals("true", StringComparison.OrdinalIgnoreCase));
    }

    public static Dictionary<string, string> Metadata(string digest, string writeId) => new() { [DigestKey] = digest, [WriteKey] = writeId };

    /// <summary>Adds the digest to the metadata that another program gave a blob.</summary>
    public static Dictionary<string, string> Metadata(IDictionary<string, string> others, string digest) => new(others) { [DigestKey] = digest };
}
