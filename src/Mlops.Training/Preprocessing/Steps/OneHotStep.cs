using System.Globalization;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Makes a feature of each category: 1 where the row has it, 0 elsewhere. The last step of a rule.</summary>
/// <remarks>
/// A category that occurs fewer than <see cref="MinCount"/> times, or is not among the <see cref="MaxCategories"/> most frequent ones (of equally frequent ones, the first in
/// ordinal order), counts as unseen. A missing text counts as unseen too, but is never refused; an <see cref="ImputeTextStep"/> before makes it a category.
/// </remarks>
public sealed record OneHotStep : PreprocessingStep
{
    /// <summary>Gets the largest number of categories.</summary>
    /// <value>The default value is 100.</value>
    public int MaxCategories { get; init; } = 100;

    /// <summary>Gets how often a category must occur in the training data, in rows.</summary>
    /// <value>The default value is 1.</value>
    public long MinCount { get; init; } = 1;

    /// <summary>Gets what an unseen category becomes.</summary>
    /// <value>The default value is <see cref="UnseenCategory.AllZeros"/>.</value>
    public UnseenCategory Unseen { get; init; } = UnseenCategory.AllZeros;

    internal override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCategories, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinCount, 1);
    }

    /// <inheritdoc/>
    public override string ToString() => Describe(
        "one-hot",
        string.Create(CultureInfo.InvariantCulture, $"≤ {MaxCategories}"),
        MinCount > 1 ? string.Create(CultureInfo.InvariantCulture, $"≥ {MinCount} rows") : null,
        Unseen switch { UnseenCategory.Other => "unseen: other", UnseenCategory.Refuse => "unseen: refuse", _ => null });
}
