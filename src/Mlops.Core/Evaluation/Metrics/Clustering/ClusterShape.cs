using System.Numerics.Tensors;

namespace Mlops.Evaluation;

/// <summary>How compact and how well apart clusters of points are, by Euclidean distance. Immutable.</summary>
/// <remarks>Weights weigh points in every mean, whatever their scale: all of them multiplied by one number give the same figures. Points of weight 0 are left out. Silhouettes take O(n²) distances, the other figures O(n).</remarks>
public sealed class ClusterShape
{
    private readonly double[] _points;
    private readonly double[] _weights;
    private readonly int[] _clusters;
    private readonly int _dimensions;
    private readonly double[] _sizes;
    private readonly int[] _counts;
    private readonly string? _undefined;

    /// <summary>Creates clusters of points.</summary>
    /// <param name="points">The coordinates, finite, shape (n × dimensions), row after row; copied.</param>
    /// <param name="dimensions">The number of coordinates of each point, ≥ 1.</param>
    /// <param name="clusters">The cluster of each point, any numbers, shape (n).</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0; empty where every point counts alike.</param>
    /// <exception cref="ArgumentException">The lengths do not belong together, a coordinate is not finite, or a weight is negative or not finite.</exception>
    public ClusterShape(ReadOnlySpan<double> points, int dimensions, ReadOnlySpan<int> clusters, ReadOnlySpan<double> weights = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (points.Length != clusters.Length * dimensions) throw new ArgumentException($"{clusters.Length} points of {dimensions} coordinates each were expected; there are {points.Length} coordinates.", nameof(points));
        MetricInput.CheckLengths(clusters.Length, clusters.Length, weights.Length);
        MetricInput.CheckFinite(points, "Coordinate", nameof(points));
        MetricInput.CheckWeights(weights);
        _dimensions = dimensions;
        var (kept, own, labels) = (new List<double>(), new List<double>(), new List<int>());
        for (var i = 0; i < clusters.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            if (weight == 0) continue;
            kept.AddRange(points.Slice(i * dimensions, dimensions));
            own.Add(weight);
            labels.Add(clusters[i]);
        }

        int[] names = [.. labels.Distinct().Order()];
        (_points, _weights) = ([.. kept], [.. own]);
        _clusters = [.. labels.Select(label => Array.BinarySearch(names, label))];
        var scale = WeightScale.Of(_weights.DefaultIfEmpty().Max());
        (_sizes, _counts) = (new double[names.Length], new int[names.Length]);
        for (var i = 0; i < _clusters.Length; i++)
        {
            _weights[i] *= scale;
            _sizes[_clusters[i]] += _weights[i];
            _counts[_clusters[i]]++;
        }

        _undefined = _sizes.Length == 0 ? "no point has a weight" : _sizes.Length == 1 ? "there is one cluster only" : _clusters.Length <= _sizes.Length ? "every point is a cluster of its own" : null;
    }

    /// <summary>Gets the number of clusters.</summary>
    public int ClusterCount => _sizes.Length;

    /// <summary>Gets the number of points with a weight above 0.</summary>
    public int PointCount => _clusters.Length;

    /// <summary>Computes the mean silhouette: how much nearer points are to their cluster than to the next one.</summary>
    /// <remarks>Source: P. J. Rousseeuw (1987).</remarks>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <returns>The figure, −1..1; undefined where there is one cluster, or every point is one.</returns>
    public MetricValue Silhouette(CancellationToken cancellationToken = default)
    {
        if (_undefined is not null) return MetricValue.Undefined(_undefined);
        var silhouettes = Silhouettes(cancellationToken);
        return TensorPrimitives.Dot<double>(silhouettes, _weights) / _sizes.Sum();
    }

