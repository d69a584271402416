namespace Mlops.Evaluation;

/// <summary>Correlations of ranks, a weight counting as so many copies of its row.</summary>
internal static class RankCorrelation
{
    /// <summary>Computes the rank of each number, but for a constant: the weight below it and half of that of its ties.</summary>
    public static double[] Ranks(ReadOnlySpan<double> numbers, ReadOnlySpan<double> weights)
    {
        var order = ScoreOrder.Descending(numbers);
        var ranks = new double[numbers.Length];
        double above = 0;
        for (var start = 0; start < order.Length;)
        {
            var end = start;
            double tied = 0;
            for (; end < order.Length && numbers[order[end]] == numbers[order[start]]; end++) tied += weights[order[end]];
            for (; start < end; start++) ranks[order[start]] = -(above + (tied / 2));
            above += tied;
        }

        return ranks;
    }

    /// <summary>Computes τ-b: (concordant − discordant) / √(pairs untied in x × pairs untied in y).</summary>
    public static MetricValue Kendall(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> weights)
    {
        if (x.IsEmpty) return MetricValue.Undefined(RegressionMoments.NoRow);
        var order = ByXThenY(x, y);
        var (sortedY, sorted) = (new double[order.Length], new double[order.Length]);
        double total = 0, tiedX = 0, tiedXY = 0, runX = 0, runXY = 0;
        for (var i = 0; i < order.Length; i++)
        {
            (sortedY[i], sorted[i]) = (y[order[i]], weights[order[i]]);
            if (i > 0 && x[order[i]] != x[order[i - 1]]) (tiedX, runX, tiedXY, runXY) = (tiedX + (runX * runX), 0, tiedXY + (runXY * runXY), 0);
            else if (i > 0 && sortedY[i] != sortedY[i - 1]) (tiedXY, runXY) = (tiedXY + (runXY * runXY), 0);
            total += sorted[i];
            runX += sorted[i];
            runXY += sorted[i];
        }

        (tiedX, tiedXY) = (tiedX + (runX * runX), tiedXY + (runXY * runXY));
        var discordant = Inversions(sortedY, sorted);
        double tiedY = 0, runY = 0;
        for (var i = 0; i < sortedY.Length; i++)
        {
            if (i > 0 && sortedY[i] != sortedY[i - 1]) (tiedY, runY) = (tiedY + (runY * runY), 0);
            runY += sorted[i];
        }

        tiedY += runY * runY;
        if (sortedY[0] == sortedY[^1] || x[order[0]] == x[order[^1]]) return MetricValue.Undefined("labels or predictions are constant");
        // Pairs of both orders; a row with itself is tied in both.
        var pairs = total * total;
        var (untiedX, untiedY, untied) = (pairs - tiedX, pairs - tiedY, pairs - tiedX - tiedY + tiedXY);
        return Math.Clamp((untied - (4 * discordant)) / Math.Sqrt(untiedX) / Math.Sqrt(untiedY), -1, 1);
    }

    private static int[] ByXThenY(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        // A stable sort by the second number first leaves its order within ties of the first one.
        var byY = ScoreOrder.Descending(y);
        Array.Reverse(byY);
        var ordered = new double[byY.Length];
        for (var i = 0; i < byY.Length; i++) ordered[i] = -x[byY[i]];
        return Array.ConvertAll(ScoreOrder.Descending(ordered), i => byY[i]);
    }

    /// <summary>Sorts numbers ascending, and sums the products of the weights of pairs that were in descending order.</summary>
    private static double Inversions(double[] numbers, double[] weights)
    {
        var (otherNumbers, otherWeights) = (new double[numbers.Length], new double[numbers.Length]);
        double inverted = 0;
        for (var width = 1; width < numbers.Length; width *= 2)
        {
            for (var start = 0; start < numbers.Length; start += 2 * width)
            {
                var (left, middle, end) = (start, Math.Min(start + width, numbers.Length), Math.Min(start + (2 * width), numbers.Length));
                var right = middle;
                double remaining = 0;
                for (var i = left; i < middle; i++) remaining += weights[i];
                for (var place = start; place < end; place++)
                {
                    var takesRight = left == middle || (right < end && numbers[right] < numbers[left]);
                    var from = takesRight ? right++ : left++;
                    if (takesRight && left < middle) inverted += weights[from] * remaining;
                    else if (!takesRight) remaining -= weights[from];
                    (otherNumbers[place], otherWeights[place]) = (numbers[from], weights[from]);
                }
            }

            otherNumbers.CopyTo(numbers, 0);
            otherWeights.CopyTo(weights, 0);
        }

        return inverted;
    }
}
