using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>The metrics of more than two classes.</summary>
internal static class MulticlassMetrics
{
    public static readonly OutcomeMetric[] All = [.. ((OutcomeMetric[])
    [
        Best(OutcomeMetrics.Accuracy, matrix => matrix.Accuracy()),
        Best("balanced_accuracy", matrix => matrix.BalancedAccuracy()),
        .. ClassAverages.All.Where(average => MainAverages.Contains(average.Name)).Select(average => Best(average.Name, average.Compute)),
        Rank(OutcomeMetrics.RocAuc, scores => scores.RocAucOneVersusRest()),
        Loss(OutcomeMetrics.LogLoss, scores => scores.LogLoss()),
        Loss("brier_sum", scores => scores.BrierSum()),
        Loss("top_label_ece", scores => scores.TopLabelCalibrationError()),
        Loss("classwise_ece", scores => scores.ClasswiseCalibrationError()),
        .. ClassAverages.All.Where(average => !MainAverages.Contains(average.Name)).Select(average => Best(average.Name, average.Compute)),
        Rank("roc_auc_ovr_weighted", scores => scores.RocAucOneVersusRest(Averaging.Weighted)),
        Rank("roc_auc_ovr_micro", scores => scores.RocAucOneVersusRest(Averaging.Micro)),
        Rank("roc_auc_ovo", scores => scores.RocAucOneVersusOne()),
        Rank("roc_auc_ovo_weighted", scores => scores.RocAucOneVersusOne(Averaging.Weighted)),
        Rank("average_precision", scores => scores.AveragePrecision()),
        Rank("average_precision_weighted", scores => scores.AveragePrecision(Averaging.Weighted)),
        Rank("average_precision_micro", scores => scores.AveragePrecision(Averaging.Micro)),
        Rank("top_2_accuracy", scores => scores.TopAccuracy(2)),
        Rank("top_3_accuracy", scores => scores.TopAccuracy(3)),
        Rank("top_5_accuracy", scores => scores.TopAccuracy(5)),
        Best("balanced_accuracy_adjusted", matrix => matrix.BalancedAccuracy(isAdjusted: true)),
        Best("matthews_corrcoef", matrix => matrix.Matthews()),
        Best("cohen_kappa", matrix => matrix.CohenKappa()),
        Best("cohen_kappa_linear", matrix => matrix.CohenKappa(KappaWeighting.Linear)),
        Best("cohen_kappa_quadratic", matrix => matrix.CohenKappa(KappaWeighting.Quadratic)),
        new("zero_one_loss", MetricDirection.Minimize, judged => judged.Figures.Confusion.ZeroOneLoss()),
    ]).Select(metric => metric.For(ModelTask.MulticlassClassification, SupportOf(metric.Name), metric.Name is "top_label_ece" or "classwise_ece" ? (0, 1) : null))];

    /// <summary>How many of them say most.</summary>
    public const int Main = 10;

    private static string[] MainAverages => ["precision_macro", "recall_macro", "f1_macro", "f1_weighted"];

    private static MetricSupport SupportOf(string name) => name switch
    {
        OutcomeMetrics.Accuracy or "zero_one_loss" or "top_2_accuracy" or "top_3_accuracy" or "top_5_accuracy" => MetricSupport.AllRows,
        OutcomeMetrics.LogLoss or "brier_sum" or "top_label_ece" => MetricSupport.OtherClasses,
        _ when name.EndsWith("_micro", StringComparison.Ordinal) => MetricSupport.AllRows,
        _ when name.EndsWith("_weighted", StringComparison.Ordinal) => MetricSupport.OtherClasses,
        _ => MetricSupport.EveryClass,
    };

    private static OutcomeMetric Best(string name, Func<ConfusionMatrix, MetricValue> compute) => new(name, MetricDirection.Maximize, judged => compute(judged.Figures.Confusion));

    private static OutcomeMetric Rank(string name, Func<MulticlassScores, MetricValue> compute) => new(name, MetricDirection.Maximize, judged => compute(judged.Figures.Multiclass));

    private static OutcomeMetric Loss(string name, Func<MulticlassScores, MetricValue> compute) => new(name, MetricDirection.Minimize, judged => compute(judged.Figures.Multiclass));
}
