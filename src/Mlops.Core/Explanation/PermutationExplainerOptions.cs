using System.ComponentModel.DataAnnotations;

namespace Mlops.Explanation;

/// <summary>What a <see cref="PermutationExplainer"/> explains, and how thoroughly.</summary>
public sealed class PermutationExplainerOptions
{
    /// <summary>Gets or sets what the attributions add up to.</summary>
    /// <value>The default value is <see cref="ExplanationScale.Prediction"/>.</value>
    public ExplanationScale Scale { get; set; }

    /// <summary>Gets or sets the slot of the output that is explained.</summary>
    /// <value>The default value is <see langword="null"/>: the probabilities of classes, else the first output of floating-point numbers.</value>
    public int? Output { get; set; }

    /// <summary>Gets or sets the element of each row that is explained.</summary>
    /// <value>The default value is <see langword="null"/>: that of the class, or the last one.</value>
    public int? Element { get; set; }

    /// <summary>Gets or sets the class whose probability is explained; needed where there are more than two.</summary>
    /// <value>The default value is <see langword="null"/>: the last of two.</value>
    public string? Class { get; set; }

    /// <summary>Gets or sets the number of pairs of orders, one the reverse of the other, in which features are made known.</summary>
    /// <value>The default value is 25 pairs: 50 orders.</value>
    [Range(1, 100_000)]
    public int Pairs { get; set; } = 25;

    /// <summary>Gets or sets the number of features up to which every set of them is asked about, which is exact, where that is less work than the orders; 0 for never.</summary>
    /// <value>The default value is 10.</value>
    [Range(0, 20)]
    public int MaximumExactFeatures { get; set; } = 10;

    /// <summary>Gets or sets the largest number of background rows; of more so many are drawn.</summary>
    /// <value>The default value is 100.</value>
    [Range(1, 1_000_000)]
    public int MaximumBackgroundRows { get; set; } = 100;

    /// <summary>Gets or sets the largest number of rows that the model is asked about at once; no result depends on it.</summary>
    /// <value>The default value is 4,096.</value>
    [Range(1, int.MaxValue)]
    public int MaximumBatchRows { get; set; } = 4096;

    /// <summary>Gets or sets the seed: equal seeds give equal attributions, whatever rows are explained together.</summary>
    /// <value>The default value is 42.</value>
    public ulong Seed { get; set; } = 42;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Pairs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumExactFeatures, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumExactFeatures, 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumBackgroundRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumBatchRows, 1);
    }
}
