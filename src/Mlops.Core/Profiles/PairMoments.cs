namespace Mlops.Profiles;

/// <summary>Means, sums of squared differences from them, and the sum of their products, of two columns.</summary>
internal readonly record struct PairMoments(long Count, double MeanA, double MeanB, double SquaresA, double SquaresB, double Products)
{
    public double Correlation => Count < 2 || SquaresA == 0 || SquaresB == 0 ? double.NaN : Math.Clamp(Products / (Math.Sqrt(SquaresA) * Math.Sqrt(SquaresB)), -1, 1);

    public PairMoments Combine(PairMoments other)
    {
        if (Count == 0) return other;
        if (other.Count == 0) return this;
        double count = Count + other.Count, share = other.Count / count;
        double a = other.MeanA - MeanA, b = other.MeanB - MeanB, weight = Count * share;
        return new PairMoments(
            Count + other.Count,
            MeanA + (a * share),
            MeanB + (b * share),
            SquaresA + other.SquaresA + (a * a * weight),
            SquaresB + other.SquaresB + (b * b * weight),
            Products + other.Products + (a * b * weight));
    }
}
