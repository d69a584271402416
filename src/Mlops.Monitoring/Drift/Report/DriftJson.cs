using System.Text.Json.Serialization;

namespace Mlops.Monitoring;

/// <summary>How reports and series are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DriftReport))]
[JsonSerializable(typeof(DriftSeries))]
internal sealed partial class DriftJson : JsonSerializerContext;
