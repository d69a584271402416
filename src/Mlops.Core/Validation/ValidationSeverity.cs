using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>How bad a violated constraint is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ValidationSeverity>))]
public enum ValidationSeverity
{
    /// <summary>The data may be used.</summary>
    Warning,

    /// <summary>The data must not be used.</summary>
    Error,
}
