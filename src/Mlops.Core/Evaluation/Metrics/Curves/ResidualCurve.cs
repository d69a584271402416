namespace Mlops.Evaluation;

/// <summary>How residuals are spread over the range of predictions: level around 0 where the model is right on average everywhere. Immutable.</summary>
/// <param name="Bins">The bins of about equal weight, predictions ascending; none where the curve is undefined.</param>
public sealed record ResidualCurve(IReadOnlyList<ResidualBin> Bins)
{
    /// <summary>Gets why there is no curve; <see langword="null"/> where there is one.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? UndefinedReason { get; init; }
}
