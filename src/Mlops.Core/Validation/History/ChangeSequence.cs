using System.Globalization;

namespace Mlops.Validation;

/// <summary>Compares each value with what the values before it predict if nothing changes.</summary>
internal static class ChangeSequence
{
    /// <param name="points">The values.</param>
    /// <param name="order">The order of the difference.</param>
    /// <param name="lag">The runs between the values that are compared.</param>
    /// <param name="acceptReturn">Whether a value may be near what stood there before an anomaly.</param>
    /// <param name="range">What is allowed around a prediction.</param>
    public static IEnumerable<MetricJudgement> Judge(IReadOnlyList<MetricPoint> points, int order, int lag, bool acceptReturn, Func<double, MetricRange> range)
    {
        // Two courses of the past: as it was, and with predictions in the place of anomalies. In both, predictions stand where values are missing.
        var (actual, repaired) = (new double[points.Count], new double[points.Count]);
        for (var i = 0; i < points.Count; i++)
        {
            var (predicted, undisturbed) = (Predict(actual, i, order, lag), Predict(repaired, i, order, lag));
            if (points[i].Value is not { } value)
            {
                (actual[i], repaired[i]) = (predicted, undisturbed);
                yield return MetricJudgement.NoValue;
                continue;
            }

            actual[i] = repaired[i] = value;
            if (!double.IsFinite(predicted))
            {
                yield return MetricJudgement.NotEnough(
                    double.IsNaN(predicted) ? string.Create(CultureInfo.InvariantCulture, $"the rule compares with runs up to {(long)order * lag} before, and not all of them have a value") : "the values before are too large to reckon with");
                continue;
            }

            var judgement = MetricJudgement.Of(value, range(predicted));
            if (judgement.Verdict == MetricVerdict.Anomaly && acceptReturn && double.IsFinite(undisturbed))
            {
                judgement = MetricJudgement.Of(value, range(undisturbed));
                if (judgement.Verdict == MetricVerdict.Anomaly) repaired[i] = undisturbed;
            }

            yield return judgement;
        }
    }

    /// <summary>The value that makes the difference zero: −Σₖ (−1)ᵏ C(order, k) xᵢ₋ₖₗₐ₉ for k from 1; NaN or infinite where one is not there.</summary>
    private static double Predict(double[] values, int position, int order, int lag)
    {
        if ((long)order * lag > position) return double.NaN;
        double predicted = 0, coefficient = 1;
        for (var k = 1; k <= order; k++)
        {
            coefficient *= -(order - k + 1) / (double)k;
            predicted -= coefficient * values[position - (k * lag)];
        }

        return predicted;
    }
}
