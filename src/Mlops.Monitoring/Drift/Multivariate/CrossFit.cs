using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>How well a classifier tells two samples apart, judged by rows that it did not learn from.</summary>
/// <param name="Auc">The area under the ROC curve: the mean over the folds.</param>
/// <param name="PValue">How likely an area so far above 0.5 is without drift.</param>
/// <param name="Interval">Where the area of a classifier so trained lies.</param>
/// <remarks>
/// <para>The areas of folds that were each judged by a classifier of all other folds depend on each other (each fold's labels teach the judges of the others), so their mean varies more than a
/// Mann–Whitney statistic does, and a p-value from that is too small: at 5 %, it alarms in about 10 % of cases. The p-value therefore comes from classifiers that learned only from earlier folds: the labels of each fold are then exchangeable
/// given what its judge knows, its area has the permutation variance, and the weighted sum over the folds is a martingale, normal by its central limit theorem.</para>
/// <para>The interval takes the variance of an area (E. DeLong et al., Biometrics 44, 1988), and the correction for shared training rows of C. Nadeau, Y. Bengio, "Inference for the
/// generalization error", Machine Learning 52, 2003, on the logit scale.</para>
/// </remarks>
internal sealed record CrossFit(double Auc, double PValue, ConfidenceInterval Interval)
{
    private const int Folds = DomainClassifier.Folds;

    /// <summary>Gets the effect: 2·AUC − 1, or 0 below that.</summary>
    public double Effect => Math.Max(0, (2 * Auc) - 1);

    /// <summary>Gets where the effect lies.</summary>
    public ConfidenceInterval EffectInterval => new(Math.Max(0, (2 * Interval.Lower) - 1), Math.Max(0, (2 * Interval.Upper) - 1), Interval.Level);

    /// <param name="isCurrent">Which rows are current ones, shape (rows); at least 5 of each sample.</param>
    /// <param name="learn">Learns from some rows and scores all.</param>
    /// <param name="seed">The seed by which rows are dealt to folds.</param>
    /// <param name="level">The probability of the interval.</param>
    public static CrossFit Measure(bool[] isCurrent, Func<int[], double[]> learn, ulong seed, double level)
    {
        var folds = DomainClassifier.Deal(isCurrent, Folds, seed);
        int[] Rows(Func<int, bool> isWanted) => [.. Enumerable.Range(0, folds.Length).Where(row => isWanted(folds[row]))];
        double auc = 0, variance = 0, sum = 0, chance = 0;
        for (var fold = 0; fold < Folds; fold++)
        {
            var judged = Rows(other => other == fold);
            var area = RankedArea.Compute(learn(Rows(other => other != fold)), isCurrent, judged);
            auc += area.Auc / Folds;
            variance += area.Variance / (Folds * Folds);
            if (fold == 0) continue;
            // The last fold was judged by all before it already.
            var ahead = fold == Folds - 1 ? area : RankedArea.Compute(learn(Rows(other => other < fold)), isCurrent, judged);
            // The more a judge has learned, the more its judgement counts.
            var weight = fold / (fold + 1.0);
            sum += weight * (ahead.Auc - 0.5);
            chance += weight * weight * ahead.ChanceVariance;
        }

        var pValue = chance > 0 ? NormalDistribution.UpperTail(sum / Math.Sqrt(chance)) : 1;
        return new CrossFit(auc, pValue, GetInterval(auc, variance * (1 + (Folds / (Folds - 1.0))), isCurrent, level));
    }

    private static ConfidenceInterval GetInterval(double auc, double variance, bool[] isCurrent, double level)
    {
        var current = isCurrent.Count(row => row);
        var fewer = Math.Min(current, isCurrent.Length - current);
        // An area of exactly 0 or 1 has no logit and shows no variance; half a row is taken from it.
        var inner = Math.Clamp(auc, 0.5 / fewer, 1 - (0.5 / fewer));
        var error = Math.Sqrt(Math.Max(variance, inner * (1 - inner) / fewer / 4)) / (inner * (1 - inner));
        var (logit, reach) = (Math.Log(inner / (1 - inner)), EffectIntervals.GetQuantile(level) * error);
        return new ConfidenceInterval(Math.Min(auc, 1 / (1 + Math.Exp(reach - logit))), Math.Max(auc, 1 / (1 + Math.Exp(-reach - logit))), level);
    }
}
