using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>What is suggested of numbers: ranges, and bounds of mean, standard deviation and quantiles.</summary>
internal static class NumberRules
{
    // Below so many degrees of freedom a few values decide over mean and deviation, and no bound of them can be trusted.
    private const double FewestDegrees = 30;
    private const double SmallestDegreesRatio = 0.1;
    private const double EdgeRatio = 0.05;
    private static readonly double[] s_quantiles = [0.25, 0.5, 0.75];

    public static IEnumerable<ConstraintSuggestion> Suggest(ColumnEvidence column, ConstraintSuggestionOptions options)
    {
        // Names and positions are numbers that nobody measures, and those that go on with time.
        if (column.Moments is not { } moments || column.Column.Role == ColumnRole.Key || column.Present < options.MinimumRows) yield break;
        if (IdentityRules.IsIdentifier(column) || (column.Order?.Order is not null && IdentityRules.IsOrdered(column, options))) yield break;
        // Of a constant nobody can tell which other values would be right.
        if (!(moments.Minimum < moments.Maximum)) yield break;
        foreach (var range in SuggestRange(column, options)) yield return range;
        if (moments.FiniteCount < 4L * options.MinimumRows || moments.FiniteCount < moments.Count) yield break;
        foreach (var figure in SuggestFigures(column, moments)) yield return figure;
        foreach (var quantile in s_quantiles)
        {
            if (SuggestQuantile(column, quantile) is { } suggestion) yield return suggestion;
        }
    }

    /// <summary>Gets limits that hardly a value of the other half passes.</summary>
    public static (double Minimum, double Maximum) GetLimits(TailValues low, TailValues high, double marginRatio)
    {
        var (minimum, maximum) = (-low.Maximum, high.Maximum);
        var spread = maximum - minimum;
        var upper = IsEdge(high) ? maximum : Math.Max(high.EstimateLimit(), maximum + (spread * marginRatio));
        var lower = IsEdge(low) ? minimum : Math.Min(-low.EstimateLimit(), minimum - (spread * marginRatio));
        return (lower, upper);

        // An end at which many values lie is one that they do not pass: all of a hundred percent, the last mark of a scale.
        static bool IsEdge(TailValues tail) => tail.MaximumCount >= EdgeRatio * tail.Count && tail.MaximumCount >= 5;
    }

    /// <summary>Both ends are suggested by themselves, so that one can hold without the other.</summary>
    private static IEnumerable<ConstraintSuggestion> SuggestRange(ColumnEvidence column, ConstraintSuggestionOptions options)
    {
        var (minimum, maximum) = (column.Moments!.Minimum, column.Moments.Maximum);
        var spread = maximum - minimum;
        var (lower, upper) = GetLimits(column.Low!, column.High!, options.RangeMarginRatio);
        (lower, upper) = (lower < minimum ? SuggestionStatistics.RoundDown(lower, spread) : lower, upper > maximum ? SuggestionStatistics.RoundUp(upper, spread) : upper);
        // Zero is the natural end of what comes near it: counts, rates, amounts.
        var isNotNegative = minimum >= 0 && (lower <= 0 || minimum <= spread / 2);
        var isNotPositive = maximum <= 0 && (upper >= 0 || -maximum <= spread / 2);
        if (isNotNegative) lower = 0;
        if (isNotPositive) upper = 0;
        if (double.IsFinite(lower))
        {
            yield return new(column.Column.Name, new RangeConstraint(lower, null), isNotNegative ? "no value is negative" : lower == minimum ? "many values lie at the lower end, none below it" : "the smallest values, with a margin")
            {
                SupportCount = column.Present,
            };
        }

        if (double.IsFinite(upper))
        {
            yield return new(column.Column.Name, new RangeConstraint(null, upper), isNotPositive ? "no value is positive" : upper == maximum ? "many values lie at the upper end, none above it" : "the largest values, with a margin")
            {
                SupportCount = column.Present,
            };
        }
    }

    private static IEnumerable<ConstraintSuggestion> SuggestFigures(ColumnEvidence column, MomentsSketch moments)
    {
        var degrees = SuggestionStatistics.GetDegreesOfFreedom(moments.FiniteCount, moments.ExcessKurtosis);
        var deviation = moments.StandardDeviation;
        if (degrees < Math.Max(FewestDegrees, SmallestDegreesRatio * moments.FiniteCount) || !(deviation > 0) || !double.IsFinite(deviation)) yield break;
        var half = SuggestionStatistics.GetStudentT(degrees) * deviation * Math.Sqrt(2.0 / moments.FiniteCount);
        yield return new(column.Column.Name, Figure(ColumnAggregate.Mean, moments.Mean - half, moments.Mean + half, half), "the mean, plus and minus what chance can make of it (Student's t, 99.9 %)")
        {
            SupportCount = column.Present,
        };
        var factor = SuggestionStatistics.GetDeviationFactor(degrees);
        yield return new(column.Column.Name, Figure(ColumnAggregate.StandardDeviation, deviation / factor, deviation * factor, deviation * (factor - 1)), "the standard deviation, times and by what chance can make of it (chi-squared, 99.9 %)")
        {
            SupportCount = column.Present,
        };

        static AggregateConstraint Figure(ColumnAggregate figure, double minimum, double maximum, double width)
            => new(figure, SuggestionStatistics.RoundDown(minimum, width), SuggestionStatistics.RoundUp(maximum, width)) { Severity = ValidationSeverity.Warning };
    }

    /// <summary>Ranks have a known law whatever the values: the bounds are other quantiles of this half.</summary>
    private static ConstraintSuggestion? SuggestQuantile(ColumnEvidence column, double quantile)
    {
        var quantiles = column.Quantiles!;
        var chance = SuggestionStatistics.Z * Math.Sqrt(2 * quantile * (1 - quantile) / quantiles.Count);
        // The check estimates, too; up to some hundred values it is exact.
        var error = quantiles.NormalizedRankError + (1.5 * KllSketch.GetNormalizedRankError(KllSketch.DefaultK)) + (2.0 / quantiles.Count);
        var (low, high) = (quantile - chance - error, quantile + chance + error);
        double? minimum = low > 0 ? quantiles.GetQuantile(low) : null, maximum = high < 1 ? quantiles.GetQuantile(high) : null;
        if (minimum is null && maximum is null) return null;
        return new(column.Column.Name, new QuantileConstraint(quantile, minimum, maximum) { Severity = ValidationSeverity.Warning }, "the quantile, plus and minus the ranks that chance can make of it (99.9 %)")
        {
            SupportCount = column.Present,
        };
    }
}
