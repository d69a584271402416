namespace Mlops.Evaluation;

/// <summary>Numbers in ascending order with the weight up to each.</summary>
internal readonly struct WeightedQuantile
{
    private readonly double[] _sorted;
    private readonly double[] _upTo;

    private WeightedQuantile(double[] sorted, double[] upTo) => (_sorted, _upTo) = (sorted, upTo);

    /// <summary>Sorts numbers, at least one.</summary>
    public static WeightedQuantile Sort(ReadOnlySpan<double> numbers, ReadOnlySpan<double> weights)
    {
        var order = ScoreOrder.Descending(numbers);
        var (sorted, upTo) = (new double[order.Length], new double[order.Length]);
        double sum = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var row = order[order.Length - 1 - i];
            sorted[i] = numbers[row];
            upTo[i] = sum += weights.IsEmpty ? 1 : weights[row];
        }

        return new WeightedQuantile(sorted, upTo);
    }

    /// <summary>Gets the number below which half of the weight lies; the mean of two where both sides of the middle are alike.</summary>
    public double Median() => At(0.5);

    /// <summary>Gets the number below which a share of the weight lies; the mean of two where the share ends between them.</summary>
    public double At(double share)
    {
        var target = share * _upTo[^1];
        var found = Array.BinarySearch(_upTo, target);
        if (found < 0) return _sorted[Math.Min(~found, _sorted.Length - 1)];
        return found + 1 < _sorted.Length ? _sorted[found] + ((_sorted[found + 1] - _sorted[found]) / 2) : _sorted[found];
    }
}
