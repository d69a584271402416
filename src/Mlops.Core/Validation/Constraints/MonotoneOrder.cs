namespace Mlops.Validation;

/// <summary>How the values of a column follow each other.</summary>
public enum MonotoneOrder
{
    /// <summary>No value is below the one before it.</summary>
    Increasing,

    /// <summary>Every value is above the one before it.</summary>
    StrictlyIncreasing,

    /// <summary>No value is above the one before it.</summary>
    Decreasing,

    /// <summary>Every value is below the one before it.</summary>
    StrictlyDecreasing,
}
