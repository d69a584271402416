using System.Text.Json.Serialization;

namespace Mlops.Models;

/// <summary>The JSON form of a <see cref="ModelGraph"/>.</summary>
internal sealed record ModelGraphDocument(TensorSpec[] Inputs, TensorSpec[] Outputs, GraphNode[] Nodes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ModelGraphDocument))]
internal sealed partial class ModelGraphJson : JsonSerializerContext;
