using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Models;

/// <summary>The SHA-256 digests of the files of a model directory. Its own digest identifies the model.</summary>
internal sealed record ModelManifest(ModelManifest.File[] Files)
{
    public static async Task<ModelManifest> CreateAsync(string directory, CancellationToken cancellationToken)
    {
        var paths = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(directory, file).Replace('\\', '/'))
            .Where(path => path is not (ModelFiles.Manifest or ModelFiles.Seal))
            .Order(StringComparer.Ordinal);
        var files = new List<File>();
        foreach (var path in paths)
            files.Add(await DescribeAsync(directory, path, cancellationToken).ConfigureAwait(false));
        return new ModelManifest([.. files]);
    }

    /// <summary>Finds the first difference between the manifest and the directory.</summary>
    public async Task<string?> FindDifferenceAsync(string directory, CancellationToken cancellationToken)
    {
        var actual = await CreateAsync(directory, cancellationToken).ConfigureAwait(false);
        var expected = Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        foreach (var file in actual.Files)
        {
            if (!expected.Remove(file.Path, out var listed)) return $"'{file.Path}' is not in the manifest";
            if (listed != file) return $"'{file.Path}' has the digest {file.Sha256}, the manifest says {listed.Sha256}";
        }

        return expected.Count > 0 ? $"'{expected.Keys.Order(StringComparer.Ordinal).First()}' is missing" : null;
    }

    /// <summary>Finds the first file that is not there in its full length, without reading any.</summary>
    public string? FindIncompleteFile(string directory)
    {
        foreach (var file in Files)
        {
            var found = new FileInfo(Path.Combine(directory, file.Path));
            if (!found.Exists) return $"'{file.Path}' is missing";
            if (found.Length != file.Length) return string.Create(CultureInfo.InvariantCulture, $"'{file.Path}' has {found.Length} bytes, the manifest says {file.Length}");
        }

        return null;
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ModelManifestJson.Default.ModelManifest);

    public static ModelManifest FromJson(ReadOnlySpan<byte> json)
    {
        var manifest = JsonSerializer.Deserialize(json, ModelManifestJson.Default.ModelManifest);
        if (manifest is null || Array.Exists(manifest.Files, file => file is null)) throw new JsonException("The manifest lists no files.");
        return manifest.Files.DistinctBy(file => file.Path).Count() == manifest.Files.Length
            ? manifest
            : throw new JsonException("The manifest lists a file twice.");
    }

    private static async Task<File> DescribeAsync(string directory, string path, CancellationToken cancellationToken)
    {
        var stream = System.IO.File.OpenRead(Path.Combine(directory, path));
        await using (stream.ConfigureAwait(false))
        {
            var digest = await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false);
            return new File(path, Convert.ToHexStringLower(digest), stream.Length);
        }
    }

    internal sealed record File(string Path, string Sha256, long Length);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ModelManifestJson : JsonSerializerContext;
