using Mlops.Data;
using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>Makes an <see cref="EvaluationReport"/>.</summary>
internal static class EvaluationReportBuilder
{
    private const int CurvePoints = 200;
    private const int Bins = 10;
    private const int ResidualBinCount = 20;
    private const double DefaultThreshold = 0.5;

    public static async Task<EvaluationReport> BuildAsync(IPredictor predictor, IDataset dataset, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var data = await EvaluationData.CreateAsync(predictor, dataset, options, cancellationToken).ConfigureAwait(false);
        var outcomes = data.Outcomes;
        var metrics = options.Metrics ?? OutcomeMetrics.Of(outcomes.Task);
        var result = options.Bootstrap is { } bootstrap ? Bootstrap.Evaluate(outcomes, metrics, bootstrap, cancellationToken) : EvaluationResult.Of(outcomes, metrics);
        var report = new EvaluationReport(options.ModelName, dataset.Name, outcomes.Task, result.RowCount, result.Metrics)
        {
            PositiveClass = outcomes.Classes.Count == 2 ? outcomes.Classes[1] : null,
            MissingLabelCount = outcomes.MissingLabelCount,
            UnknownLabelCount = outcomes.UnknownLabelCount,
            MissingPredictionCount = outcomes.MissingPredictionCount,
            UnweightedCount = CountUnweighted(outcomes),
            Slices = SliceEvaluation.Rank(SliceEvaluation.Evaluate(data, options, cancellationToken)),
        };
        if (outcomes.Judged.RowCount == 0) return report;
        report = outcomes.IsClassification ? AddClasses(report, outcomes) : report with { Residuals = RegressionScores.Of(outcomes.Judged).ResidualCurve(ResidualBinCount) };
        if (outcomes.Classes.Count == 2)
        {
            report = AddCurves(report, outcomes) with
            {
                Fairness = FairnessEvaluation.Evaluate(data, options, cancellationToken),
                Threshold = options.Costs is { } costs ? ChooseThreshold(outcomes, costs, options.Seed) : null,
            };
        }

        return options.SearchesWorstSlice || options.Importance is not null ? await AddSampledAsync(report, predictor, dataset, options, cancellationToken).ConfigureAwait(false) : report;
    }

    private static EvaluationReport AddClasses(EvaluationReport report, ModelOutcomes outcomes)
    {
        var matrix = ConfusionMatrix.Of(outcomes);
        var positions = Enumerable.Range(0, outcomes.Classes.Count).ToArray();
        return report with
        {
            Confusion = new ConfusionTable(outcomes.Classes, [.. positions.Select(truth => (IReadOnlyList<double>)[.. positions.Select(predicted => matrix[truth, predicted])])]),
            Classes =
            [
                .. positions.Select(i => new ClassResult(outcomes.Classes[i], matrix.TrueWeight(i), [
                    EvaluationMetric.Of("precision", matrix.Precision(i), Tracking.MetricDirection.Maximize),
                    EvaluationMetric.Of("recall", matrix.Recall(i), Tracking.MetricDirection.Maximize),
                    EvaluationMetric.Of("f1", matrix.F1(i), Tracking.MetricDirection.Maximize),
                ])),
            ],
        };
    }

    private static EvaluationReport AddCurves(EvaluationReport report, ModelOutcomes outcomes)
    {
        var scores = BinaryScores.Of(outcomes.Judged);
        var isProbability = !outcomes.Judged.Predictions.ContainsAnyExceptInRange(0.0, 1.0);
        return report with
        {
            Roc = scores.RocCurve().Thin(CurvePoints),
            PrecisionRecall = scores.PrecisionRecallCurve().Thin(CurvePoints),
            Lift = scores.LiftCurve().Thin(CurvePoints),
            Calibration = isProbability ? scores.CalibrationCurve(Bins) : null,
        };
    }

    /// <summary>Chooses on every other row that can be judged, in an order that the seed shuffles, and judges on the rest.</summary>
    private static ThresholdReport? ChooseThreshold(ModelOutcomes outcomes, ThresholdCosts costs, ulong seed)
    {
        var judged = outcomes.Judged;
        if (judged.RowCount < 2) return null;
        var order = RowShuffle.Shuffle([.. Enumerable.Range(0, judged.RowCount)], seed);
        var (first, second) = (judged.Select(order.AsSpan(0, order.Length / 2)), judged.Select(order.AsSpan(order.Length / 2)));
        var chosen = ThresholdChoice.ByCost(first, costs);
        return new ThresholdReport(costs, chosen, ThresholdChoice.At(chosen.Threshold, second, costs), ThresholdChoice.At(DefaultThreshold, second, costs));
    }

    private static async Task<EvaluationReport> AddSampledAsync(EvaluationReport report, IPredictor predictor, IDataset dataset, EvaluationOptions options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumSampleRows, 1, nameof(options));
        var batches = new List<DataBatch>();
        await foreach (var batch in dataset.Sample(options.MaximumSampleRows, options.Seed).ReadAsync(null, cancellationToken).ConfigureAwait(false)) batches.Add(batch);
        var rows = DataBatch.Concat(dataset.Schema, batches);
        var source = EvaluationData.FindSource(predictor, dataset, options);
        if (options.SearchesWorstSlice)
        {
            var outcomes = EvaluationData.ChoosePositive(await OutcomeCollector.PredictAsync(predictor, source, rows, cancellationToken).ConfigureAwait(false), options);
            report = report with { WorstSlice = WorstSliceSearch.Find(rows, outcomes, options, cancellationToken) };
        }

        return options.Importance is { } importance
            ? report with { Importance = await PermutationImportance.MeasureAsync(predictor, source, rows, options, importance, null, cancellationToken).ConfigureAwait(false) }
            : report;
    }

    private static long CountUnweighted(ModelOutcomes outcomes)
    {
        long count = 0;
        for (var row = 0; row < outcomes.RowCount; row++) count += outcomes.GetWeight(row) > 0 ? 0 : 1;
        return count;
    }
}
