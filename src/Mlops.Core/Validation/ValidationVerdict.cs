using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>What a check, or a whole report, comes to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ValidationVerdict>))]
public enum ValidationVerdict
{
    /// <summary>Everything is as it should be.</summary>
    Pass,

    /// <summary>Something should be looked at; nothing is stopped.</summary>
    Warn,

    /// <summary>Do not use it.</summary>
    Fail,
}
