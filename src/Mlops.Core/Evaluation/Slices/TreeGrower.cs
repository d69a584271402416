namespace Mlops.Evaluation;

/// <summary>Finds the splits of a <see cref="ShallowTree"/>.</summary>
internal sealed class TreeGrower(IReadOnlyList<double[]> features, double[] targets, int width, double[] weights, int minimumRows)
{
    public IReadOnlyList<double[]> Features => features;

    /// <summary>Gets the weighted mean of the targets of rows.</summary>
    public double[] Mean(int[] rows)
    {
        var (sums, total) = Sum(rows);
        return total == 0 ? sums : Array.ConvertAll(sums, sum => sum / total);
    }

    /// <summary>Gets the weighted sum of squared deviations from the mean.</summary>
    public double Spread(int[] rows)
    {
        var mean = Mean(rows);
        double spread = 0;
        foreach (var row in rows)
        {
            for (var i = 0; i < width; i++)
            {
                var deviation = targets[(row * width) + i] - mean[i];
                spread += Weight(row) * deviation * deviation;
            }
        }

        return spread;
    }

    /// <summary>Finds the best split; <see langword="null"/> where none lowers the sum of squares, or leaves enough rows on both sides.</summary>
    public (int Feature, double Threshold, double Gain)? FindSplit(int[] rows)
    {
        if (rows.Length < 2 * minimumRows) return null;
        var (sums, total) = Sum(rows);
        // The sum of squares around the mean is Σy² less this; only differences beyond the rounding of large sums count.
        var before = Strength(sums, total);
        var least = Math.Max(1e-12 * Spread(rows), 1e-14 * before);
        (int Feature, double Threshold, double Gain)? best = null;
        var (order, keys) = (new int[rows.Length], new double[rows.Length]);
        for (var feature = 0; feature < features.Count; feature++)
        {
            var column = features[feature];
            for (var i = 0; i < rows.Length; i++) (order[i], keys[i]) = (rows[i], column[rows[i]]);
            Array.Sort(keys, order);
            var (left, right) = (new double[width], (double[])sums.Clone());
            double leftWeight = 0;
            for (var i = 0; i < rows.Length - minimumRows; i++)
            {
                leftWeight += Move(order[i], left, right);
                if (i + 1 < minimumRows || keys[i] == keys[i + 1]) continue;
                var gain = Strength(left, leftWeight) + Strength(right, total - leftWeight) - before;
                if (gain > least && gain > (best?.Gain ?? 0) * (1 + 1e-12)) best = (feature, Between(keys[i], keys[i + 1]), gain);
            }
        }

        return best;
    }

    private double Move(int row, double[] left, double[] right)
    {
        var weight = Weight(row);
        for (var i = 0; i < width; i++)
        {
            var part = weight * targets[(row * width) + i];
            left[i] += part;
            right[i] -= part;
        }

        return weight;
    }

    private (double[] Sums, double Weight) Sum(int[] rows)
    {
        var (sums, total) = (new double[width], 0.0);
        foreach (var row in rows)
        {
            var weight = Weight(row);
            total += weight;
            for (var i = 0; i < width; i++) sums[i] += weight * targets[(row * width) + i];
        }

        return (sums, total);
    }

    private double Weight(int row) => weights.Length == 0 ? 1 : weights[row];

    private static double Strength(double[] sums, double weight) => weight <= 0 ? 0 : sums.Sum(sum => sum * sum) / weight;

    /// <summary>The middle of two values, or the lower one where there is none between them.</summary>
    private static double Between(double lower, double upper)
    {
        var middle = lower + ((upper - lower) / 2);
        return middle >= lower && middle < upper ? middle : lower;
    }
}
