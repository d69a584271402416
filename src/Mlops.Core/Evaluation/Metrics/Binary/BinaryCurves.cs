namespace Mlops.Evaluation;

/// <summary>Makes curves of the counts at each distinct score.</summary>
internal static class BinaryCurves
{
    /// <summary>Counts by descending threshold.</summary>
    public static IReadOnlyList<ThresholdCounts> Count(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels, ReadOnlySpan<double> weights, ReadOnlySpan<int> order)
    {
        double positives = 0, negatives = 0;
        foreach (var row in order)
        {
            if (labels[row]) positives += Weight(weights, row);
            else negatives += Weight(weights, row);
        }

        var counts = new List<ThresholdCounts> { new(double.PositiveInfinity, 0, 0, negatives, positives) };
        double taken = 0, wrong = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var row = order[i];
            if (labels[row]) taken += Weight(weights, row);
            else wrong += Weight(weights, row);
            if (i + 1 == order.Length || scores[order[i + 1]] != scores[row])
                counts.Add(new ThresholdCounts(scores[row], taken, wrong, Math.Max(0, negatives - wrong), Math.Max(0, positives - taken)));
        }

        return counts;
    }

    public static RocCurve Roc(IReadOnlyList<ThresholdCounts> counts)
    {
        var (positives, negatives) = (counts[0].FalseNegatives, counts[0].TrueNegatives);
        if (Undefined(positives, negatives, needsBoth: true) is { } reason) return new RocCurve([]) { UndefinedReason = reason };
        return new RocCurve([.. counts.Select(at => new RocPoint(at.Threshold, at.FalsePositives / negatives, at.TruePositives / positives))]);
    }

    public static PrecisionRecallCurve PrecisionRecall(IReadOnlyList<ThresholdCounts> counts)
    {
        var positives = counts[0].FalseNegatives;
        if (Undefined(positives, counts[0].TrueNegatives, needsBoth: false) is { } reason) return new PrecisionRecallCurve([]) { UndefinedReason = reason };
        return new PrecisionRecallCurve(
            [.. counts.Select((at, i) => new PrecisionRecallPoint(at.Threshold, i == 0 ? 1 : at.TruePositives / (at.TruePositives + at.FalsePositives), at.TruePositives / positives))]);
    }

    public static LiftCurve Lift(IReadOnlyList<ThresholdCounts> counts)
    {
        var positives = counts[0].FalseNegatives;
        var total = positives + counts[0].TrueNegatives;
        if (Undefined(positives, counts[0].TrueNegatives, needsBoth: false) is { } reason) return new LiftCurve([]) { UndefinedReason = reason };
        return new LiftCurve([.. counts.Select((at, i) => Point(at, counts[Math.Max(1, i)]))]);

        LiftPoint Point(ThresholdCounts at, ThresholdCounts chosen)
            => new(at.Threshold, (at.TruePositives + at.FalsePositives) / total, at.TruePositives / positives, chosen.TruePositives / (chosen.TruePositives + chosen.FalsePositives) / (positives / total));
    }

    /// <summary>The standardised area up to a rate of false positives, of counts of both classes.</summary>
    public static MetricValue PartialArea(IReadOnlyList<ThresholdCounts> counts, double maximum)
    {
        var (positives, negatives) = (counts[0].FalseNegatives, counts[0].TrueNegatives);
        double area = 0;
        for (var i = 1; i < counts.Count; i++)
        {
            var (from, to) = (counts[i - 1].FalsePositives / negatives, counts[i].FalsePositives / negatives);
            var (low, high) = (counts[i - 1].TruePositives / positives, counts[i].TruePositives / positives);
            if (to > maximum)
            {
                var end = low + ((high - low) * ((maximum - from) / (to - from)));
                area += (maximum - from) * (low + end) / 2;
                break;
            }

            area += (to - from) * (low + high) / 2;
        }

        var chance = maximum * maximum / 2;
        return MetricValue.Of((1 + ((area - chance) / (maximum - chance))) / 2);
    }

    private static double Weight(ReadOnlySpan<double> weights, int row) => weights.IsEmpty ? 1 : weights[row];

    private static string? Undefined(double positives, double negatives, bool needsBoth)
        => positives + negatives == 0 ? BinaryFigures.NoRow
            : needsBoth && (positives == 0 || negatives == 0) ? BinaryFigures.OneClass
            : positives == 0 ? BinaryFigures.NoPositive : null;
}
