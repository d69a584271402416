namespace Mlops.Training;

/// <summary>What k-means has found from one beginning.</summary>
/// <param name="Centroids">The centroids, shape (clusters × features).</param>
/// <param name="Inertia">The sum of weighted squared distances of the rows to their centroids.</param>
/// <param name="Iterations">The number of iterations.</param>
/// <param name="HasConverged">Whether they were enough.</param>
/// <param name="EmptyClusters">The number of clusters without rows.</param>
internal sealed record KMeansResult(double[] Centroids, double Inertia, int Iterations, bool HasConverged, int EmptyClusters);
