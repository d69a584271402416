using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Checks that the errors of a regression are not flatter than a normal distribution: errors that spread evenly, or in two heaps, have a cause that the model misses.</summary>
/// <remarks>Judged by the test set, or the only one, by the excess kurtosis, which is 0 for a normal distribution, −1.2 for an even one and −2 for two heaps; weights are honoured.</remarks>
public sealed class RegressionErrorKurtosisCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "regression_error_kurtosis";

    /// <inheritdoc/>
    public string Description => "Do the errors of the regression heap up around one value?";

    /// <summary>Gets how bad it is when the kurtosis is too small.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <summary>Gets the excess kurtosis that the errors have to be above.</summary>
    /// <value>The default value is −0.1.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public double MinimumKurtosis { get; init => field = CheckLimit.Finite(value); } = -0.1;

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
        var kurtosis = outcomes.Judged.Figures.Regression.ErrorKurtosis().ValueOrNull;
        var reason = outcomes.Judged.RowCount == 0 ? "no row has a label, a prediction and a weight" : "all errors are the same";
        var condition = ModelConditions.Judge(
            $"the excess kurtosis of the errors is above {ModelConditions.Figure(MinimumKurtosis)}", kurtosis, reason, value => value > MinimumKurtosis, Severity, ModelConditions.Figure);
        return new CheckResult(Name, $"The errors of {ModelConditions.Judged(outcomes)} were described.", [condition]) { Values = new OrderedDictionary<string, double?> { ["kurtosis"] = kurtosis } };
    }
}
