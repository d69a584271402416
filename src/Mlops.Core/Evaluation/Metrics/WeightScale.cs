namespace Mlops.Evaluation;

/// <summary>Brings sums of weights near 1, so that products of tiny or huge ones neither vanish nor overflow.</summary>
/// <remarks>Scales are powers of two: multiplying by them changes no digit.</remarks>
internal static class WeightScale
{
    private const int Limit = 1000;
    private const double Tiny = 1e-30;
    private const double Huge = 1e30;

    /// <summary>Gets the scale of a sum.</summary>
    /// <param name="sum">The sum, ≥ 0.</param>
    /// <returns>A power of two; 1 where the sum is 0 or infinite.</returns>
    public static double Of(double sum) => sum > 0 && double.IsFinite(sum) ? Math.ScaleB(1, Math.Clamp(-Math.ILogB(sum), -Limit, Limit)) : 1;

    /// <summary>Brings weights near 1 where they are so small or large that squares of them, or of their sums, would vanish or overflow.</summary>
    /// <param name="judged">Outcomes of which every figure that is asked for stays the same when all weights are multiplied by one number.</param>
    /// <returns>The outcomes with other weights; these themselves where no weight is extreme.</returns>
    public static ModelOutcomes Apply(ModelOutcomes judged)
    {
        double largest = 0;
        foreach (var weight in judged.Weights) largest = Math.Max(largest, weight);
        if (largest is 0 or (>= Tiny and <= Huge)) return judged;
        var (scale, weights) = (Of(largest), judged.Weights.ToArray());
        foreach (ref var weight in weights.AsSpan()) weight *= scale;
        return judged.WithWeights(weights);
    }
}
