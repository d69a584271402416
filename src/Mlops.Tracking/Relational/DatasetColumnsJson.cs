using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>The schema of a dataset as text in a store.</summary>
internal static class DatasetColumnsJson
{
    public static string Write(DataSchema schema) => JsonSerializer.Serialize(
        [.. schema.Select(column => new StoredColumn(column.Name, column.Type.ToString(), column.Role.ToString(), column.IsNullable, column.Width))],
        StoredColumnContext.Default.StoredColumnArray);

    public static DataSchema Read(string text) => new((JsonSerializer.Deserialize(text, StoredColumnContext.Default.StoredColumnArray) ?? []).Select(column =>
        new ColumnSchema(column.Name, Enum.Parse<ElementType>(column.Type), Enum.Parse<ColumnRole>(column.Role)) { IsNullable = column.Nullable, Width = column.Width }));
}

internal sealed record StoredColumn(string Name, string Type, string Role, bool Nullable, int Width);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredColumn[]))]
internal sealed partial class StoredColumnContext : JsonSerializerContext;
