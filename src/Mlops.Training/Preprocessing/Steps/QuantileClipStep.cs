namespace Mlops.Training;

/// <summary>Brings numbers below the lower quantile of the training values up to it, and numbers above the upper one down to it, infinite ones too. A missing number stays missing.</summary>
public sealed record QuantileClipStep : PreprocessingStep
{
    /// <summary>Gets the lower quantile, 0..1.</summary>
    /// <value>The default value is 0.01.</value>
    public double LowerQuantile { get; init; } = 0.01;

    /// <summary>Gets the upper quantile, 0..1.</summary>
    /// <value>The default value is 0.99.</value>
    public double UpperQuantile { get; init; } = 0.99;

    internal override void Check() => CheckQuantiles(LowerQuantile, UpperQuantile);

    /// <inheritdoc/>
    public override string ToString() => Describe("clip", Text(LowerQuantile), Text(UpperQuantile));
}
