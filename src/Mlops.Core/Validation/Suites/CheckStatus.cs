using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>What a check of a suite comes to, from the best to the worst.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckStatus>))]
public enum CheckStatus
{
    /// <summary>The check had nothing to look at: it needs a label, a test set or a model that was not given.</summary>
    NotApplicable,

    /// <summary>Every condition is met.</summary>
    Pass,

    /// <summary>A condition of the severity <see cref="ValidationSeverity.Warning"/> is not met.</summary>
    Warn,

    /// <summary>A condition of the severity <see cref="ValidationSeverity.Error"/> is not met.</summary>
    Fail,

    /// <summary>The check itself could not be carried out.</summary>
    Error,
}
