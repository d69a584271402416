using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Checks that a model is about as good on the test set as on the training set: one that is much worse has learned its rows by heart, or the sets are of different worlds.</summary>
/// <remarks>Degradation = (score on the training set − score on the test set) / |score on the training set|, with the opposite sign for errors; below 0 where the test set is predicted better.</remarks>
public sealed class PerformanceDegradationCheck : IValidationCheck
{
    private static readonly string[] s_ofClasses = [OutcomeMetrics.Accuracy, OutcomeMetrics.MacroF1, OutcomeMetrics.RocAuc];
    private static readonly string[] s_ofNumbers = [RegressionEvaluator.Rmse, RegressionEvaluator.Mae];

    /// <inheritdoc/>
    public string Name => "performance_degradation";

    /// <inheritdoc/>
    public string Description => "Is the model about as good on the test set as on the training set?";

    /// <summary>Gets how bad it is when a metric degrades.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <summary>Gets the degradation that every metric has to stay below.</summary>
    /// <value>The default value is 0.1, a tenth of the score on the training set.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumDegradationRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.1;

    /// <summary>Gets the metrics, each with a condition.</summary>
    /// <value>
    /// The default value is empty: <c>accuracy</c>, <c>f1_macro</c> and <c>roc_auc</c> of a classification, <c>rmse</c> and <c>mae</c> of a regression. Others are
    /// <c>balanced_accuracy</c>, <c>precision_macro</c>, <c>recall_macro</c>, <c>f1_weighted</c>, <c>log_loss</c> and <c>r2</c>, which is near 0 for models that know little, so that any change is a large share of it.
    /// </value>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public IReadOnlyList<string> Metrics { get; init => field = [.. value.Select(OutcomeMetrics.Check)]; } = [];

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject) => ModelObstacles.Find(subject, ModelNeeds.Label | ModelNeeds.TestSet);

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedOutcomes();
        return new ModelScan(() => Compare(context.GetOutcomes(DatasetPart.Train), context.GetOutcomes(DatasetPart.Test)));
    }

    private CheckResult Compare(ModelOutcomes train, ModelOutcomes test)
    {
        var conditions = new List<CheckCondition>();
        var values = new List<KeyValuePair<string, double?>>();
        var rows = new List<IReadOnlyList<string>>();
        foreach (var name in Metrics.Count > 0 ? Metrics : train.IsClassification ? s_ofClasses : s_ofNumbers)
        {
            var (before, after) = (OutcomeMetrics.Evaluate(name, train), OutcomeMetrics.Evaluate(name, test));
            var degradation = ModelConditions.DeclineRatio(before, after);
            conditions.Add(Judge(name, before, after, degradation));
            values.AddRange([new($"train_{name}", before.Value), new($"test_{name}", after.Value), new($"{name}_degradation_ratio", degradation)]);
            rows.Add([name, ModelConditions.Figure(before.Value), ModelConditions.Figure(after.Value), degradation is { } ratio ? ModelConditions.Percent(ratio) : "–"]);
        }

        return new CheckResult(Name, $"The model was judged by {ModelConditions.Judged(train)} of the training set and {ModelConditions.Judged(test)} of the test set.", conditions)
        {
            Values = new OrderedDictionary<string, double?>(values),
            Tables = [new CheckTable("Scores", ["metric", "training set", "test set", "degradation"], rows)],
        };
    }

    private CheckCondition Judge(string name, EvaluationMetric train, EvaluationMetric test, double? degradation)
    {
        var expected = $"{name} degrades by less than {ModelConditions.Percent(MaximumDegradationRatio)}";
        if (train.Value is not { } before) return ModelConditions.Undefined(expected, $"on the training set {train.UndefinedReason}");
        if (test.Value is not { } after) return ModelConditions.Undefined(expected, $"on the test set {test.UndefinedReason}");
        // From 0 every step down is infinitely large, and every step up an improvement.
        var isMet = degradation is { } ratio ? ratio < MaximumDegradationRatio : !ModelConditions.IsWorse(test, before);
        var change = degradation is { } known ? $", {ModelConditions.Percent(Math.Abs(known))} {(known > 0 ? "worse" : "better")}" : "";
        return ModelConditions.Judge(expected, isMet, Severity, $"{ModelConditions.Figure(before)} on the training set, {ModelConditions.Figure(after)} on the test set{(degradation == 0 ? "" : change)}");
    }
}
