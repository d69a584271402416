using System.Text.Json;
using Mlops.Evaluation;
using static Mlops.Core.Tests.Evaluation.GoldenMetrics;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>Every row of metrics_golden.json: figures of scikit-learn, SciPy and NumPy, to 1e-9.</summary>
public sealed class GoldenMetricTests
{
    private static readonly Dictionary<string, Func<JsonElement, int>> s_groups = new()
    {
        ["classification_labels"] = CheckLabels,
        ["binary_scores"] = CheckBinary,
        ["multiclass_scores"] = CheckMulticlass,
        ["regression"] = CheckRegression,
        ["ranking"] = CheckRanking,
        ["clustering"] = CheckClustering,
        ["fairness"] = CheckFairness,
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var group in Groups)
            {
                foreach (var test in CasesOf(group)) cases.Add(group, test.GetProperty("id").GetString()!);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Metrics_OfTheCase_AreThoseOfTheReference(string group, string id)
    {
        var test = Find(group, id);
        Assert.Equal(Expected(test).Count(), s_groups[group](test));
    }

    [Fact]
    public void Cases_OfTheFile_AreAllThere()
    {
        Assert.Equal([17, 15, 12, 16, 13, 14, 12], Groups.Select(group => CasesOf(group).Count));
        Assert.Equal(Groups.Order(), s_groups.Keys.Order());
        Assert.True(Groups.Sum(group => CasesOf(group).Sum(test => Expected(test).Count())) > 1_500);
    }

    private static int CheckLabels(JsonElement test)
    {
        var whole = ConfusionMatrix.Of(Texts(test, "y_true"), Texts(test, "y_pred"), Weights(test), test.GetProperty("inputs").TryGetProperty("labels", out _) ? null : Texts(test, "label_order"));
        var matrix = test.GetProperty("inputs").TryGetProperty("labels", out _) ? whole.Restrict(Texts(test, "labels")) : whole;
        var count = 0;
        foreach (var (metric, parameters, value) in Expected(test))
        {
            var what = $"{test.GetProperty("id")} {metric} {parameters}";
            var average = parameters.TryGetProperty("average", out var text) ? text.GetString() : null;
            var zero = parameters.TryGetProperty("zero_division", out var given) ? given.GetDouble() : 0;
            var beta = parameters.TryGetProperty("beta", out var factor) ? factor.GetDouble() : 1;
            count++;
            if (metric == "confusion_matrix")
            {
                for (var i = 0; i < matrix.Classes.Count; i++) Agree(value[i], Enumerable.Range(0, matrix.Classes.Count).Select(j => matrix[i, j]), what);
                Assert.Equal(value.GetArrayLength(), matrix.Classes.Count);
            }
            else if (average == "none")
            {
                Agree(value, Enumerable.Range(0, matrix.Classes.Count).Select(i => (metric switch { "precision" => matrix.Precision(i), "recall" => matrix.Recall(i), "f1" => matrix.F1(i), _ => throw new NotSupportedException(what) }).ValueOrNull ?? zero), what);
            }
            else
            {
                Agree(value, metric switch
                {
                    "accuracy" => matrix.Accuracy(),
                    "balanced_accuracy" => matrix.BalancedAccuracy(parameters.GetProperty("adjusted").GetBoolean()),
                    "precision" => matrix.Precision(Averaged(average), zero),
                    "recall" => matrix.Recall(Averaged(average), zero),
                    "f1" => matrix.F1(Averaged(average), zero),
                    "fbeta" => matrix.FBeta(Averaged(average), beta, zero),
                    "jaccard" => matrix.Jaccard(Averaged(average), zero),
                    "matthews_corrcoef" => matrix.Matthews(),
                    "cohen_kappa" => matrix.CohenKappa(Enum.Parse<KappaWeighting>(parameters.GetProperty("weights").GetString()!, ignoreCase: true)),
                    "zero_one_loss" => matrix.ZeroOneLoss(),
                    _ => throw new NotSupportedException(what),
                }, what);
            }
        }

        return count;
    }

    private static int CheckBinary(JsonElement test)
    {
        var (truth, scored) = test.GetProperty("inputs").TryGetProperty("generator", out var generator) ? Generate(generator) : (Numbers(test, "y_true"), Numbers(test, "y_score"));
        if (generator.ValueKind == JsonValueKind.Object)
        {
            Agree(generator.GetProperty("first_y_true"), truth.Take(8), "generator");
            Agree(generator.GetProperty("first_y_score"), scored.Take(8), "generator");
            Assert.Equal(generator.GetProperty("sum_y_true").GetDouble(), truth.Sum());
        }

        var scores = BinaryScores.Of(scored, truth, Weights(test));
        var count = 0;
        foreach (var (metric, parameters, value) in Expected(test))
        {
            var what = $"{test.GetProperty("id")} {metric} {parameters}";
            count++;
            if (metric == "roc_curve")
            {
                Agree(value.GetProperty("fpr"), scores.RocCurve().Points.Select(point => point.FalsePositiveRate), what);
                Agree(value.GetProperty("tpr"), scores.RocCurve().Points.Select(point => point.TruePositiveRate), what);
                Agree(scores.RocAuc().Value, scores.RocCurve().Area.Value, what);
            }
            else if (metric == "calibration_curve")
            {
                var bins = scores.CalibrationCurve(Int(parameters, "bins")).Bins;
                Agree(value.GetProperty("fraction_of_positives"), bins.Select(bin => bin.ObservedRate), what);
                Agree(value.GetProperty("mean_predicted"), bins.Select(bin => bin.MeanPredicted), what);
            }
            else
            {
                Agree(value, metric switch
                {
                    "roc_auc" when parameters.TryGetProperty("max_fpr", out var rate) => scores.RocAuc(rate.GetDouble()),
                    "roc_auc" => scores.RocAuc(),
                    "average_precision" => scores.AveragePrecision(),
                    "pr_auc_trapezoid" => scores.PrecisionRecallArea(),
                    "ks_statistic" => scores.KolmogorovSmirnov(),
                    "log_loss" => scores.LogLoss(),
                    "brier" => scores.Brier(),
                    "ece" => scores.ExpectedCalibrationError(Int(parameters, "bins")),
                    "mce" => scores.MaximumCalibrationError(Int(parameters, "bins")),
                    _ => throw new NotSupportedException(what),
                }, what);
            }
        }

        return count;
    }

    private static int CheckMulticlass(JsonElement test)
    {
        var scores = new MulticlassScores(test.GetProperty("inputs").GetProperty("n_classes").GetInt32());
        var (truth, weights) = (Integers(test, "y_true"), Weights(test));
        var row = 0;
        foreach (var probabilities in test.GetProperty("inputs").GetProperty("y_prob").EnumerateArray())
        {
            scores.Add(Numbers(probabilities), truth[row], weights?[row] ?? 1);
            row++;
        }

        var count = 0;
        foreach (var (metric, parameters, value) in Expected(test))
        {
            var what = $"{test.GetProperty("id")} {metric} {parameters}";
            var averaging = parameters.TryGetProperty("average", out var average) ? Averaged(average.GetString()) : Averaging.Macro;
            count++;
            Agree(value, metric switch
            {
                "roc_auc" when parameters.GetProperty("multi_class").GetString() == "ovr" => scores.RocAucOneVersusRest(averaging),
                "roc_auc" => scores.RocAucOneVersusOne(averaging),
                "average_precision" => scores.AveragePrecision(averaging),
                "log_loss" => scores.LogLoss(),
                "brier_multiclass_sum" => scores.BrierSum(),
                "top_label_ece" => scores.TopLabelCalibrationError(Int(parameters, "bins")),
                "classwise_ece" => scores.ClasswiseCalibrationError(Int(parameters, "bins")),
                "top_k_accuracy" => scores.TopAccuracy(Int(parameters, "k")),
                _ => throw new NotSupportedException(what),
            }, what);
        }

        return count;
    }

    private static int CheckRegression(JsonElement test)
    {
        var (truth, predicted) = test.GetProperty("inputs").TryGetProperty("generator", out var generator) ? Generate(generator) : (Numbers(test, "y_true"), Numbers(test, "y_pred"));
        if (generator.ValueKind == JsonValueKind.Object)
        {
            Agree(generator.GetProperty("first_y_true"), truth.Take(6), "generator");
            Agree(generator.GetProperty("first_y_pred"), predicted.Take(6), "generator");
        }

        var scores = RegressionScores.Of(predicted, truth, Weights(test));
        var moments = scores.Moments;
        var count = 0;
        foreach (var (metric, parameters, value) in Expected(test))
        {
            var what = $"{test.GetProperty("id")} {metric} {parameters}";
            count++;
            Agree(value, metric switch
            {
                "mae" => moments.MeanAbsoluteError(),
                "mse" => moments.MeanSquaredError(),
                "rmse" => moments.RootMeanSquaredError(),
                "r2" => moments.RSquared(),
                "explained_variance" => moments.ExplainedVariance(),
                "mape" => moments.MeanAbsolutePercentageError(),
                "smape" => moments.SymmetricMeanAbsolutePercentageError(),
                "median_absolute_error" => scores.MedianAbsoluteError(),
                "pearson" => moments.Pearson(),
                "spearman" => scores.Spearman(),
                "kendall_tau_b" => scores.KendallTauB(),
                "max_error" => moments.MaximumError(),
                "pinball" => moments.Pinball(parameters.GetProperty("alpha").GetDouble()),
                "huber" => moments.Huber(),
                "mean_bias" => moments.MeanBias(),
                "rmsle" => moments.RootMeanSquaredLogarithmicError(),
                "poisson_deviance" => moments.PoissonDeviance(),
                "gamma_deviance" => moments.GammaDeviance(),
                _ => throw new NotSupportedException(what),
            }, what);
        }

        return count;
    }

    private static int CheckRanking(JsonElement test)
    {
        var scores = new RankingScores();
        foreach (var query in test.GetProperty("inputs").GetProperty("queries").EnumerateArray()) scores.Add(Numbers(query.GetProperty("relevance")), Numbers(query.GetProperty("score")));
        var count = 0;
        foreach (var (metric, parameters, value) in Expected(test))
        {
            var what = $"{test.GetProperty("id")} {metric} {parameters}";
            count++;
            var gain = parameters.TryGetProperty("gain", out var kind) ? Enum.Parse<RankingGain>(kind.GetString()!, ignoreCase: true) : RankingGain.Linear;
            if (metric == "ndcg_per_query")
            {
                Agree(value, scores.NdcgOfQueries(IntOrNull(parameters, "k"), gain), what);
                continue;
            }

            Agree(value, metric switch
            {
                "ndcg" => scores.Ndcg(IntOrNull(parameters, "k"), gain),
                "map" => scores.MeanAveragePrecision(IntOrNull(parameters, "k")),
                "mrr" => scores.MeanReciprocalRank(),
                "precision_at_k" => scores.Precision(Int(parameters, "k")),
                "recall_at_k" => scores.Recall(Int(parameters, "k")),
                "hit_rate_at_k" => scores.HitRate(Int(parameters, "k")),
                _ => throw new NotSupportedException(what),
            }, what);
        }

        return count;
    }

    private static int CheckClustering(JsonElement test)
    {
        var clusters = Integers(test, "labels");
        var agreement = ClusterAgreement.Of(Integers(test, "labels_true"), clusters);
        double[][] points = test.GetProperty("inputs").TryGetProperty("points", out var given) ? [.. given.EnumerateArray().Select(Numbers)] : [];
        var shape = points.Length > 0 ? new ClusterShape([.. points.SelectMany(point => point)], points[0].Length, clusters) : null;
        var token = TestContext.Current.CancellationToken;
        var count = 0;
        foreach (var (metric, parameters, value) in Expected(test))
        {
            var what = $"{test.GetProperty("id")} {metric} {parameters}";
            count++;
            if (metric == "silhouette_samples")
            {
                Agree(value, shape!.Silhouettes(token), what);
                continue;
            }

            Agree(value, metric switch
            {
                "silhouette" => shape!.Silhouette(token),
                "davies_bouldin" => shape!.DaviesBouldin(),
                "calinski_harabasz" => shape!.CalinskiHarabasz(),
                "adjusted_rand" => agreement.AdjustedRand(),
                "rand_index" => agreement.RandIndex(),
                "nmi" => agreement.NormalizedMutualInformation(parameters.GetProperty("average").GetString() switch
                {
                    "arithmetic" => EntropyMean.Arithmetic, "geometric" => EntropyMean.Geometric, "min" => EntropyMean.Minimum, "max" => EntropyMean.Maximum, _ => throw new NotSupportedException(what),
                }),
                "ami" => agreement.AdjustedMutualInformation(),
                "mutual_info_nats" => agreement.MutualInformation(),
                "homogeneity" => agreement.Homogeneity(),
                "completeness" => agreement.Completeness(),
                "v_measure" => agreement.VMeasure(parameters.GetProperty("beta").GetDouble()),
                "fowlkes_mallows" => agreement.FowlkesMallows(),
                "purity" => agreement.Purity(),
                _ => throw new NotSupportedException(what),
            }, what);
        }

        return count;
    }

    private static int CheckFairness(JsonElement test)
    {
        var groups = Texts(test, "group");
        string[] names = [.. groups.Distinct().Order(StringComparer.Ordinal)];
        var fairness = new GroupFairness(names);
        var (truth, predicted, weights) = (Integers(test, "y_true"), Integers(test, "y_pred"), Weights(test));
        for (var row = 0; row < truth.Length; row++) fairness.Add(Array.IndexOf(names, groups[row]), truth[row] == 1, predicted[row] == 1, weights?[row] ?? 1);
        var count = 0;
        foreach (var (metric, parameters, value) in Expected(test))
        {
            var what = $"{test.GetProperty("id")} {metric} {parameters}";
            count++;
            if (metric == "by_group")
            {
                foreach (var group in value.EnumerateObject()) CheckRates(group.Value, fairness.Rates.Single(rates => rates.Group == group.Name), what);
                Assert.Equal(value.EnumerateObject().Count(), fairness.Rates.Count);
                continue;
            }

            Agree(value, metric switch
            {
                "demographic_parity_difference" => fairness.DemographicParityDifference(),
                "demographic_parity_ratio" => fairness.DemographicParityRatio(),
                "equal_opportunity_difference" => fairness.EqualOpportunityDifference(),
                "equal_opportunity_ratio" => fairness.EqualOpportunityRatio(),
                "equalized_odds_difference" => fairness.EqualizedOddsDifference(parameters.GetProperty("agg").GetString() == "mean" ? EqualizedOddsAggregation.Mean : EqualizedOddsAggregation.WorstCase),
                "equalized_odds_ratio" => fairness.EqualizedOddsRatio(),
                "predictive_parity_difference" => fairness.PredictiveParityDifference(),
                "accuracy_difference" => fairness.AccuracyDifference(),
                _ => throw new NotSupportedException(what),
            }, what);
        }

        return count;
    }

    private static void CheckRates(JsonElement expected, GroupRates actual, string what)
    {
        foreach (var rate in expected.EnumerateObject())
        {
            MetricValue value = rate.Name switch
            {
                "weight" => actual.Weight,
                "selection_rate" => actual.SelectionRate,
                "tpr" => actual.TruePositiveRate,
                "fpr" => actual.FalsePositiveRate,
                "ppv" => actual.Precision,
                "accuracy" => actual.Accuracy,
                _ => throw new NotSupportedException(rate.Name),
            };
            Agree(rate.Value, value, $"{what} {rate.Name}");
        }
    }

    private static Averaging Averaged(string? text) => Enum.Parse<Averaging>(text!, ignoreCase: true);
}
