namespace Mlops.Validation;

/// <summary>How large errors of expectations are.</summary>
internal sealed class ErrorSpread
{
    private readonly MetricBaseline _sizes = new();

    public int Count => _sizes.Count;

    /// <summary>Adds an error; NaN, where a value or an expectation was missing, is passed over.</summary>
    public void Add(double error)
    {
        if (!double.IsNaN(error)) _sizes.Add(Math.Abs(error));
    }

    /// <param name="estimator">How to measure.</param>
    /// <param name="fitted">The number of parameters that were fitted to the same errors.</param>
    /// <returns>The standard deviation around zero; NaN where errors are too large to reckon with.</returns>
    public double Measure(ZScoreEstimator estimator, int fitted)
        => estimator == ZScoreEstimator.Mean ? _sizes.GetRootMeanSquare(_sizes.Count - fitted) : _sizes.GetMedianSize();
}
