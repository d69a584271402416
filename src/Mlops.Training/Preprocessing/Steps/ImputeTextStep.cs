namespace Mlops.Training;

/// <summary>Puts a text where one is missing. An empty text is a missing one.</summary>
public sealed record ImputeTextStep : PreprocessingStep
{
    /// <summary>Gets the text that stands where one is missing, such as a category of its own; <see langword="null"/> for the most frequent one of the training data.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? Constant { get; init; }

    /// <summary>Gets whether a feature tells where a text was missing: 1, elsewhere 0. There is one only where the training data has missing texts.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool AddIndicator { get; init; }

    internal override void Check()
    {
        if (Constant is "") throw new ArgumentException("An empty text is a missing one; it cannot stand where one is missing.", nameof(Constant));
    }

    /// <inheritdoc/>
    public override string ToString() => Describe("impute", Constant is null ? "most frequent" : $"'{Constant}'", AddIndicator ? "indicator" : null);
}
