namespace Mlops.Training;

/// <summary>What stands where a number is missing.</summary>
public enum NumericImputation
{
    /// <summary>The mean of the column's training values.</summary>
    Mean,

    /// <summary>A constant.</summary>
    Constant,

    /// <summary>The median of the column's training values; of an even number of values, the middle between the two in the middle.</summary>
    Median,

    /// <summary>The most frequent of the column's training values; of equally frequent ones the least.</summary>
    MostFrequent,
}
