using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Checks that a model is worth its trouble: that it is clearly better, on the test set, than a simple one that was made from the training set.</summary>
/// <remarks>Gain = (score − score of the simple model) / (perfect score − score of the simple model): 1 is perfect, 0 no better, below 0 worse. Both are judged by the same rows, with their weights.</remarks>
public sealed class SimpleModelGainCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "simple_model_gain";

    /// <inheritdoc/>
    public string Description => "Is the model clearly better than a simple one?";

    /// <summary>Gets how bad it is when the gain is too small.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <summary>Gets the gain that the model has to be above.</summary>
    /// <value>The default value is 0.1, a tenth of the way from the simple model to perfection.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumGainRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.1;

    /// <summary>Gets what the model is compared with.</summary>
    /// <value>The default value is <see cref="SimpleModelKind.Constant"/>.</value>
    public SimpleModelKind SimpleModel { get; init; } = SimpleModelKind.Constant;

    /// <summary>Gets the metric.</summary>
    /// <value>
    /// The default value is <see langword="null"/>: <c>f1_macro</c> of a classification, which a model that knows one class only does not do well in however frequent that is, and
    /// <c>rmse</c> of a regression. <see cref="PerformanceDegradationCheck.Metrics"/> lists the others.
    /// </value>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public string? Metric { get; init => field = value is null ? null : OutcomeMetrics.Check(value); }

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject) => ModelObstacles.Find(subject, ModelNeeds.Label | ModelNeeds.TestSet);

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (SimpleModel == SimpleModelKind.SingleFeatureTree) context.NeedSamples();
        else context.NeedOutcomes();
        return new ModelScan(cancellationToken => CompareAsync(context, cancellationToken));
    }

    private async ValueTask<CheckResult> CompareAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var isTree = SimpleModel == SimpleModelKind.SingleFeatureTree;
        var train = isTree ? await context.GetSampleOutcomesAsync(DatasetPart.Train, cancellationToken).ConfigureAwait(false) : context.GetOutcomes(DatasetPart.Train);
        var test = isTree ? await context.GetSampleOutcomesAsync(DatasetPart.Test, cancellationToken).ConfigureAwait(false) : context.GetOutcomes(DatasetPart.Test);
        // The simple model learns from every labelled row, also where the model itself gave nothing.
        var learned = Labelled(train);
        if (learned.RowCount == 0) return CheckResult.NotApplicable(Name, "No row of the training set has a label that the model knows and a weight, so there is no simple model.");
        ModelOutcomes simple;
        var made = "";
        switch (SimpleModel)
        {
            case SimpleModelKind.Constant: simple = SimpleModels.Constant(train.Select(learned.Rows), test.Judged); break;
            case SimpleModelKind.Stratified: simple = SimpleModels.Stratified(train.Select(learned.Rows), test.Judged, context.Subject.Seed); break;
            default:
                var judgedRows = Enumerable.Range(0, test.RowCount).Where(test.IsJudged).ToArray();
                var (trainRows, testRows) = (context.GetSample(DatasetPart.Train).Take(learned.Rows), context.GetSample(DatasetPart.Test).Take(judgedRows));
                if (SimpleModels.SingleFeatureTree(train.Select(learned.Rows), trainRows, test.Judged, testRows, MetricOf(test), cancellationToken) is not var (predictions, feature))
                    return CheckResult.NotApplicable(Name, "There is no feature of one element in each row to make a tree of.");
                (simple, made) = (predictions, $" of the column '{feature}'");
                break;
        }

        return Compare(test, simple, made);
    }

    private CheckResult Compare(ModelOutcomes test, ModelOutcomes simple, string made)
    {
        var metric = MetricOf(test);
        var (own, other) = (OutcomeMetrics.Evaluate(metric, test), OutcomeMetrics.Evaluate(metric, simple));
        var perfect = own.Direction == Tracking.MetricDirection.Maximize ? 1.0 : 0;
        double? gain = own.Value is { } score && other.Value is { } reached && reached != perfect ? (score - reached) / (perfect - reached) : null;
        var reason = own.UndefinedReason ?? other.UndefinedReason ?? $"the simple model is perfect, with {metric} {ModelConditions.Figure(perfect)}";
        var what = SimpleModel switch { SimpleModelKind.Constant => "a constant", SimpleModelKind.Stratified => "random draws", _ => "a tree" };
        var condition = ModelConditions.Judge(
            $"the gain in {metric} over {what}{made} is above {ModelConditions.Percent(MinimumGainRatio)}", gain, reason, value => value > MinimumGainRatio, Severity,
            value => $"{ModelConditions.Percent(value)}: {ModelConditions.Figure(own.Value)} against {ModelConditions.Figure(other.Value)}");
        return new CheckResult(Name, $"The model and {what}{made} were judged by {ModelConditions.Judged(test)}.", [condition])
        {
            Values = new OrderedDictionary<string, double?> { ["gain_ratio"] = gain, [$"{metric}"] = own.Value, [$"simple_{metric}"] = other.Value },
        };
    }

    private string MetricOf(ModelOutcomes outcomes) => Metric ?? (outcomes.IsClassification ? OutcomeMetrics.MacroF1 : OutcomeMetrics.Rmse);

    private static (int[] Rows, int RowCount) Labelled(ModelOutcomes outcomes)
    {
        var rows = Enumerable.Range(0, outcomes.RowCount)
            .Where(row => double.IsFinite(outcomes.Labels[row]) && (!outcomes.IsClassification || outcomes.Labels[row] >= 0) && outcomes.GetWeight(row) > 0).ToArray();
        return (rows, rows.Length);
    }
}
