using System.Numerics.Tensors;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>Chooses the centroids that k-means begins with: rows far from each other (k-means++).</summary>
/// <remarks>Source: D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007; of several candidates the one that lowers the inertia most.</remarks>
internal static class KMeansSeeding
{
    public static double[] Choose(KMeansRows rows, int clusters, ulong seed)
    {
        var random = new SplitMix64(seed);
        var centroids = new double[clusters * rows.Width];
        var masses = rows.Parts.Select(part => TensorPrimitives.Sum<double>(part.Block.Weights)).ToArray();
        foreach (var part in rows.Parts) part.Nearest.AsSpan().Fill(1);
        var trials = 2 + (int)Math.Log(clusters);
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            double[]? best = null;
            var bestDistances = new double[rows.Parts.Count][];
            var bestInertia = double.PositiveInfinity;
            for (var trial = 0; trial < (cluster == 0 ? 1 : trials); trial++)
            {
                var candidate = Draw(rows, masses, ref random);
                var distances = new double[rows.Parts.Count][];
                rows.ForEach(part => distances[part.Number] = part.NearestWith(candidate, isFirst: cluster == 0));
                double inertia = 0;
                for (var i = 0; i < distances.Length; i++) inertia += TensorPrimitives.Dot<double>(distances[i], rows.Parts[i].Block.Weights);
                if (inertia >= bestInertia) continue;
                (best, bestDistances, bestInertia) = (candidate, distances, inertia);
            }

            best!.CopyTo(centroids.AsSpan(cluster * rows.Width));
            for (var i = 0; i < masses.Length; i++)
            {
                bestDistances[i].CopyTo(rows.Parts[i].Nearest, 0);
                masses[i] = TensorPrimitives.Dot<double>(bestDistances[i], rows.Parts[i].Block.Weights);
            }
        }

        return centroids;
    }

    /// <summary>Draws a row, with a probability in proportion to its weight times its squared distance to the centroids so far; where all are 0, by weight.</summary>
    private static double[] Draw(KMeansRows rows, double[] masses, ref SplitMix64 random)
    {
        var share = random.NextDouble();
        var isCovered = masses.Sum() == 0;
        var left = share * (isCovered ? rows.Parts.Sum(part => TensorPrimitives.Sum<double>(part.Block.Weights)) : masses.Sum());
        var (last, lastRow) = (rows.Parts[0], 0);
        foreach (var part in rows.Parts)
        {
            var mass = isCovered ? TensorPrimitives.Sum<double>(part.Block.Weights) : masses[part.Number];
            if (left >= mass && part.Number < masses.Length - 1)
            {
                left -= mass;
                continue;
            }

            for (var row = 0; row < part.Block.Rows; row++)
            {
                var own = part.Block.Weights[row] * (isCovered ? 1 : part.Nearest[row]);
                if (own == 0) continue;
                (last, lastRow) = (part, row);
                if ((left -= own) < 0) return part.Row(row);
            }
        }

        // Rounding has left a rest: the last row that could have been drawn.
        return last.Row(lastRow);
    }
}