    /// <summary>Computes the silhouette of each point of weight above 0: (b − a) / max(a, b) of the weighted mean distances a to the other points of its cluster and b to those of the next one.</summary>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <returns>The figures, shape (points), −1..1; 0 of a cluster of one point; none where they are undefined.</returns>
    public double[] Silhouettes(CancellationToken cancellationToken = default)
    {
        if (_undefined is not null) return [];
        var silhouettes = new double[PointCount];
        var sums = new double[ClusterCount];
        for (var i = 0; i < silhouettes.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Array.Clear(sums);
            var own = _clusters[i];
            if (_counts[own] == 1) continue;
            double others = 0;
            for (var j = 0; j < silhouettes.Length; j++)
            {
                sums[_clusters[j]] += _weights[j] * TensorPrimitives.Distance(Point(i), Point(j));
                if (j != i && _clusters[j] == own) others += _weights[j];
            }

            var (within, next) = (sums[own] / others, double.PositiveInfinity);
            for (var cluster = 0; cluster < sums.Length; cluster++)
            {
                if (cluster != own) next = Math.Min(next, sums[cluster] / _sizes[cluster]);
            }

            var larger = Math.Max(within, next);
            silhouettes[i] = larger > 0 ? (next - within) / larger : 0;
        }

        return silhouettes;
    }

    /// <summary>Computes the mean, over the clusters, of the largest ratio of the spread of two clusters to the distance of their centres.</summary>
    /// <remarks>Source: D. L. Davies, D. W. Bouldin (1979). 0 where clusters have no spread, or all centres are one.</remarks>
    /// <returns>The figure, ≥ 0, smaller is better; undefined where there is one cluster, or every point is one.</returns>
    public MetricValue DaviesBouldin()
    {
        if (_undefined is not null) return MetricValue.Undefined(_undefined);
        var centres = Centres();
        var spreads = new double[ClusterCount];
        for (var i = 0; i < PointCount; i++) spreads[_clusters[i]] += _weights[i] / _sizes[_clusters[i]] * TensorPrimitives.Distance(Point(i), Centre(centres, _clusters[i]));
        double sum = 0;
        for (var i = 0; i < ClusterCount; i++)
        {
            double largest = 0;
            for (var j = 0; j < ClusterCount; j++)
            {
                var apart = TensorPrimitives.Distance(Centre(centres, i), Centre(centres, j));
                if (j != i && apart > 0) largest = Math.Max(largest, (spreads[i] + spreads[j]) / apart);
            }

            sum += largest;
        }

        return sum / ClusterCount;
    }

    /// <summary>Computes the ratio of the dispersion between clusters to that within them, each by its degrees of freedom, which points of weight above 0 are counted for.</summary>
    /// <remarks>Source: T. Caliński, J. Harabasz (1974). 1 where clusters have no spread.</remarks>
    /// <returns>The figure, ≥ 0, larger is better; undefined where there is one cluster, or every point is one.</returns>
    public MetricValue CalinskiHarabasz()
    {
        if (_undefined is not null) return MetricValue.Undefined(_undefined);
        var centres = Centres();
        var total = _sizes.Sum();
        var middle = new double[_dimensions];
        for (var i = 0; i < PointCount; i++) TensorPrimitives.MultiplyAdd(Point(i), _weights[i] / total, middle, middle);
        double between = 0, within = 0;
        for (var i = 0; i < ClusterCount; i++) between += _sizes[i] * Square(TensorPrimitives.Distance<double>(Centre(centres, i), middle));
        for (var i = 0; i < PointCount; i++) within += _weights[i] * Square(TensorPrimitives.Distance(Point(i), Centre(centres, _clusters[i])));
        return within > 0 ? between / within * ((double)(PointCount - ClusterCount) / (ClusterCount - 1)) : 1;
    }

    private static double Square(double x) => x * x;

    private ReadOnlySpan<double> Point(int i) => _points.AsSpan(i * _dimensions, _dimensions);

    private ReadOnlySpan<double> Centre(double[] centres, int cluster) => centres.AsSpan(cluster * _dimensions, _dimensions);

    private double[] Centres()
    {
        var centres = new double[ClusterCount * _dimensions];
        for (var i = 0; i < PointCount; i++)
        {
            var centre = centres.AsSpan(_clusters[i] * _dimensions, _dimensions);
            TensorPrimitives.MultiplyAdd(Point(i), _weights[i] / _sizes[_clusters[i]], centre, centre);
        }

        return centres;
    }
}
