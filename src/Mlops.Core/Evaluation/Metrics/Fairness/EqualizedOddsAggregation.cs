namespace Mlops.Evaluation;

/// <summary>How the differences of true and false positive rates become one.</summary>
public enum EqualizedOddsAggregation
{
    /// <summary>The larger one.</summary>
    WorstCase,

    /// <summary>The mean of both.</summary>
    Mean,
}
