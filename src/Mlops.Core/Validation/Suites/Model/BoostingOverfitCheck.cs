using System.Globalization;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Validation;

/// <summary>Checks that the last stages of a model that was made in stages, such as the rounds of boosting, do it no harm: that it is about as good on the test set as after its best stage.</summary>
/// <remarks>Needs a predictor that offers its stages (<see cref="IStagedPredictor"/>). Judged by samples of both sets. Decline = (best score − score of the whole model) / |best score|, with the opposite sign for errors.</remarks>
public sealed class BoostingOverfitCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "boosting_overfit";

    /// <inheritdoc/>
    public string Description => "Do the last stages of the model do it no harm?";

    /// <summary>Gets how bad it is when the last stages do harm.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <summary>Gets the decline that the model has to stay below.</summary>
    /// <value>The default value is 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumDeclineRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.05;

    /// <summary>Gets the number of steps at which the model is judged, evenly spread over its stages; the last one is the whole model.</summary>
    /// <value>The default value is 20, or each stage where there are fewer.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 2.</exception>
    public int Steps { get; init => field = CheckLimit.AtLeast(value, 2); } = 20;

    /// <summary>Gets the metric.</summary>
    /// <value>The default value is <see langword="null"/>: <c>accuracy</c> of a classification, <c>rmse</c> of a regression. <see cref="PerformanceDegradationCheck.Metrics"/> lists the others.</value>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public string? Metric { get; init => field = value is null ? null : OutcomeMetrics.Check(value); }

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        if (ModelObstacles.Find(subject, ModelNeeds.Label | ModelNeeds.TestSet) is { } obstacle) return obstacle;
        return subject.Predictor!.GetService<IStagedPredictor>() switch
        {
            null => $"The model was not made in stages, or does not offer them ({nameof(IStagedPredictor)}).",
            { StageCount: < 2 } => "The model has one stage only.",
            _ => null,
        };
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedSamples();
        return new ModelScan(cancellationToken => CompareAsync(context, cancellationToken));
    }

    private async ValueTask<CheckResult> CompareAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var staged = context.Subject.Predictor!.GetService<IStagedPredictor>()!;
        var (train, test) = (context.GetSample(DatasetPart.Train), context.GetSample(DatasetPart.Test));
        var scores = new List<(int Stages, EvaluationMetric Train, EvaluationMetric Test)>();
        foreach (var stages in StepsOf(staged.StageCount))
        {
            var predictor = staged.CreateStagePredictor(stages);
            await using (predictor.ConfigureAwait(false))
            {
                var (own, other) = (await context.PredictAsync(train, predictor, cancellationToken).ConfigureAwait(false), await context.PredictAsync(test, predictor, cancellationToken).ConfigureAwait(false));
                var metric = Metric ?? (own.IsClassification ? OutcomeMetrics.Accuracy : OutcomeMetrics.Rmse);
                scores.Add((stages, OutcomeMetrics.Evaluate(metric, own), OutcomeMetrics.Evaluate(metric, other)));
            }
        }

        return Judge(scores);
    }

    private CheckResult Judge(List<(int Stages, EvaluationMetric Train, EvaluationMetric Test)> scores)
    {
        var last = scores[^1].Test;
        var best = scores[0];
        foreach (var step in scores)
        {
            if (best.Test.Value is not { } value || (step.Test.Value is not null && ModelConditions.IsWorse(best.Test, step.Test.Value.Value) && value != step.Test.Value)) best = step;
        }

        var decline = ModelConditions.DeclineRatio(best.Test, last);
        var reason = last.UndefinedReason ?? best.Test.UndefinedReason ?? "the best score is 0";
        var condition = ModelConditions.Judge(
            $"the {last.Name} on the test set declines by less than {ModelConditions.Percent(MaximumDeclineRatio)} after the best stage", decline, reason, value => value < MaximumDeclineRatio, Severity,
            value => $"{ModelConditions.Percent(value)}: {ModelConditions.Figure(best.Test.Value)} after {best.Stages.ToString(CultureInfo.InvariantCulture)} stages, {ModelConditions.Figure(last.Value)} after all {scores[^1].Stages.ToString(CultureInfo.InvariantCulture)}");
        // From 0, a perfect error, every step up is infinitely large.
        if (decline is null && last.Value is not null && best.Test.Value == 0)
            condition = ModelConditions.Judge(condition.Expected, false, Severity, $"0 after {best.Stages.ToString(CultureInfo.InvariantCulture)} stages, {ModelConditions.Figure(last.Value)} after all {scores[^1].Stages.ToString(CultureInfo.InvariantCulture)}");
        return new CheckResult(Name, $"The model was judged after {scores.Count.ToString(CultureInfo.InvariantCulture)} steps of its {scores[^1].Stages.ToString(CultureInfo.InvariantCulture)} stages.", [condition])
        {
            Values = new OrderedDictionary<string, double?> { ["decline_ratio"] = decline, ["best_score"] = best.Test.Value, ["best_stages"] = best.Stages, ["last_score"] = last.Value, ["stages"] = scores[^1].Stages },
            Tables =
            [
                new CheckTable(
                    "Scores by the number of stages", ["stages", $"{last.Name}, training set", $"{last.Name}, test set"],
                    [.. scores.Select(step => (IReadOnlyList<string>)[step.Stages.ToString(CultureInfo.InvariantCulture), ModelConditions.Figure(step.Train.Value), ModelConditions.Figure(step.Test.Value)])]),
            ],
        };
    }

    private IEnumerable<int> StepsOf(int stages)
    {
        var steps = Math.Min(Steps, stages);
        return Enumerable.Range(1, steps).Select(step => (int)Math.Ceiling((double)step * stages / steps));
    }
}
