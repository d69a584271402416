using System.Globalization;
using Mlops.Tracking;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Compares a metric of a candidate with that of another.</summary>
internal static class MetricComparison
{
    public static ModelCheck Check(string validator, string metric, double minimumGainRatio, EvaluationResult candidate, EvaluationResult other, string otherName)
    {
        var (have, reference) = (candidate[metric], other[metric]);
        if (have.Value is not { } value) return new ModelCheck(validator, ValidationVerdict.Fail, $"{metric} of the candidate is undefined: {have.UndefinedReason}");
        if (reference.Value is not { } otherValue) return new ModelCheck(validator, ValidationVerdict.Warn, $"{metric} of {otherName} is undefined: {reference.UndefinedReason}");
        var gain = have.Direction == MetricDirection.Minimize ? otherValue - value : value - otherValue;
        var isBetter = gain > 0 && gain >= minimumGainRatio * Math.Abs(otherValue);
        return new ModelCheck(
            validator,
            isBetter ? ValidationVerdict.Pass : ValidationVerdict.Fail,
            string.Create(CultureInfo.InvariantCulture, $"{metric} {value:0.000} against {otherValue:0.000} of {otherName}"));
    }
}
