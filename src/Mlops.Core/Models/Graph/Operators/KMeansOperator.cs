namespace Mlops.Models;

/// <summary>
/// The nearest centroid, the first of those equally near, and the Euclidean distance to each. Float32 (rows × n) → Int64 (rows × 1) and Float32 (rows × clusters).
/// </summary>
/// <remarks>Distances are summed up in 64-bit floating point; a row with a missing number (NaN) belongs to cluster 0, at distances NaN.</remarks>
/// <param name="Centroids">The centroids, shape (clusters × n).</param>
public sealed record KMeansOperator(double[][] Centroids) : GraphOperator
{
    /// <summary>Gets what each element of a row is, shape (n): <c>income</c>, <c>home=rent</c>; empty when that is not known.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> FeatureNames
    {
        get;

        // Generated JSON readers set what a document leaves out to null.
        init => field = value ?? [];
    } = [];
}
