using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>What a rule says about one value of a metric.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MetricVerdict>))]
public enum MetricVerdict
{
    /// <summary>The value is as expected.</summary>
    Normal,

    /// <summary>The value is not as expected.</summary>
    Anomaly,

    /// <summary>There is a value, and too little before it to judge it by. The reason tells what is lacking.</summary>
    NotEnoughHistory,

    /// <summary>The run has no value of the metric. An anomaly instead where <see cref="MetricRule.RequireValue"/> asks for one.</summary>
    NoValue,
}
