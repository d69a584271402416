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

    /// <summary>Too many values are missing.</summary>
    Incomplete,

    /// <summary>Values are below the range.</summary>
    BelowRange,

    /// <summary>Values are above the range.</summary>
    AboveRange,

    /// <summary>Values are NaN or infinite.</summary>
    NotFinite,

    /// <summary>Values are not in the set.</summary>
    NotInSet,

    /// <summary>There are too few rows.</summary>
    TooFewRows,
}
