namespace Mlops.Training;

/// <summary>Puts a value where a number is missing.</summary>
/// <remarks>An infinite number is not missing: it is refused when fitted, and stays infinite afterwards.</remarks>
public sealed record ImputeStep : PreprocessingStep
{
    /// <summary>Gets what stands where a number is missing.</summary>
    /// <value>The default value is <see cref="NumericImputation.Mean"/>.</value>
    public NumericImputation Value { get; init; } = NumericImputation.Mean;

    /// <summary>Gets the constant for <see cref="NumericImputation.Constant"/>, in the unit of the column.</summary>
    /// <value>The default value is 0.</value>
    public double Constant { get; init; }

    /// <summary>Gets whether a feature tells for each column that had missing values in training where a number was missing: 1, elsewhere 0.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool AddIndicator { get; init; }

    internal override void Check()
    {
        if (!double.IsFinite(Constant)) throw new ArgumentOutOfRangeException(nameof(Constant), Constant, "The constant must be a finite number.");
    }

    /// <inheritdoc/>
    public override string ToString()
        => Describe("impute", Value == NumericImputation.Constant ? Text(Constant) : Value switch { NumericImputation.Mean => "mean", NumericImputation.Median => "median", _ => "most frequent" }, AddIndicator ? "indicator" : null);
}
