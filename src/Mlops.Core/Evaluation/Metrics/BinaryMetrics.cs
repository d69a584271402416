using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>The metrics of two classes; the last one is the positive one.</summary>
internal static class BinaryMetrics
{
    private const int Positive = 1;

    public static readonly OutcomeMetric[] All = [.. ((OutcomeMetric[])
    [
        Best(OutcomeMetrics.Accuracy, matrix => matrix.Accuracy()),
        Best("balanced_accuracy", matrix => matrix.BalancedAccuracy()),
        Best("precision", matrix => matrix.Precision(Positive)),
        Best("recall", matrix => matrix.Recall(Positive)),
        Best("f1", matrix => matrix.F1(Positive)),
        new(OutcomeMetrics.RocAuc, MetricDirection.Maximize, judged => judged.Figures.Scores.RocAuc(), figures => figures.RocAuc),
        Rank("average_precision", figures => figures.AveragePrecision),
        Loss(OutcomeMetrics.LogLoss, figures => figures.LogLoss),
        Loss("brier", figures => figures.Brier),
        Loss("ece", figures => figures.Calibration.ExpectedError),
        Loss("mce", figures => figures.Calibration.MaximumError),
        Rank("pr_auc", figures => figures.PrecisionRecallArea),
        Rank("ks_statistic", figures => figures.KolmogorovSmirnov),
        new("roc_auc_fpr_0.1", MetricDirection.Maximize, judged => judged.Figures.Scores.RocAuc(0.1)),
        Best("specificity", matrix => matrix.Specificity(Positive)),
        Best("f0.5", matrix => matrix.FBeta(Positive, 0.5)),
        Best("f2", matrix => matrix.FBeta(Positive, 2)),
        Best("jaccard", matrix => matrix.Jaccard(Positive)),
        Best("balanced_accuracy_adjusted", matrix => matrix.BalancedAccuracy(isAdjusted: true)),
        Best("matthews_corrcoef", matrix => matrix.Matthews()),
        Best("cohen_kappa", matrix => matrix.CohenKappa()),
        Decision("zero_one_loss", MetricDirection.Minimize, matrix => matrix.ZeroOneLoss()),
        .. ClassAverages.All.Select(average => Best(average.Name, average.Compute)),
    ]).Select(metric => metric.For(
        ModelTask.BinaryClassification,
        metric.Name is OutcomeMetrics.Accuracy or "zero_one_loss" ? MetricSupport.AllRows : MetricSupport.EveryClass,
        metric.Name is "ece" or "mce" ? (0, 1) : null))];

    /// <summary>How many of them say most.</summary>
    public const int Main = 10;

    private static OutcomeMetric Best(string name, Func<ConfusionMatrix, MetricValue> compute) => Decision(name, MetricDirection.Maximize, compute);

    private static OutcomeMetric Decision(string name, MetricDirection direction, Func<ConfusionMatrix, MetricValue> compute)
        => new(name, direction, judged => compute(judged.Figures.Decisions.Confusion), figures => compute(figures.Confusion));

    private static OutcomeMetric Rank(string name, Func<BinaryFigures, MetricValue> compute) => new(name, MetricDirection.Maximize, judged => compute(judged.Figures.Scores.Ranked()), compute);

    private static OutcomeMetric Loss(string name, Func<BinaryFigures, MetricValue> compute) => new(name, MetricDirection.Minimize, judged => compute(judged.Figures.Scores.Unranked()), compute);
}
