using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Checks that a regression errs upwards as much as downwards: the mean error is small beside the root mean squared error.</summary>
/// <remarks>Judged by the test set, or the only one, by |mean(prediction − label)| / RMSE, which is 0 for errors without a bias and 1 where all are the same; weights are honoured.
/// Among few rows chance alone passes the limit: the standard error of the mean error, told beside it, is about 1/√rows of the RMSE.</remarks>
public sealed class RegressionBiasCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "regression_bias";

    /// <inheritdoc/>
    public string Description => "Does the regression err upwards as much as downwards?";

    /// <summary>Gets how bad it is when errors have a bias.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <summary>Gets the ratio of the mean error to the root mean squared error that the errors have to stay below.</summary>
    /// <value>The default value is 0.01.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumBiasRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.01;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject) => ModelObstacles.Find(subject, ModelNeeds.Label | ModelNeeds.Numbers);

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedOutcomes();
        return new ModelScan(() => Judge(context.GetOutcomes(context.Subject.JudgedPart())));
    }

    private CheckResult Judge(ModelOutcomes outcomes)
    {
        var judged = outcomes.Judged;
        var moments = judged.Figures.Regression.Moments;
        var (bias, rmse, standardError) = (moments.MeanBias().ValueOrNull ?? 0, moments.RootMeanSquaredError().ValueOrNull ?? 0, moments.MeanBiasStandardError().ValueOrNull ?? 0);
        double? ratio = moments.RowCount == 0 ? null : rmse == 0 ? 0 : Math.Abs(bias) / rmse;
        var condition = ModelConditions.Judge(
            $"the mean error is below {ModelConditions.Percent(MaximumBiasRatio)} of the root mean squared error", ratio, "no row has a label, a prediction and a weight", value => value < MaximumBiasRatio, Severity,
            value => $"{ModelConditions.Percent(value)}, {(bias > 0 ? "too high" : bias < 0 ? "too low" : "neither high nor low")} on average"
                + (rmse > 0 ? $"; the standard error is {ModelConditions.Percent(standardError / rmse)}" : ""));
        return new CheckResult(Name, $"The errors of {ModelConditions.Judged(outcomes)} were described.", [condition])
        {
            Values = moments.RowCount == 0
                ? new OrderedDictionary<string, double?> { ["bias_ratio"] = null, ["bias"] = null, ["bias_standard_error"] = null, ["rmse"] = null }
                : new OrderedDictionary<string, double?> { ["bias_ratio"] = ratio, ["bias"] = bias, ["bias_standard_error"] = standardError, ["rmse"] = rmse },
        };
    }
}
