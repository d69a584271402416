namespace Mlops.Evaluation;

/// <summary>For each row the weight share of the rows of the other class that it is ranked rightly against.</summary>
internal static class Placements
{
    /// <summary>Finds why there is no area, or no variance of it.</summary>
    public static string? FindObstacle(ReadOnlySpan<double> labels, ReadOnlySpan<double> weights, out string? noVariance)
    {
        long positives = 0, negatives = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            if (!weights.IsEmpty && weights[row] == 0) continue;
            if (labels[row] == 1) positives++;
            else negatives++;
        }

        noVariance = positives < 2 || negatives < 2 ? "a class has fewer than two rows, which have no spread" : null;
        return positives + negatives == 0 ? BinaryFigures.NoRow : positives == 0 || negatives == 0 ? BinaryFigures.OneClass : null;
    }

    /// <summary>Computes the placement of each row, shape (n), and their weighted mean, the area.</summary>
    public static double[] Compute(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights, out double area)
    {
        var order = ScoreOrder.Descending(scores, weights);
        double positives = 0, negatives = 0;
        foreach (var row in order)
        {
            if (labels[row] == 1) positives += Weight(weights, row);
            else negatives += Weight(weights, row);
        }

        var placements = new double[scores.Length];
        double above = 0, falseAbove = 0;
        for (var start = 0; start < order.Length;)
        {
            double tied = 0, falseTied = 0;
            var end = start;
            for (; end < order.Length && scores[order[end]] == scores[order[start]]; end++)
            {
                if (labels[order[end]] == 1) tied += Weight(weights, order[end]);
                else falseTied += Weight(weights, order[end]);
            }

            var ofPositive = (negatives - falseAbove - (falseTied / 2)) / negatives;
            var ofNegative = (above + (tied / 2)) / positives;
            for (; start < end; start++) placements[order[start]] = labels[order[start]] == 1 ? ofPositive : ofNegative;
            above += tied;
            falseAbove += falseTied;
        }

        area = 0;
        foreach (var row in order)
        {
            if (labels[row] == 0) area += Weight(weights, row) * placements[row] / negatives;
        }

        area = Math.Min(1, area);
        return placements;
    }

    /// <summary>Computes the covariance of two areas: of each class the sum of the products of deviations, by squared weight shares, with Bessel's correction.</summary>
    public static double Covariance(double[] placements, double area, double[] others, double otherArea, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights)
    {
        Span<double> sums = [0, 0], totals = [0, 0];
        Span<long> rows = [0, 0];
        for (var row = 0; row < labels.Length; row++)
        {
            var weight = Weight(weights, row);
            if (weight == 0) continue;
            rows[(int)labels[row]]++;
            totals[(int)labels[row]] += weight;
        }

        Span<double> scales = [WeightScale.Of(totals[0]), WeightScale.Of(totals[1])];
        for (var kind = 0; kind < 2; kind++) totals[kind] *= scales[kind];
        for (var row = 0; row < labels.Length; row++)
        {
            var kind = (int)labels[row];
            var weight = Weight(weights, row) * scales[kind];
            if (weight == 0) continue;
            sums[kind] += weight * weight * (placements[row] - area) * (others[row] - otherArea);
        }

        double covariance = 0;
        for (var kind = 0; kind < 2; kind++) covariance += sums[kind] / (totals[kind] * totals[kind]) * rows[kind] / (rows[kind] - 1);
        return covariance;
    }

    private static double Weight(ReadOnlySpan<double> weights, int row) => weights.IsEmpty ? 1 : weights[row];
}
