using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Models;

/// <summary>Seals a model directory: signs its manifest, which holds the digests of all its files, so that hosts can tell who released it.</summary>
/// <remarks>
/// The seals are a file of their own beside the manifest, <see cref="ModelFiles.Seal"/>, and no part of its digest: a model is the same with and without them, and may be sealed with several keys,
/// such as the old and the new one while keys are changed. What is signed are the bytes of <see cref="ModelFiles.Manifest"/>, so that other programs can verify it:
/// ECDSA with SHA-256 in DER, or RSA-PSS with SHA-256.
/// </remarks>
public static class ManifestSeal
{
    /// <summary>Verifies a model directory against its manifest and seals it. A seal of the same key is replaced, others stay.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="key">The key, with its private part.</param>
    /// <param name="cancellationToken">Cancels the sealing.</param>
    /// <returns>A task that completes when the seal is written.</returns>
    /// <exception cref="InvalidOperationException">The key has only its public part.</exception>
    /// <exception cref="ModelLoadException">There is no model or no manifest, a file is missing, added or changed, or the seals that are there cannot be read.</exception>
    public static async Task WriteAsync(string path, SealKey key, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(key);
        var directory = await ModelDirectory.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        var signature = key.Sign(await directory.ReadFileAsync(ModelFiles.Manifest, cancellationToken).ConfigureAwait(false));
        var others = await ReadAsync(directory, cancellationToken).ConfigureAwait(false);
        var document = new Document([.. others.Where(seal => seal.KeyId != key.Id), new Seal(key.Id, signature)]);
        var file = Path.Combine(directory.Path, ModelFiles.Seal);
        var temporary = Path.Combine(Path.GetDirectoryName(directory.Path)!, $".{Ids.Create(TimeProvider.System)}");
        await File.WriteAllBytesAsync(temporary, JsonSerializer.SerializeToUtf8Bytes(document, ManifestSealJson.Default.Document), cancellationToken).ConfigureAwait(false);
        File.Move(temporary, file, overwrite: true);
    }

    internal static async Task<IReadOnlyList<Seal>> ReadAsync(ModelDirectory directory, CancellationToken cancellationToken)
    {
        var file = Path.Combine(directory.Path, ModelFiles.Seal);
        if (!File.Exists(file)) return [];
        try
        {
            var json = await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(json, ManifestSealJson.Default.Document)?.Seals is { } seals && Array.TrueForAll(seals, seal => seal is not null)
                ? seals
                : throw new JsonException("It lists no seals.");
        }
        catch (JsonException error)
        {
            throw new ModelLoadException(directory.Path, $"'{ModelFiles.Seal}' of the model in {directory.Path} cannot be read: {error.Message} Delete it and seal the model again.", error) { SealFault = SealFault.WrongSignature };
        }
    }

    internal sealed record Document(Seal[] Seals);

    internal sealed record Seal(string KeyId, byte[] Signature);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ManifestSeal.Document))]
internal sealed partial class ManifestSealJson : JsonSerializerContext;
