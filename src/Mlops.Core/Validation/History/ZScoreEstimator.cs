using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>How centre and spread of values are measured.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ZScoreEstimator>))]
public enum ZScoreEstimator
{
    /// <summary>Mean and standard deviation (divided by the count less 1).</summary>
    Mean,

    /// <summary>
    /// Median, and 1.4826 times the median absolute deviation, which of normal values is the standard deviation; up to half of the values may be wild without effect. Where more than half of them are
    /// equal, 1.2533 times the mean absolute deviation from the median instead. Source: B. Iglewicz, D. Hoaglin, "How to Detect and Handle Outliers", 1993.
    /// </summary>
    Median,
}
