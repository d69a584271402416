using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mlops.Validation;

/// <summary>How schemas look in JSON.</summary>
internal static class SchemaForm
{
    /// <summary>Gets the form of a schema.</summary>
    // Not escaped: regular expressions stay readable, and nobody puts the file into HTML as it is.
    public static JsonTypeInfo<ValidationSchemaDocument> Document { get; } = (JsonTypeInfo<ValidationSchemaDocument>)new JsonSerializerOptions(ValidationSchemaJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    }.GetTypeInfo(typeof(ValidationSchemaDocument));
}
