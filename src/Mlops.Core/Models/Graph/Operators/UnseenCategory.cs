namespace Mlops.Models;

/// <summary>What a category becomes that the training did not see, or that was too rare to be kept.</summary>
public enum UnseenCategory
{
    /// <summary>All elements are 0.</summary>
    AllZeros,

    /// <summary>An element of its own, after those of the categories, is 1.</summary>
    Other,

    /// <summary>The prediction fails with an error that names the input.</summary>
    Refuse,
}
