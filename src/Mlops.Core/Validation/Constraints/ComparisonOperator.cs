namespace Mlops.Validation;

/// <summary>How one value compares with another.</summary>
public enum ComparisonOperator
{
    /// <summary>The two are equal.</summary>
    Equal,

    /// <summary>The two differ.</summary>
    NotEqual,

    /// <summary>The first is smaller.</summary>
    Less,

    /// <summary>The first is smaller, or they are equal.</summary>
    LessOrEqual,

    /// <summary>The first is larger.</summary>
    Greater,

    /// <summary>The first is larger, or they are equal.</summary>
    GreaterOrEqual,
}
