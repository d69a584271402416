using System.Globalization;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Compares a metric of a candidate with that of another.</summary>
internal static class MetricComparison
{
    public static ModelCheck Check(string validator, string metric, double minimumGainRatio, EvaluationData candidate, EvaluationData other, string otherName)
    {
        var measure = OutcomeMetrics.Get(metric, candidate.Outcomes.Task);
        var (have, reference) = (measure.Compute(candidate.Outcomes), measure.Compute(other.Outcomes));
        if (!have.IsDefined) return new ModelCheck(validator, ValidationVerdict.Fail, $"{metric} of the candidate is undefined: {have.UndefinedReason}");
        if (!reference.IsDefined) return new ModelCheck(validator, ValidationVerdict.Warn, $"{metric} of {otherName} is undefined: {reference.UndefinedReason}");
        var gain = measure.GainOver(have.Value, reference.Value);
        var isBetter = gain > 0 && gain >= minimumGainRatio * Math.Abs(reference.Value);
        return new ModelCheck(
            validator,
            isBetter ? ValidationVerdict.Pass : ValidationVerdict.Fail,
            string.Create(CultureInfo.InvariantCulture, $"{metric} {have.Value:0.000} against {reference.Value:0.000} of {otherName}"));
    }
}
