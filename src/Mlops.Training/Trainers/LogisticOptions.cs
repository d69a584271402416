namespace Mlops.Training;

/// <summary>How a logistic regression is fitted.</summary>
public sealed class LogisticOptions
{
    /// <summary>Gets the weight of the log loss against the penalty ½‖w‖², above 0: smaller is a stronger penalty.</summary>
    /// <value>The default value is 1.</value>
    public double C { get; init; } = 1;

    /// <summary>Gets the largest number of iterations.</summary>
    /// <value>The default value is 1000.</value>
    public int MaxIterations { get; init; } = 1000;

    /// <summary>Gets the largest component of the gradient, divided by the sum of weights, at which the fit ends.</summary>
    /// <value>The default value is 1e-11: coefficients are then right to about six decimals even where features are nearly collinear.</value>
    public double Tolerance { get; init; } = 1e-11;

    /// <summary>Gets the positive class, whose probability is judged and which comes last among the outputs: <c>yes</c>, <c>1</c>; for a boolean label <c>true</c> is <c>1</c>.</summary>
    /// <value>The default value is <see langword="null"/>: the last class in ascending order, texts by their code points (<c>yes</c> after <c>no</c>, <c>1</c> after <c>0</c>).</value>
    public string? PositiveClass { get; init; }

    /// <summary>Gets how much the rows of each class count, beside their own weights.</summary>
    /// <value>The default value is <see cref="Training.ClassWeights.None"/>.</value>
    public ClassWeights ClassWeights { get; init; } = ClassWeights.None;

    /// <summary>Gets how many processors work at the same time; −1 for all. The model does not depend on it.</summary>
    /// <value>The default value is −1.</value>
    public int MaxParallelism { get; init; } = -1;

    /// <summary>Gets how features are made ready.</summary>
    /// <value>The default value imputes the mean, standardises, and one-hot encodes.</value>
    public PreprocessingOptions Preprocessing { get; init; } = new();
}
