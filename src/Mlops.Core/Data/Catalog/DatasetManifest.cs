using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Data;

/// <summary>What a version consists of: its schema and its chunks. Written once, and addressed by the SHA-256 digest of its bytes.</summary>
internal sealed record DatasetManifest
{
    /// <summary>Gets an identifier that no other manifest has, so that two of them never share a file: whoever deletes one deletes nobody else's.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required ManifestColumn[] Columns { get; init; }

    public required long RowCount { get; init; }

    public required string Fingerprint { get; init; }

    public required ManifestChunk[] Chunks { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets the manifest of the version before.</summary>
    public string? Parent { get; init; }

    public string? Description { get; init; }

    public string? Owner { get; init; }

    public string? Message { get; init; }

    public string? Source { get; init; }

    public Dictionary<string, string>? Tags { get; init; }

    /// <summary>Writes the manifest as JSON, compressed by gzip.</summary>
    public byte[] ToBytes()
    {
        using var target = new MemoryStream();
        using (var packing = new GZipStream(target, CompressionLevel.Optimal)) JsonSerializer.Serialize(packing, this, DatasetManifestJson.Default.DatasetManifest);
        return target.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not compressed by gzip.</exception>
    /// <exception cref="JsonException">The text is not a manifest.</exception>
    public static DatasetManifest? FromBytes(byte[] bytes)
    {
        using var unpacking = new GZipStream(new MemoryStream(bytes, writable: false), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(unpacking, DatasetManifestJson.Default.DatasetManifest);
    }

    public DataSchema ToSchema() => new(Columns.Select(column => column.ToSchema()));

    public static ManifestColumn[] ColumnsOf(DataSchema schema) => [.. schema.Select(column => new ManifestColumn(column.Name, column.Type, column.Role, column.IsNullable, column.Width))];

    public static string DigestOf(ManifestColumn[] columns)
        => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(columns, DatasetManifestJson.Default.ManifestColumnArray)));
}

internal sealed record ManifestColumn(string Name, ElementType Type, ColumnRole Role, bool Nullable, int Width)
{
    public ColumnSchema ToSchema() => new(Name, Type, Role) { IsNullable = Nullable, Width = Width };
}

/// <summary>A chunk of a version; in JSON a text of its parts, since there are many.</summary>
/// <param name="Id">The SHA-256 digest of the content.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Bytes">The length of the content.</param>
/// <param name="Stored">The length of the file when the version was registered.</param>
[JsonConverter(typeof(ManifestChunkConverter))]
internal sealed record ManifestChunk(string Id, int Rows, int Bytes, int Stored);

internal sealed class ManifestChunkConverter : JsonConverter<ManifestChunk>
{
    public override ManifestChunk Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var parts = reader.GetString()?.Split(' ') ?? [];
        if (parts.Length == 4 && parts[0].Length == 2 * SHA256.HashSizeInBytes && Number(parts[1]) is { } rows && Number(parts[2]) is { } bytes && Number(parts[3]) is { } stored)
            return new ManifestChunk(parts[0], rows, bytes, stored);
        throw new JsonException("A chunk is not told as digest, rows, bytes and stored bytes.");
    }

    public override void Write(Utf8JsonWriter writer, ManifestChunk value, JsonSerializerOptions options)
        => writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value.Id} {value.Rows} {value.Bytes} {value.Stored}"));

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DatasetManifest))]
internal sealed partial class DatasetManifestJson : JsonSerializerContext;
