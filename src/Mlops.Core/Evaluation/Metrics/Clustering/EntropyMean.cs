namespace Mlops.Evaluation;

/// <summary>Which mean of the entropies of two partitions their common information is divided by.</summary>
public enum EntropyMean
{
    /// <summary>Half of their sum.</summary>
    Arithmetic,

    /// <summary>The root of their product.</summary>
    Geometric,

    /// <summary>The smaller one.</summary>
    Minimum,

    /// <summary>The larger one.</summary>
    Maximum,
}
