namespace Mlops.Validation;

/// <summary>Finds the weights with the least squared one-step error.</summary>
/// <remarks>
/// A fixed grid, then steps along one weight at a time from the best of it, halved when none is better, from 0.1 down to 0.003; at most 400 evaluations, and the same result for the same values on
/// every machine. Errors count from the third season on; the first two set the start.
/// </remarks>
internal sealed class HoltWintersFit
{
    private const int MostEvaluations = 400;
    private const double FirstStep = 0.1;
    private const double LastStep = 0.003;

    private static readonly double[] s_levels = [0, 0.05, 0.15, 0.3, 0.5, 0.8];
    private static readonly double[] s_trends = [0, 0.05, 0.2];
    private static readonly double[] s_seasonals = [0, 0.1, 0.3, 0.6];

    private readonly double[] _slots;
    private readonly int _period;

    private HoltWintersFit(double[] slots, int period)
    {
        (_slots, _period) = (slots, period);
        State = Search();
        Errors = [];
        State = Follow(Weights, Errors, out _);
    }

    /// <summary>Gets the weights.</summary>
    public HoltWintersWeights Weights { get; private set; }

    /// <summary>Gets the sum of the squared errors.</summary>
    public double SquaredError { get; private set; }

    /// <summary>Gets the state after the last slot.</summary>
    public HoltWinters State { get; }

    /// <summary>Gets the one-step errors of the values, missing ones and the first in a place of the season left out.</summary>
    public List<double> Errors { get; }

    /// <param name="slots">The values, NaN where one is missing, shape (n), n > 2 · period.</param>
    /// <param name="period">The number of slots of a season.</param>
    public static HoltWintersFit Create(double[] slots, int period) => new(slots, period);

    private HoltWinters Search()
    {
        var evaluations = 0;
        SquaredError = double.PositiveInfinity;
        foreach (var level in s_levels)
        {
            foreach (var trend in s_trends)
            {
                foreach (var seasonal in s_seasonals) Try(new HoltWintersWeights(level, trend, seasonal));
            }
        }

        for (var step = FirstStep; step >= LastStep && evaluations < MostEvaluations;)
        {
            var (level, trend, seasonal) = (Weights.Level, Weights.Trend, Weights.Seasonal);
            var better = Try(new(level + step, trend, seasonal)) || Try(new(level - step, trend, seasonal))
                || Try(new(level, trend + step, seasonal)) || Try(new(level, trend - step, seasonal))
                || Try(new(level, trend, seasonal + step)) || Try(new(level, trend, seasonal - step));
            if (!better) step /= 2;
        }

        return Follow(Weights, null, out _);

        bool Try(HoltWintersWeights weights)
        {
            weights = new(Math.Clamp(weights.Level, 0, 1), Math.Clamp(weights.Trend, 0, 1), Math.Clamp(weights.Seasonal, 0, 1));
            evaluations++;
            Follow(weights, null, out var squared);
            if (!(squared < SquaredError)) return false;
            (Weights, SquaredError) = (weights, squared);
            return true;
        }
    }

    private HoltWinters Follow(HoltWintersWeights weights, List<double>? errors, out double squared)
    {
        var state = HoltWinters.Start(weights, _slots, _period);
        squared = 0;
        for (var slot = 2 * _period; slot < _slots.Length; slot++)
        {
            var error = _slots[slot] - state.Expect(slot % _period);
            if (!double.IsNaN(error))
            {
                squared += error * error;
                errors?.Add(error);
            }

            state.Step(slot % _period, _slots[slot]);
        }

        return state;
    }
}
