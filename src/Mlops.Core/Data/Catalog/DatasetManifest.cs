using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Data;

/// <summary>What a version consists of: its schema and its chunks. Written once as JSON, and addressed by the SHA-256 digest of that.</summary>
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

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DatasetManifestJson.Default.DatasetManifest);

    public static DatasetManifest? FromJson(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, DatasetManifestJson.Default.DatasetManifest);

    public DataSchema ToSchema() => new(Columns.Select(column => column.ToSchema()));

    public static ManifestColumn[] ColumnsOf(DataSchema schema) => [.. schema.Select(column => new ManifestColumn(column.Name, column.Type, column.Role, column.IsNullable, column.Width))];

    public static string DigestOf(ManifestColumn[] columns)
        => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(columns, DatasetManifestJson.Default.ManifestColumnArray)));
}

internal sealed record ManifestColumn(string Name, ElementType Type, ColumnRole Role, bool Nullable, int Width)
{
    public ColumnSchema ToSchema() => new(Name, Type, Role) { IsNullable = Nullable, Width = Width };
}

/// <param name="Id">The SHA-256 digest of the content.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Bytes">The length of the content.</param>
/// <param name="Stored">The length of the file when the version was registered.</param>
internal sealed record ManifestChunk(string Id, int Rows, int Bytes, int Stored);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DatasetManifest))]
internal sealed partial class DatasetManifestJson : JsonSerializerContext;
