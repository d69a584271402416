namespace Mlops.Training;

/// <summary>Scales a number by what outliers do not move: minus its median, divided by the distance between two quantiles. A distance of 0 counts as 1.</summary>
public sealed record RobustStep : PreprocessingStep
{
    /// <summary>Gets the lower quantile, 0..1.</summary>
    /// <value>The default value is 0.25.</value>
    public double LowerQuantile { get; init; } = 0.25;

    /// <summary>Gets the upper quantile, 0..1.</summary>
    /// <value>The default value is 0.75, so that the distance is the interquartile range.</value>
    public double UpperQuantile { get; init; } = 0.75;

    internal override void Check() => CheckQuantiles(LowerQuantile, UpperQuantile);

    /// <inheritdoc/>
    public override string ToString() => Describe("robust", Text(LowerQuantile), Text(UpperQuantile));
}
