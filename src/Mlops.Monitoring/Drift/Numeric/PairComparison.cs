using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What comparing every reference value with every current value comes to.</summary>
/// <param name="ReferenceCount">The number of reference values.</param>
/// <param name="CurrentCount">The number of current values.</param>
/// <param name="ReferenceWins">The number of pairs in which the reference value is larger; ties count half.</param>
/// <param name="ReferenceVariance">The variance, without bias, of the number of current values that a reference value exceeds.</param>
/// <param name="CurrentVariance">The variance, without bias, of the number of reference values that a current value exceeds.</param>
/// <param name="TieTerm">Σ t³ − t over the sizes t of groups of equal values.</param>
internal readonly record struct PairComparison(long ReferenceCount, long CurrentCount, double ReferenceWins, double ReferenceVariance, double CurrentVariance, double TieTerm)
{
    /// <summary>Gets the variance of the share of pairs in which the reference value is larger.</summary>
    public double Variance
    {
        get
        {
            double n = ReferenceCount, m = CurrentCount;
            return (ReferenceVariance / n / (m * m)) + (CurrentVariance / m / (n * n));
        }
    }

    public static PairComparison From(double[] x, double[] y)
    {
        double n = x.Length, m = y.Length, wins = 0, ties = 0, squareX = 0, squareY = 0;
        var steps = new PooledSteps(x, y);
        while (steps.MoveNext())
        {
            double a = steps.At, b = steps.AtCurrent, at = a + b;
            wins += a * (steps.BelowCurrent + (b / 2));
            ties += at * ((at * at) - 1);
            // Deviations from the middle first, so that squares of large counts do not cancel.
            var placeX = steps.BelowCurrent + (b / 2) - (m / 2);
            var placeY = steps.Below + (a / 2) - (n / 2);
            squareX += a * placeX * placeX;
            squareY += b * placeY * placeY;
        }

        return Make(x.Length, y.Length, wins, squareX, squareY, ties);
    }

    public static PairComparison From(KllSketch reference, KllSketch current)
    {
        double n = reference.Count, m = current.Count, wins = 0, ties = 0, squareX = 0, squareY = 0;
        foreach (var (below, at, belowCurrent, atCurrent) in SketchedSample.GetSteps(reference, current))
        {
            double a = at, b = atCurrent;
            var placeX = belowCurrent + (b / 2) - (m / 2);
            var placeY = below + (a / 2) - (n / 2);
            wins += a * (placeX + (m / 2));
            squareX += a * placeX * placeX;
            squareY += b * placeY * placeY;
        }

        return Make(reference.Count, current.Count, wins, squareX, squareY, ties);
    }

    private static PairComparison Make(long countX, long countY, double wins, double squareX, double squareY, double ties)
    {
        double n = countX, m = countY, meanX = (wins / n) - (m / 2), meanY = (n / 2) - (wins / m);
        return new PairComparison(
            countX, countY, wins, Math.Max(0, squareX - (n * meanX * meanX)) / (n - 1), Math.Max(0, squareY - (m * meanY * meanY)) / (m - 1), ties);
    }
}
