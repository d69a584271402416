using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>Which of the datasets of a suite rows belong to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DatasetPart>))]
public enum DatasetPart
{
    /// <summary>What the model learns from, or the only dataset there is.</summary>
    Train,

    /// <summary>What the model is judged by.</summary>
    Test,
}
