namespace Mlops.Training;

/// <summary>How rows are clustered by k-means.</summary>
public sealed class KMeansOptions
{
    /// <summary>Gets the number of clusters, ≥ 1.</summary>
    /// <value>The default value is 8.</value>
    public int Clusters { get; init; } = 8;

    /// <summary>Gets how often it begins anew, from other centroids; the best result is kept. ≥ 1.</summary>
    /// <value>The default value is 10.</value>
    public int Initializations { get; init; } = 10;

    /// <summary>Gets the largest number of iterations of each beginning.</summary>
    /// <value>The default value is 300.</value>
    public int MaxIterations { get; init; } = 300;

    /// <summary>Gets the sum of squared movements of all centroids, divided by the mean variance of the features, at which an iteration is the last one.</summary>
    /// <value>The default value is 1e-4.</value>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>Gets how many processors work at the same time; −1 for all. The model does not depend on it.</summary>
    /// <value>The default value is −1.</value>
    public int MaxParallelism { get; init; } = -1;

    /// <summary>Gets how features are made ready.</summary>
    /// <value>The default value imputes the mean, standardises, and one-hot encodes.</value>
    public PreprocessingOptions Preprocessing { get; init; } = new();
}
