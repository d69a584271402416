namespace Mlops.Evaluation;

/// <summary>Finds the bin of a probability.</summary>
internal static class CalibrationBins
{
    /// <summary>Finds the bin of equal width on [0, 1], closed at its upper end, that a probability lies in.</summary>
    public static int Find(double probability, int bins)
    {
        var step = 1.0 / bins;
        var bin = Math.Clamp((int)(probability * bins), 0, bins - 1);
        if (bin > 0 && probability <= bin * step) return bin - 1;
        return bin < bins - 1 && probability > (bin + 1) * step ? bin + 1 : bin;
    }
}
