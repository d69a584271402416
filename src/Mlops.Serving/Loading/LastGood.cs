using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>The notes of which version each model served last, beside the cached directories, so that it can be served while the registry is away.</summary>
internal sealed class LastGood(string root, TimeProvider time)
{
    // A note that nobody has renewed for so long is of a model that is not served any more.
    private static readonly TimeSpan s_retention = TimeSpan.FromDays(365);

    // Applications may share a cache, but not what they mean by an address.
    private static readonly string s_application = Assembly.GetEntryAssembly()?.GetName().Name ?? "";

    private readonly string _folder = Path.Combine(root, "last-good");

    public async Task WriteAsync(string name, string address, ModelVersion version, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder);
        var note = new LastGoodNote(name, address, version.Name, version.Version, version.Source, version.Digest, version.CreatedAt);
        var temporary = Path.Combine(_folder, $".{Ids.Create(time)}");
        try
        {
            await File.WriteAllBytesAsync(temporary, JsonSerializer.SerializeToUtf8Bytes(note, LastGoodJson.Default.LastGoodNote), cancellationToken).ConfigureAwait(false);
            File.Move(temporary, PathOf(name, address), overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Reads the note of a model.</summary>
    /// <returns>The version; <see langword="null"/> where there is none, or the note cannot be read.</returns>
    public async Task<ModelVersion?> FindAsync(string name, string address, CancellationToken cancellationToken)
        => await ReadAsync(PathOf(name, address), cancellationToken).ConfigureAwait(false) is { } note && note.Name == name && note.Address == address
            ? new ModelVersion(note.Model, note.Version, note.Source, note.Digest, note.CreatedAt)
            : null;

    /// <summary>Lists the digests that notes name, and removes the notes that are out of date.</summary>
    public HashSet<string> ListDigests()
    {
        var digests = new HashSet<string>(StringComparer.Ordinal);
        if (!Directory.Exists(_folder)) return digests;
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles())
        {
            try
            {
                if (now - file.LastWriteTimeUtc > s_retention) file.Delete();
                else if (!file.Name.StartsWith('.') && Parse(File.ReadAllBytes(file.FullName)) is { } note) digests.Add(note.Digest);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Looked at another day.
            }
        }

        return digests;
    }

    private static async Task<LastGoodNote?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return File.Exists(path) ? Parse(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false)) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static LastGoodNote? Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, LastGoodJson.Default.LastGoodNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string PathOf(string name, string address)
        => Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{s_application}\n{name}\n{address}"))) + ".json");
}

/// <summary>Which version a model served last.</summary>
internal sealed record LastGoodNote(string Name, string Address, string Model, int Version, string Source, string Digest, DateTimeOffset CreatedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LastGoodNote))]
internal sealed partial class LastGoodJson : JsonSerializerContext;
