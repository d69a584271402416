using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>What data must look like: its columns with their types, and constraints. Immutable.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Constraints">The constraints.</param>
public sealed record ValidationSchema(DataSchema Columns, IReadOnlyList<Constraint> Constraints)
{
    /// <summary>Begins constraints on a column.</summary>
    /// <param name="name">The column.</param>
    /// <returns>The column, on which constraints are added; each gives a new schema.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public ColumnConstraints Column(string name)
    {
        _ = Columns.IndexOf(name);
        return new ColumnConstraints(this, name);
    }

    /// <summary>Adds a constraint.</summary>
    /// <param name="constraint">The constraint.</param>
    /// <returns>The schema with it.</returns>
    public ValidationSchema With(Constraint constraint) => this with { Constraints = [.. Constraints, constraint] };

    /// <summary>Writes the schema as JSON, for people to read and edit.</summary>
    /// <returns>Indented UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new ValidationSchemaDocument([.. Columns], [.. Constraints]), ValidationSchemaJson.Default.ValidationSchemaDocument);

    /// <summary>Reads a schema from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote, perhaps edited.</param>
    /// <returns>The schema.</returns>
    /// <exception cref="JsonException">The JSON is not a schema.</exception>
    public static ValidationSchema FromJson(ReadOnlySpan<byte> json)
    {
        var document = JsonSerializer.Deserialize(json, ValidationSchemaJson.Default.ValidationSchemaDocument)
            ?? throw new JsonException("The JSON holds no schema.");
        return new ValidationSchema(new DataSchema(document.Columns), document.Constraints);
    }
}

/// <summary>The JSON form of a <see cref="ValidationSchema"/>.</summary>
internal sealed record ValidationSchemaDocument(ColumnSchema[] Columns, Constraint[] Constraints);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ValidationSchemaDocument))]
internal sealed partial class ValidationSchemaJson : JsonSerializerContext;
