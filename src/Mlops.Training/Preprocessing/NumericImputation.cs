namespace Mlops.Training;

/// <summary>What stands where a number is missing.</summary>
public enum NumericImputation
{
    /// <summary>The mean of the column's training values.</summary>
    Mean,

    /// <summary>The constant of <see cref="PreprocessingOptions.ImputationConstant"/>.</summary>
    Constant,
}
