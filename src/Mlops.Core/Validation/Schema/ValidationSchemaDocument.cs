using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>The JSON form of a <see cref="ValidationSchema"/>.</summary>
internal sealed record ValidationSchemaDocument(ColumnRulesDocument[] Columns)
{
    public const int CurrentVersion = 1;

    [JsonPropertyOrder(-1)]
    public int? Version { get; init; }

    [JsonPropertyOrder(-1)]
    public IReadOnlyList<string>? Environments { get; init; }

    [JsonPropertyOrder(-1)]
    public NewColumnHandling? NewColumns { get; init; }

    public IReadOnlyList<DatasetConstraint>? Constraints { get; init; }

    public static byte[] Write(ValidationSchema schema) => JsonSerializer.SerializeToUtf8Bytes(
        new ValidationSchemaDocument([.. schema.Columns.Select(ColumnRulesDocument.Of)])
        {
            Version = CurrentVersion,
            Environments = schema.Environments.SequenceEqual(ValidationSchema.DefaultEnvironments, StringComparer.Ordinal) ? null : schema.Environments,
            NewColumns = schema.NewColumns switch { null => NewColumnHandling.Ignore, ValidationSeverity.Error => NewColumnHandling.Error, _ => null },
            Constraints = schema.Constraints.Count == 0 ? null : schema.Constraints,
        },
        SchemaForm.Document);

    public static ValidationSchema Read(ReadOnlySpan<byte> json, string source)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        // Some editors mark UTF-8.
        if (json.StartsWith("\uFEFF"u8)) json = json[3..];
        var shape = new JsonShape(source);
        ValidationSchemaDocument document;
        try
        {
            shape.Check(json, SchemaForm.Document);
            document = JsonSerializer.Deserialize(json, SchemaForm.Document) ?? throw new DataFormatException(source, 1, null, "The JSON holds no schema.");
        }
        catch (JsonException error)
        {
            throw new DataFormatException(source, error.LineNumber + 1 ?? 0, null, $"The JSON is not a schema: {WithoutPlace(error.Message)}", error);
        }

        if (document.Version > CurrentVersion)
            throw new DataFormatException(source, 0, null, $"The schema is of version {document.Version}, which a later release wrote; this one reads up to version {CurrentVersion}. Update the packages.");
        document.CheckConstraints(shape, source);
        return document.ToSchema(source);
    }

    /// <summary>Leaves out what the serialiser adds about the place, by another count of lines, and the name of a parameter.</summary>
    private static string WithoutPlace(string message)
    {
        foreach (var mark in new[] { " Path: ", " LineNumber: ", " (Parameter " })
        {
            if (message.IndexOf(mark, StringComparison.Ordinal) is var at and > 0) message = message[..at];
        }

        return message;
    }

    private void CheckConstraints(JsonShape shape, string source)
    {
        for (var i = 0; i < Columns.Length; i++)
        {
            for (var j = 0; j < Columns[i].Constraints?.Count; j++)
            {
                if (Columns[i].Constraints![j].FindProblem() is { } problem) throw Unmeetable($"$.columns[{i}].constraints[{j}]", Columns[i].Name, problem);
            }
        }

        for (var i = 0; i < Constraints?.Count; i++)
        {
            if (Constraints![i].FindProblem() is { } problem) throw Unmeetable($"$.constraints[{i}]", null, problem);
        }

        DataFormatException Unmeetable(string path, string? column, string problem) => new(source, shape.LineOf(path), column, $"The constraint at {path} cannot be met: {problem}.");
    }

    private ValidationSchema ToSchema(string source)
    {
        ValidationSchema schema;
        try
        {
            schema = new ValidationSchema(Columns.Select(column => column.ToRules()), Constraints ?? [])
                .WithEnvironments(Environments ?? ValidationSchema.DefaultEnvironments)
                .WithNewColumns(NewColumns switch { NewColumnHandling.Ignore => null, NewColumnHandling.Error => ValidationSeverity.Error, _ => ValidationSeverity.Warning });
        }
        catch (ArgumentException error)
        {
            throw new DataFormatException(source, 0, null, WithoutPlace(error.Message), error);
        }

        return schema.FindContradictions() is { Count: > 0 } contradictions
            ? throw new DataFormatException(source, 0, null, $"The schema contradicts itself: {string.Join("; ", contradictions)}.")
            : schema;
    }
}
