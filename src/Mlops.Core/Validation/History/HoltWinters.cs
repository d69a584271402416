namespace Mlops.Validation;

/// <summary>Additive Holt–Winters smoothing: level, trend and a seasonal part, followed step by step.</summary>
/// <remarks>
/// <para>ŷ = l + b + s₋ₚ; with the error e = y − ŷ: l′ = l + b + αe, b′ = b + αβe, s′ = s₋ₚ + (1 − α)γe, which is the form of the paper and of R's <c>HoltWinters</c>. Without a value the
/// expectation stands in for it, e = 0. The first value in a place of the season that had none sets the seasonal part there and nothing else.</para>
/// <para>Source: P. Winters, "Forecasting Sales by Exponentially Weighted Moving Averages", Management Science 6, 1960.</para>
/// </remarks>
internal sealed class HoltWinters(HoltWintersWeights weights, double level, double trend, double[] seasonal)
{
    public double Level { get; private set; } = level;

    public double Trend { get; private set; } = trend;

    /// <summary>Gets the seasonal parts, shape (period), by place of the season; NaN where there was no value yet.</summary>
    public double[] Seasonal { get; } = [.. seasonal];

    /// <summary>Starts from the first two seasons of slots.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="slots">The values, NaN where one is missing, shape (n), n ≥ 2 · period.</param>
    /// <param name="period">The number of slots of a season.</param>
    /// <returns>The state after those two seasons.</returns>
    /// <remarks>
    /// The trend is the median, over the places of the season, of the difference between the second season and the first, so that few wild values do not tilt it. What is left without it is averaged
    /// by place; the level is the mean of those averages, and the seasonal parts are what they differ from it.
    /// </remarks>
    public static HoltWinters Start(HoltWintersWeights weights, ReadOnlySpan<double> slots, int period)
    {
        var differences = new List<double>(period);
        for (var place = 0; place < period; place++)
        {
            var difference = slots[period + place] - slots[place];
            if (!double.IsNaN(difference)) differences.Add(difference);
        }

        differences.Sort();
        var trend = differences.Count == 0 ? 0 : ((differences[(differences.Count - 1) / 2] / 2) + (differences[differences.Count / 2] / 2)) / period;
        var seasonal = new double[period];
        double sum = 0, first = double.NaN;
        var seen = 0;
        for (var place = 0; place < period; place++)
        {
            var (a, b) = (slots[place] - (trend * place), slots[period + place] - (trend * (period + place)));
            seasonal[place] = double.IsNaN(a) ? b : double.IsNaN(b) ? a : (a / 2) + (b / 2);
            if (double.IsNaN(seasonal[place])) continue;
            if (seen++ == 0) first = seasonal[place];
            // From the first one, so that the mean of equal values is exactly theirs.
            sum += seasonal[place] - first;
        }

        var level = seen == 0 ? 0 : first + (sum / seen);
        for (var place = 0; place < period; place++) seasonal[place] -= level;
        return new HoltWinters(weights, level + (trend * ((2 * period) - 1)), trend, seasonal);
    }

    /// <summary>Gets what is expected next; NaN where no value was in this place of the season yet.</summary>
    /// <param name="place">The place of the next slot in the season, from 0.</param>
    public double Expect(int place) => Level + Trend + Seasonal[place];

    /// <summary>Gets the size of the numbers of which the expectation is the sum.</summary>
    /// <param name="place">The place of the next slot in the season, from 0.</param>
    public double SizeAt(int place) => Math.Abs(Level) + Math.Abs(Trend) + Math.Abs(Seasonal[place]);

    /// <summary>Takes in the next slot.</summary>
    /// <param name="place">Its place in the season, from 0.</param>
    /// <param name="value">Its value; NaN where it is missing.</param>
    public void Step(int place, double value)
    {
        var carried = Level + Trend;
        if (double.IsNaN(value))
        {
            Level = carried;
            return;
        }

        if (double.IsNaN(Seasonal[place])) Seasonal[place] = value - carried;
        var error = value - (carried + Seasonal[place]);
        Level = carried + (weights.Level * error);
        Trend += weights.Level * weights.Trend * error;
        Seasonal[place] += (1 - weights.Level) * weights.Seasonal * error;
    }
}
