using System.Collections.ObjectModel;
using System.Globalization;

namespace Mlops.Training;

/// <summary>Makes a number of each category: its position. Steps for numbers may follow.</summary>
public sealed record OrdinalStep : PreprocessingStep
{
    /// <summary>Gets the categories in their order: the first is 0; empty for those of the training data in ordinal order of their characters.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> Categories { get; init => field = new ReadOnlyCollection<string>([.. value]); } = [];

    /// <summary>Gets the number of a missing text, and of an unseen category unless it is refused.</summary>
    /// <value>The default value is −1.</value>
    public double UnseenValue { get; init; } = -1;

    /// <summary>Gets whether a category that is not among <see cref="Categories"/>, or that the training data does not have, makes the prediction fail.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool RefuseUnseen { get; init; }

    internal override void Check()
    {
        if (!double.IsFinite(UnseenValue)) throw new ArgumentOutOfRangeException(nameof(UnseenValue), UnseenValue, "The value must be a finite number.");
        if (Categories.Distinct(StringComparer.Ordinal).Count() != Categories.Count || Categories.Any(string.IsNullOrEmpty))
            throw new ArgumentException("A category occurs twice, or is empty.", nameof(Categories));
    }

    /// <inheritdoc/>
    public override string ToString() => Describe(
        "ordinal",
        Categories.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{string.Join(" < ", Categories.Take(10))}{(Categories.Count > 10 ? " < …" : "")}"),
        RefuseUnseen ? "unseen: refuse" : $"unseen: {Text(UnseenValue)}");
}
