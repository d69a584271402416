using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>The rows that k-means works on, cut into parts of fixed size whose sums are added in their order, so that the bits do not depend on the number of processors.</summary>
internal sealed class KMeansRows
{
    private readonly FeatureTable _table;
    private readonly KMeansPart[] _parts;
    private readonly ParallelOptions _parallel;

    public KMeansRows(FeatureTable table, int maxParallelism, CancellationToken cancellationToken)
    {
        _table = table;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = maxParallelism, CancellationToken = cancellationToken };
        _parts = [.. table.Blocks.Select((block, i) => new KMeansPart(i, block, table.Width))];
    }

    public int Width => _table.Width;

    public IReadOnlyList<KMeansPart> Parts => _parts;

    /// <summary>Works on every part, on several at the same time.</summary>
    public void ForEach(Action<KMeansPart> action)
    {
        _parallel.CancellationToken.ThrowIfCancellationRequested();
        if (_parts.Length > 1 && _parallel.MaxDegreeOfParallelism != 1) Parallel.ForEach(_parts, _parallel, action);
        else Array.ForEach(_parts, action);
    }

    /// <summary>The mean of the features' population variances, each row counted once.</summary>
    public double MeanVariance()
    {
        double sum = 0;
        for (var i = 0; i < Width; i++)
        {
            double mean = 0, squares = 0;
            foreach (var block in _table.Blocks) mean += TensorPrimitives.Sum(block.Feature(i));
            mean /= _table.Rows;
            foreach (var block in _table.Blocks)
            {
                foreach (var value in block.Feature(i)) squares += (value - mean) * (value - mean);
            }

            sum += squares / _table.Rows;
        }

        return sum / Width;
    }

    /// <summary>Improves centroids until no row changes its cluster, or they hardly move.</summary>
    public KMeansResult Refine(double[] centroids, int maxIterations, double tolerance, Action<int, double> onIteration)
    {
        var (iterations, hasConverged) = (0, false);
        foreach (var part in _parts) part.Forget();
        while (iterations < maxIterations && !hasConverged)
        {
            var current = centroids;
            ForEach(part => part.Assign(current, isSummed: true));
            iterations++;
            var next = Update(current);
            // Before the first iteration every row is in no cluster, so that all change.
            var moved = TensorPrimitives.Distance<double>(next, current);
            hasConverged = !Array.Exists(_parts, part => part.HasChanged) || moved * moved <= tolerance;
            centroids = next;
            onIteration(iterations, _parts.Sum(part => part.Inertia));
        }

        ForEach(part => part.Assign(centroids, isSummed: false));
        var sizes = new long[centroids.Length / Width];
        foreach (var part in _parts) part.Count(sizes);
        return new KMeansResult(centroids, _parts.Sum(part => part.Inertia), iterations, hasConverged, sizes.Count(size => size == 0));
    }

    private double[] Update(double[] current)
    {
        var clusters = current.Length / Width;
        var (sums, weights) = (new double[current.Length], new double[clusters]);
        foreach (var part in _parts)
        {
            TensorPrimitives.Add(sums, part.Sums, sums);
            TensorPrimitives.Add(weights, part.Weights, weights);
        }

        Relocate(sums, weights);
        for (var i = 0; i < clusters; i++)
        {
            var row = sums.AsSpan(i * Width, Width);
            if (weights[i] > 0) TensorPrimitives.Divide(row, weights[i], row);
            else current.AsSpan(i * Width, Width).CopyTo(row);
        }

        return sums;
    }

    /// <summary>Gives each cluster without rows the row that is farthest from its centroid, and takes it from the cluster it is in.</summary>
    private void Relocate(double[] sums, double[] weights)
    {
        var taken = new HashSet<(int, int)>();
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0) continue;
            var (part, row, distance) = (-1, -1, 0.0);
            for (var p = 0; p < _parts.Length; p++)
            {
                var (candidate, far) = _parts[p].Farthest(r => !taken.Contains((p, r)));
                if (far > distance) (part, row, distance) = (p, candidate, far);
            }

            // All rows lie on a centroid: there is nothing to gain.
            if (part < 0) return;
            taken.Add((part, row));
            _parts[part].Move(row, i, sums, weights);
        }
    }
}
