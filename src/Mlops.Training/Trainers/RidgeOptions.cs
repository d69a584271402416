namespace Mlops.Training;

/// <summary>How a ridge regression is fitted.</summary>
public sealed class RidgeOptions
{
    /// <summary>Gets the weight of the penalty ‖w‖² against the sum of squared errors, ≥ 0.</summary>
    /// <value>The default value is 1.</value>
    public double Alpha { get; init; } = 1;

    /// <summary>Gets how features are made ready.</summary>
    /// <value>The default value imputes the mean, standardises, and one-hot encodes.</value>
    public PreprocessingOptions Preprocessing { get; init; } = new();
}
