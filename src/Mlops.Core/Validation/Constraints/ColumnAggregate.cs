namespace Mlops.Validation;

/// <summary>A figure of all values of a column. NaN and missing values are left out.</summary>
public enum ColumnAggregate
{
    /// <summary>The smallest value.</summary>
    Minimum,

    /// <summary>The largest value.</summary>
    Maximum,

    /// <summary>The arithmetic mean.</summary>
    Mean,

    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The standard deviation of the population, dividing by n.</summary>
    StandardDeviation,
}
