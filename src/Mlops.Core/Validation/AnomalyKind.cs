using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>What is wrong with data.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnomalyKind>))]
public enum AnomalyKind
{
    /// <summary>A column of the schema is not there.</summary>
    ColumnMissing,

    /// <summary>A column is there that the schema does not know.</summary>
    ColumnNew,

    /// <summary>A column has another type.</summary>
    TypeChanged,

    /// <summary>Texts stand where numbers are expected, and not all of them are numbers.</summary>
    NotANumber,

    /// <summary>Rows of a column have fewer elements than expected.</summary>
    TooFewValues,

    /// <summary>Rows of a column have more elements than expected.</summary>
    TooManyValues,

    /// <summary>A constraint of the schema is for columns of another type.</summary>
    InvalidConstraint,

    /// <summary>Too many values are missing, or too few are there.</summary>
    Incomplete,

    /// <summary>Values are below the range.</summary>
    BelowRange,

    /// <summary>Values are above the range.</summary>
    AboveRange,

    /// <summary>Values are NaN or infinite.</summary>
    NotFinite,

    /// <summary>Values are not in the set.</summary>
    NotInSet,

    /// <summary>Texts do not match the regular expression.</summary>
    PatternMismatch,

    /// <summary>The regular expression took too long.</summary>
    PatternTimeout,

    /// <summary>Texts are too short or too long.</summary>
    LengthOutOfRange,

    /// <summary>Too many values, or keys, occur more than once.</summary>
    UniquenessLow,

    /// <summary>Too many values occur only once.</summary>
    UniquenessHigh,

    /// <summary>There are too few different values.</summary>
    TooFewDistinct,

    /// <summary>There are too many different values.</summary>
    TooManyDistinct,

    /// <summary>Values do not follow each other in order.</summary>
    NotMonotone,

    /// <summary>Values do not compare with those of another column as they should.</summary>
    ComparisonViolated,

    /// <summary>A figure of all values is out of its bounds.</summary>
    AggregateOutOfRange,

    /// <summary>Values do not occur in the dataset that they refer to.</summary>
    KeyUnknown,

    /// <summary>The distribution is far from that of other data.</summary>
    DistributionChanged,

    /// <summary>Values or rows do not pass a test.</summary>
    PredicateViolated,

    /// <summary>There is nothing to compare with, or nothing to measure.</summary>
    StatisticsMissing,

    /// <summary>There are too few rows.</summary>
    TooFewRows,

    /// <summary>There are too many rows.</summary>
    TooManyRows,

    /// <summary>There are far fewer rows than in other data.</summary>
    RowCountFallen,

    /// <summary>There are far more rows than in other data.</summary>
    RowCountGrown,

    /// <summary>A figure of the data, such as a mean, is not what its history lets expect.</summary>
    MetricAnomaly,
}
