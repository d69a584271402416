namespace Mlops.Monitoring;

/// <summary>What a bin counts as that is empty on one side.</summary>
internal static class EmptyBins
{
    public static Binning DefaultBinning { get; } = Binning.Quantiles(10);

    public static double? Check(double? emptyBinRatio) => emptyBinRatio is null or (> 0 and < 1)
        ? emptyBinRatio
        : throw new ArgumentOutOfRangeException(nameof(emptyBinRatio), emptyBinRatio, "The share of an empty bin lies between 0 and 1.");

    public static double GetShare(long count, double total, double? emptyBinRatio) => count > 0 ? count / total : emptyBinRatio ?? (0.5 / total);
}
