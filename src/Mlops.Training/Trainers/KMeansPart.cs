using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>A block of the rows that k-means works on, with the cluster of each row and its squared distance to the centroid.</summary>
internal sealed class KMeansPart(int number, FeatureBlock block, int width)
{
    private const int TileRows = 512;

    private readonly int[] _clusters = new int[block.Rows];
    private readonly double[] _candidates = new double[TileRows];
    private readonly int[] _found = new int[TileRows];

    /// <summary>Gets the position among the parts.</summary>
    public int Number => number;

    public FeatureBlock Block => block;

    /// <summary>Gets the squared distance of each row to the nearest centroid, shape (rows).</summary>
    public double[] Nearest { get; } = new double[block.Rows];

    /// <summary>Gets the weighted sum of the rows of each cluster, shape (clusters × width).</summary>
    public double[] Sums { get; private set; } = [];

    /// <summary>Gets the weight of each cluster, shape (clusters).</summary>
    public double[] Weights { get; private set; } = [];

    public double Inertia => TensorPrimitives.Dot<double>(Nearest, block.Weights);

    /// <summary>Gets whether the last assignment put a row into another cluster than the one before.</summary>
    public bool HasChanged { get; private set; }

    public void Forget() => _clusters.AsSpan().Fill(-1);

    /// <summary>Puts each row into the cluster of the nearest centroid, and sums the rows of each cluster up.</summary>
    public void Assign(double[] centroids, bool isSummed)
    {
        var count = centroids.Length / width;
        HasChanged = false;
        for (var start = 0; start < block.Rows; start += TileRows)
        {
            var nearest = Nearest.AsSpan(start, Math.Min(TileRows, block.Rows - start));
            var candidates = _candidates.AsSpan(0, nearest.Length);
            var clusters = _found.AsSpan(0, nearest.Length);
            clusters.Clear();
            BlockMath.SquaredDistances(block, start, centroids.AsSpan(0, width), nearest);
            for (var i = 1; i < count; i++)
            {
                BlockMath.SquaredDistances(block, start, centroids.AsSpan(i * width, width), candidates);
                for (var row = 0; row < candidates.Length; row++)
                {
                    var isNearer = candidates[row] < nearest[row];
                    clusters[row] = isNearer ? i : clusters[row];
                    nearest[row] = isNearer ? candidates[row] : nearest[row];
                }
            }

            var before = _clusters.AsSpan(start, clusters.Length);
            HasChanged |= !clusters.SequenceEqual(before);
            clusters.CopyTo(before);
        }

        if (isSummed) Sum(count);
    }

    /// <summary>The squared distances to the nearest centroid if one more were there, shape (rows).</summary>
    public double[] NearestWith(double[] centroid, bool isFirst)
    {
        var distances = new double[block.Rows];
        BlockMath.SquaredDistances(block, 0, centroid, distances);
        if (!isFirst) TensorPrimitives.Min(distances, Nearest, distances);
        return distances;
    }

    /// <summary>Gets the features of a row, shape (width).</summary>
    public double[] Row(int row)
    {
        var features = new double[width];
        for (var i = 0; i < width; i++) features[i] = block.Feature(i)[row];
        return features;
    }

    /// <summary>Adds the number of rows of each cluster.</summary>
    public void Count(long[] sizes)
    {
        foreach (var cluster in _clusters) sizes[cluster]++;
    }

    /// <summary>Finds the row that is farthest from its centroid, the first of those equally far.</summary>
    public (int Row, double Distance) Farthest(Func<int, bool> isEligible)
    {
        var (best, distance) = (-1, 0.0);
        for (var row = 0; row < Nearest.Length; row++)
        {
            if (Nearest[row] > distance && isEligible(row)) (best, distance) = (row, Nearest[row]);
        }

        return (best, distance);
    }

    /// <summary>Moves a row from the sums of its cluster to those of another.</summary>
    public void Move(int row, int cluster, double[] sums, double[] weights)
    {
        var (from, weight) = (_clusters[row], block.Weights[row]);
        for (var i = 0; i < width; i++)
        {
            var value = weight * block.Feature(i)[row];
            sums[(from * width) + i] -= value;
            sums[(cluster * width) + i] += value;
        }

        weights[from] -= weight;
        weights[cluster] += weight;
    }

    private void Sum(int count)
    {
        if (Weights.Length != count) (Sums, Weights) = (new double[count * width], new double[count]);
        Sums.AsSpan().Clear();
        Weights.AsSpan().Clear();
        for (var row = 0; row < _clusters.Length; row++) Weights[_clusters[row]] += block.Weights[row];
        for (var i = 0; i < width; i++)
        {
            var feature = block.Feature(i);
            for (var row = 0; row < feature.Length; row++) Sums[(_clusters[row] * width) + i] += block.Weights[row] * feature[row];
        }
    }
}
