using Mlops.Data;
using Mlops.Models;
using Mlops.Validation;

namespace Mlops.Training.Tests;

/// <summary>The suite of a trained model on models of real data: healthy ones pass, and each that is spoilt in one way fails in that way and no other.</summary>
public sealed class ModelSuiteTests
{
    private static readonly string[] s_none = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Classification_Healthy_PassesWithTheDefaultsButForWhatALineCannotSay()
    {
        var (train, test) = await ChurnAsync();
        var report = await RunAsync(ValidationSuite.Model().With(Patient()), new LogisticTrainer(), train, train, test);
        Assert.Equal(s_none, Names(report, CheckStatus.Fail));
        Assert.Equal(s_none, Names(report, CheckStatus.Error));
        // Customers who called the service often leave whatever else is true of them, which a linear model does not see; and half of the columns say nothing.
        Assert.Equal(["weak_segments", "unused_features"], Names(report, CheckStatus.Warn));
        Assert.Contains("told apart by 'number_customer_service_calls'", report["weak_segments"].Conditions[0].Measured, StringComparison.Ordinal);
        Assert.Equal(["regression_error_kurtosis", "regression_bias", "boosting_overfit"], Names(report, CheckStatus.NotApplicable));
        Assert.Equal(0.82, report["roc_auc"].Values["roc_auc.yes"]!.Value, 0.01);
        Assert.Equal(1, report["simple_model_gain"].Values["gain_ratio"]!.Value / ((report["simple_model_gain"].Values["f1_macro"] - 0.4642) / (1 - 0.4642))!.Value, 1e-3); // 0.4642: all customers stay.

        var tree = await RunAsync(new ValidationSuite("tree", new SimpleModelGainCheck { SimpleModel = SimpleModelKind.SingleFeatureTree }), new LogisticTrainer(), train, train, test);
        Assert.Contains("a tree of the column '", tree["simple_model_gain"].Conditions[0].Expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classification_LimitsForThisModel_Passes()
    {
        var (train, test) = await ChurnAsync();
        var report = await RunAsync(ChurnSuite(), new LogisticTrainer(), train, train, test);
        Assert.Equal(CheckStatus.Pass, report.Status);
    }

    [Fact]
    public async Task Classification_LabelsShuffled_RanksAndGainsNothing()
    {
        var (train, test) = await ChurnAsync();
        var report = await RunAsync(ChurnSuite(), new LogisticTrainer(), Shuffled(train, "churn"), train, test);
        Assert.Equal(["roc_auc", "simple_model_gain"], Names(report, CheckStatus.Fail));
        Assert.Equal(["unused_features"], Names(report, CheckStatus.Warn)); // What it learned is of no use either.
        Assert.Equal(0, report["simple_model_gain"].Values["gain_ratio"]!.Value, 1e-9);
    }

    [Fact]
    public async Task Classification_LearnedByHeart_Degrades()
    {
        var (train, test) = await ChurnAsync();
        var few = Take(train, row => row % 13 == 0);
        var report = await RunAsync(ChurnSuite(), new LogisticTrainer(), few, few, test);
        Assert.Equal(["performance_degradation"], [.. Names(report, CheckStatus.Fail), .. Names(report, CheckStatus.Warn)]);
        Assert.Equal([CheckStatus.Pass, CheckStatus.Fail, CheckStatus.Fail], report["performance_degradation"].Conditions.Select(condition => condition.Status));
    }

    [Fact]
    public async Task Classification_FeatureIgnored_IsFoundUnused()
    {
        var (train, test) = await ChurnAsync();
        var report = await RunAsync(ChurnSuite(), new LogisticTrainer(), train.WithRole("number_customer_service_calls", ColumnRole.Ignored), train, test);
        Assert.Equal(["unused_features"], [.. Names(report, CheckStatus.Fail), .. Names(report, CheckStatus.Warn)]);
        Assert.Contains("number_customer_service_calls", report["unused_features"].Conditions[0].Measured, StringComparison.Ordinal);
        Assert.Equal(0.0, report["unused_features"].Values["importance.number_customer_service_calls"]!.Value);
    }

    [Fact]
    public async Task Classification_LabelsWrongForOneGroup_IsBiased()
    {
        var (train, test) = await ChurnAsync();
        var (unfair, unfairTest) = (Unfair(train), Unfair(test));
        var report = await RunAsync(ChurnSuite(), new LogisticTrainer(), unfair, unfair, unfairTest);
        Assert.Equal(["performance_bias"], [.. Names(report, CheckStatus.Fail), .. Names(report, CheckStatus.Warn)]);
        var condition = Assert.Single(report["performance_bias"].Conditions);
        Assert.Contains("group 3 with 168 rows", condition.Measured, StringComparison.Ordinal);
        Assert.DoesNotContain("member", condition.Measured, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classification_SixClasses_AreJudgedEach()
    {
        var credit = await (await TestData.OpenAsync("credit.csv", "Home")).ToMemoryAsync(Token);
        var (train, test) = (Take(credit, row => row % 2 == 0), Take(credit, row => row % 2 == 1));
        var report = await RunAsync(ValidationSuite.Model().With(Patient()), new LogisticTrainer(), train, train, test);
        Assert.Equal(s_none, Names(report, CheckStatus.Error));
        Assert.Equal(6, report["roc_auc"].Conditions.Count);
        Assert.Equal((6, 6), (report["confusion_matrix"].Tables[0].Rows.Count, report["calibration"].Tables.Count));
        Assert.Equal(CheckStatus.Pass, report["prediction_drift"].Status);
        // Rows without a label are not judged, and that is said.
        Assert.Contains("without a label", report["confusion_matrix"].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Regression_Healthy_PassesWithTheDefaultsButForWhatChanceAndALineDo()
    {
        var (train, test) = await ChicagoAsync();
        var report = await RunAsync(ValidationSuite.Model().With(Patient()), new RidgeTrainer(), train, train, test);
        Assert.DoesNotContain(report.Results, result => result.Status is CheckStatus.Fail or CheckStatus.Error);
        Assert.Equal(["weak_segments", "regression_bias", "unused_features"], Names(report, CheckStatus.Warn));
        Assert.Equal(["roc_auc", "confusion_matrix", "calibration", "boosting_overfit", "performance_bias"], Names(report, CheckStatus.NotApplicable));
        // The mean error is within one standard error of none.
        Assert.True(Math.Abs(report["regression_bias"].Values["bias"]!.Value) < report["regression_bias"].Values["bias_standard_error"]);
        Assert.Equal(CheckStatus.Pass, (await RunAsync(ChicagoSuite(), new RidgeTrainer(), train, train, test)).Status);
    }

    [Fact]
    public async Task Regression_Spoilt_FailsInThatWay()
    {
        var (train, test) = await ChicagoAsync();
        var shuffled = await RunAsync(ChicagoSuite(), new RidgeTrainer(), Shuffled(train, "ridership"), train, test);
        Assert.Equal(["simple_model_gain"], Names(shuffled, CheckStatus.Fail));
        // Predictions near the mean leave the two heaps of working days and holidays.
        Assert.Equal(["regression_error_kurtosis", "unused_features"], Names(shuffled, CheckStatus.Warn));

        var few = Take(train, row => row % 40 == 0);
        var byHeart = await RunAsync(ChicagoSuite(), new RidgeTrainer(new RidgeOptions { Alpha = 1e-6 }), few, few, test);
        Assert.Equal(["performance_degradation"], [.. Names(byHeart, CheckStatus.Fail), .. Names(byHeart, CheckStatus.Warn)]);

        var constant = await RunAsync(ChicagoSuite(), new MeanBaselineTrainer(), train, train, test);
        Assert.Equal(["simple_model_gain"], Names(constant, CheckStatus.Fail));
        Assert.Equal(0, constant["simple_model_gain"].Values["gain_ratio"]!.Value, 1e-4);
    }

    [Fact]
    public async Task Regression_AlwaysTooHigh_HasABias()
    {
        var (train, test) = await ChicagoAsync();
        var model = await new RidgeTrainer().TrainAsync(new TrainingContext(train), Token);
        await using var predictor = new OffsetPredictor(model.CreatePredictor(), 0.5f);
        var report = await ChicagoSuite().RunAsync(train, test, predictor, Token);
        Assert.Equal(["regression_bias"], [.. Names(report, CheckStatus.Fail), .. Names(report, CheckStatus.Warn)]);
        Assert.Contains("too high on average", report["regression_bias"].Conditions[0].Measured, StringComparison.Ordinal);
    }

    /// <summary>The suite with what was found tolerable for a linear model of these customers.</summary>
    private static ValidationSuite ChurnSuite() => ValidationSuite.Model()
        .With(new WeakSegmentsCheck { MinimumScoreRatio = 0.4 }).With(new UnusedFeaturesCheck { MaximumUnused = 4, MinimumImportanceRatio = 0.01 }).With(Patient());

    private static ValidationSuite ChicagoSuite() => ValidationSuite.Model()
        .With(new WeakSegmentsCheck { MinimumScoreRatio = 0.5 }).With(new UnusedFeaturesCheck { MaximumUnused = 16, MinimumImportanceRatio = 0.01 }).With(new RegressionBiasCheck { MaximumBiasRatio = 0.05 }).With(Patient());

    /// <summary>A limit that no busy machine passes.</summary>
    private static InferenceTimeCheck Patient() => new() { MaximumTimePerRow = TimeSpan.FromSeconds(10) };

    private static async Task<ValidationSuiteReport> RunAsync(ValidationSuite suite, ITrainer trainer, IDataset learned, IDataset train, IDataset test)
    {
        var model = await trainer.TrainAsync(new TrainingContext(learned), Token);
        await using var predictor = model.CreatePredictor();
        return await suite.RunAsync(train, test, predictor, Token);
    }

    private static string[] Names(ValidationSuiteReport report, CheckStatus status) => [.. report.Results.Where(result => result.Status == status).Select(result => result.Check)];

    /// <summary>Customers in three groups that have nothing to do with leaving: a tenth of them are members, the others a or b.</summary>
    private static async Task<(InMemoryDataset Train, InMemoryDataset Test)> ChurnAsync()
    {
        var churn = (await TestData.OpenAsync("churn.csv", "churn")).WithRole("state", ColumnRole.Ignored)
            .Derive<long, string>("club", "account_length", length => length % 10 == 0 ? "member" : length % 10 < 5 ? "a" : "b").WithRole("club", ColumnRole.Sensitive);
        var rows = await churn.ToMemoryAsync(Token);
        return (Take(rows, row => row % 3 != 0), Take(rows, row => row % 3 == 0));
    }

    private static async Task<(InMemoryDataset Train, InMemoryDataset Test)> ChicagoAsync()
    {
        var rows = await (await TestData.ChicagoAsync()).ToMemoryAsync(Token);
        return (Take(rows, row => row % 3 != 0), Take(rows, row => row % 3 == 0));
    }

    private static InMemoryDataset Take(InMemoryDataset dataset, Func<long, bool> isTaken)
    {
        long first = 0;
        var batches = new List<DataBatch>();
        foreach (var batch in dataset.Batches)
        {
            batches.Add(batch.Take([.. Enumerable.Range(0, batch.RowCount).Where(row => isTaken(first + row))]));
            first += batch.RowCount;
        }

        return new InMemoryDataset(dataset.Name, dataset.Schema, batches);
    }

    /// <summary>Gives each row of a batch the label of another one.</summary>
    private static InMemoryDataset Shuffled(InMemoryDataset dataset, string label) => new(dataset.Name, dataset.Schema, dataset.Batches.Select(batch =>
    {
        int[] order = [.. Enumerable.Range(0, batch.RowCount).Select(row => (int)(((row * 7919L) + 5) % batch.RowCount))];
        return new DataBatch(dataset.Schema, dataset.Schema.Select(column => column.Name == label ? batch[label].Take(order) : batch[column.Name]));
    }));

    /// <summary>Turns the labels of half of the members round, which no feature tells.</summary>
    private static IDataset Unfair(InMemoryDataset dataset) => dataset
        .Derive<long, string, string>("left", "account_length", "churn", (length, churn) => length % 20 == 0 ? (churn == "yes" ? "no" : "yes") : churn)
        .WithRole("churn", ColumnRole.Ignored).WithRole("left", ColumnRole.Label);

    /// <summary>A model that is off by the same amount everywhere.</summary>
    private sealed class OffsetPredictor(IPredictor inner, float offset) : DelegatingPredictor(inner)
    {
        public override async ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            await base.PredictAsync(inputs, outputs, context, cancellationToken);
            foreach (ref var value in outputs.Get<float>(0).Span) value += offset;
        }
    }
}
