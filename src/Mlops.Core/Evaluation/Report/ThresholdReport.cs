namespace Mlops.Evaluation;

/// <summary>A threshold that was chosen on one half of the rows and judged on the other.</summary>
/// <param name="Costs">What mistakes cost.</param>
/// <param name="Chosen">The threshold and what it came to on the rows it was chosen on, which looks a little too good.</param>
/// <param name="Judged">What it came to on the other rows.</param>
/// <param name="Default">What a threshold of 0.5 came to on the other rows.</param>
public sealed record ThresholdReport(ThresholdCosts Costs, ThresholdResult Chosen, ThresholdResult Judged, ThresholdResult Default)
{
    /// <summary>Writes the threshold and what it came to on the rows that it was not chosen on.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Judged.ToString();
}
