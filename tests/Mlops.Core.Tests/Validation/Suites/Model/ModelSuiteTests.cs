using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Models;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.ModelCheckData;

namespace Mlops.Core.Tests.Validation;

/// <summary>The suite as a whole, on data and models that lack something.</summary>
public sealed class ModelSuiteTests
{
    private static readonly double[] s_labels = [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? 0.0 : 1)];
    private static readonly double[] s_probabilities = [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? 0.1 : 0.9)];

    [Fact]
    public void Model_Checks_AreTheThirteenInOrder()
        => Assert.Equal(
            [
                "performance_degradation", "roc_auc", "confusion_matrix", "prediction_drift", "simple_model_gain", "weak_segments", "calibration", "regression_error_kurtosis", "regression_bias", "unused_features",
                "boosting_overfit", "inference_time", "performance_bias",
            ],
            ValidationSuite.Model().Checks.Select(check => check.Name));

    [Fact]
    public async Task Model_NoPredictor_NothingIsApplicable()
    {
        var report = await ValidationSuite.Model().RunAsync(Rows([s_probabilities], s_labels), Token);
        Assert.All(report.Results, result => Assert.Equal((CheckStatus.NotApplicable, "There is no model."), (result.Status, result.Summary)));
    }

    [Fact]
    public async Task Model_NoLabel_OnlyWhatNeedsNoneIsApplicable()
    {
        var rows = Rows([s_probabilities], null, Numeric("a", s_labels));
        var report = await RunSuiteAsync(rows, rows, Binary());
        Assert.Equal(["prediction_drift", "inference_time"], Applicable(report));
        Assert.Equal("There is no label: no column has the role Label.", report["roc_auc"].Summary);
    }

    [Fact]
    public async Task Model_NoTestSet_TheOnlyOneIsJudged()
    {
        var report = await RunSuiteAsync(Rows([s_probabilities], s_labels, Numeric("a", s_labels)), null, Binary());
        Assert.Equal(["roc_auc", "confusion_matrix", "weak_segments", "calibration", "unused_features", "inference_time"], Applicable(report));
        Assert.All(["performance_degradation", "prediction_drift", "simple_model_gain", "boosting_overfit"], name => Assert.Equal("There is no test set.", report[name].Summary));
        Assert.Equal(1.0, report["roc_auc"].Values["roc_auc.1"]!.Value);
    }

    [Fact]
    public async Task Model_TwoLabels_IsToldWithTheirNames()
    {
        var report = await RunSuiteAsync(Rows([s_probabilities], s_labels, Numeric("z", s_labels, ColumnRole.Label)), null, Binary());
        Assert.Equal("Columns 'y' and 'z' both have the role Label; a model is judged by one.", report["roc_auc"].Summary);
    }

    [Fact]
    public async Task Model_ClassThatTheModelDoesNotKnow_IsLeftOutAndCounted()
    {
        double[] labels = [.. s_labels];
        (labels[3], labels[4]) = (777, double.NaN);
        var rows = Rows([s_probabilities], labels, Numeric("a", s_labels));
        var report = await RunSuiteAsync(rows, rows, Binary());
        Assert.DoesNotContain(report.Results, result => result.Status == CheckStatus.Error);
        var confusion = report["confusion_matrix"];
        Assert.Equal((1.0, 1.0), (confusion.Values["accuracy"]!.Value, confusion.Values["unknown_labels"]!.Value));
        Assert.Equal("The model is right in 100 % of 58 rows, 2 rows left out: 1 without a label, 1 of a class that the model does not know.", confusion.Summary);
        Assert.Equal(["(unknown to the model)", "0", "1"], confusion.Tables[0].Rows[2]);
        Assert.DoesNotContain("777", string.Join('\n', report.Results.SelectMany(result => new[] { result.Summary }.Concat(result.Conditions.Select(condition => condition.Measured + condition.Expected)).Concat(result.Tables.SelectMany(table => table.Rows).SelectMany(row => row)))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_OneClassOnly_IsUndefinedWhereTwoAreNeeded()
    {
        var rows = Rows([s_probabilities], new double[60], Numeric("a", s_labels));
        var report = await RunSuiteAsync(rows, rows, Binary("no", "yes"));
        Assert.Equal((CheckStatus.NotApplicable, null), (report["roc_auc"].Status, report["roc_auc"].Values["roc_auc.yes"]));
        Assert.Equal("undefined: 0 of 60 rows are of the class, and there is nothing to tell apart", report["roc_auc"].Conditions[0].Measured);
        Assert.Equal("undefined: on the training set only one class occurs", report["performance_degradation"].Conditions[2].Measured);
        Assert.Equal((CheckStatus.Pass, 0.5), (report["performance_degradation"].Status, report["performance_degradation"].Values["train_accuracy"]!.Value));
        Assert.Equal("undefined: the simple model is perfect, with f1_macro 1", report["simple_model_gain"].Conditions[0].Measured);
    }

    [Fact]
    public async Task Model_OneRow_HasAnOutcomeOfEachCheck()
    {
        var row = Rows([[0.9]], [1], Numeric("a", [1]), Text("g", ["x"], ColumnRole.Sensitive));
        var report = await RunSuiteAsync(row, row, Binary());
        Assert.DoesNotContain(report.Results, result => result.Status is CheckStatus.Error or CheckStatus.Fail);
        Assert.Equal("undefined: each dataset needs 10 rows with finite predictions", report["prediction_drift"].Conditions[0].Measured);
        Assert.Equal("There is 1 row to judge; values are shuffled among two at least.", report["unused_features"].Summary);
        Assert.Equal(1.0, report["performance_degradation"].Values["test_accuracy"]!.Value);

        var number = Rows([[2]], [1], Numeric("a", [1]));
        var regression = await RunSuiteAsync(number, number, Regression());
        var spread = await RunAsync(new PerformanceDegradationCheck { Metrics = ["r2"] }, new ValidationSubject(number) { Test = number, Predictor = Regression() });
        Assert.Equal("undefined: on the training set one row has no spread", spread.Conditions[0].Measured);
        Assert.Equal("undefined: all errors are the same", regression["regression_error_kurtosis"].Conditions[0].Measured);
        Assert.Equal((CheckStatus.Warn, 1.0), (regression["regression_bias"].Status, regression["regression_bias"].Values["bias_ratio"]!.Value));
    }

    [Fact]
    public async Task Model_NoRows_NothingIsDefined()
    {
        var rows = Rows([[]], [], Numeric("a", []), Text("g", [], ColumnRole.Sensitive));
        foreach (var predictor in new[] { Binary(), Regression() })
        {
            var report = await RunSuiteAsync(rows, rows, predictor);
            Assert.DoesNotContain(report.Results, result => result.Status is not (CheckStatus.NotApplicable or CheckStatus.Pass));
            Assert.Equal("undefined: on the training set no row has a label, a prediction and a weight", report["performance_degradation"].Conditions[0].Measured);
        }
    }

    [Fact]
    public async Task Model_PredictionsThatAreNaN_AreLeftOut()
    {
        double[] some = [.. s_probabilities];
        (some[0], some[1]) = (double.NaN, double.PositiveInfinity);
        var rows = Rows([some], s_labels, Numeric("a", s_labels));
        var report = await RunSuiteAsync(rows, rows, Binary());
        Assert.DoesNotContain(report.Results, result => result.Status == CheckStatus.Error);
        Assert.Contains("58 rows, 2 rows left out: 2 without a finite prediction", report["roc_auc"].Summary, StringComparison.Ordinal);
        Assert.Equal(["0", "29", "0", "1"], report["confusion_matrix"].Tables[0].Rows[0]);

        var none = Rows([[.. Enumerable.Repeat(double.NaN, 60)]], s_labels, Numeric("a", s_labels));
        var nothing = await RunSuiteAsync(none, none, Binary());
        Assert.Equal("undefined: each dataset needs 10 rows with finite predictions", nothing["prediction_drift"].Conditions[0].Measured);
        Assert.DoesNotContain(nothing.Results, result => result.Status is CheckStatus.Error or CheckStatus.Fail);
    }

    [Fact]
    public async Task Model_ConstantPredictions_AreChance()
    {
        var rows = Rows([[.. Enumerable.Repeat(0.6, 60)]], s_labels, Numeric("a", s_labels));
        var report = await RunSuiteAsync(rows, rows, Binary());
        Assert.Equal((CheckStatus.Fail, 0.5), (report["roc_auc"].Status, report["roc_auc"].Values["roc_auc.1"]!.Value));
        Assert.Equal((CheckStatus.Fail, 0.0), (report["simple_model_gain"].Status, report["simple_model_gain"].Values["gain_ratio"]!.Value));
        Assert.Equal((CheckStatus.Pass, 0.0), (report["prediction_drift"].Status, report["prediction_drift"].Values["drift"]!.Value));
    }

    [Fact]
    public async Task Model_ConstantTarget_HasNoGain()
    {
        double[] predictions = [.. Enumerable.Range(0, 60).Select(i => 4.9 + (i % 3 * 0.1))];
        var rows = Rows([predictions], [.. Enumerable.Repeat(5.0, 60)], Numeric("a", s_labels));
        var report = await RunSuiteAsync(rows, rows, Regression());
        Assert.Equal("undefined: the simple model is perfect, with rmse 0", report["simple_model_gain"].Conditions[0].Measured);
        var spread = await RunAsync(new PerformanceDegradationCheck { Metrics = ["r2"] }, new ValidationSubject(rows) { Test = rows, Predictor = Regression() });
        Assert.Equal((0.0, 0.0), (spread.Values["train_r2"]!.Value, spread.Values["r2_degradation_ratio"]!.Value));
        Assert.Equal((CheckStatus.Warn, -1.5), (report["regression_error_kurtosis"].Status, Math.Round(report["regression_error_kurtosis"].Values["kurtosis"]!.Value, 9)));
        Assert.DoesNotContain(report.Results, result => result.Status == CheckStatus.Error);
    }

    [Fact]
    public async Task Model_RowsOfNoWeight_DoNotCount()
    {
        // Right where the weight is 1, wrong where it is 0.
        double[] weights = [.. Enumerable.Range(0, 60).Select(i => i < 40 ? 1.0 : 0)];
        double[] predictions = [.. s_labels.Select((label, i) => i < 40 ? label : 1 - label)];
        var rows = Rows([predictions], s_labels, Numeric("a", s_labels), Weight(weights));
        var report = await RunSuiteAsync(rows, rows, Binary());
        Assert.Equal((1.0, 1.0), (report["confusion_matrix"].Values["accuracy"]!.Value, report["roc_auc"].Values["roc_auc.1"]!.Value));
        Assert.Contains("40 rows, 20 rows without a weight above 0 left out", report["roc_auc"].Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public async Task Model_WeightsThatAreNone_AreAnErrorThatNamesTheColumn(double weight)
    {
        var rows = Rows([[.. s_labels]], s_labels, Numeric("a", s_labels), Weight([.. s_labels.Select((_, i) => i == 7 ? weight : 1)]));
        var result = (await RunSuiteAsync(rows, rows, Binary()))["roc_auc"];
        Assert.Equal(CheckStatus.Error, result.Status);
        Assert.Contains("A weight is", result.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_ClassesWithoutNames_AreAskedForAndCanBeGiven()
    {
        double[][] predictions = [[.. s_probabilities.Select(p => 1 - p)], s_probabilities];
        var rows = Rows(predictions, null, Text("y", [.. s_labels.Select(label => label == 1 ? "yes" : "no")], ColumnRole.Label), Numeric("a", s_labels));
        var nameless = await RunSuiteAsync(rows, rows, Echo(2));
        Assert.StartsWith("The model names no classes for its output output: Float64[?, 2], so that", nameless["roc_auc"].Summary, StringComparison.Ordinal);
        Assert.Equal(["inference_time"], Applicable(nameless));

        var subject = new ValidationSubject(rows) { Test = rows, Predictor = Echo(2), Classes = ["no", "yes"] };
        Assert.Equal(1.0, (await ValidationSuite.Model().RunAsync(subject, Token))["roc_auc"].Values["roc_auc.yes"]!.Value);

        // One probability stands for two classes.
        var one = Rows([s_probabilities], null, Text("y", [.. s_labels.Select(label => label == 1 ? "yes" : "no")], ColumnRole.Label));
        Assert.Equal(1.0, (await RunAsync(new RocAucCheck(), new ValidationSubject(one) { Predictor = Echo(1), Classes = ["no", "yes"] })).Values["roc_auc.yes"]!.Value);
        Assert.Equal(0.01, (await RunAsync(new CalibrationCheck(), new ValidationSubject(one) { Predictor = Echo(1), Classes = ["no", "yes"] })).Values["brier.no"]!.Value, 1e-12);
        Assert.Contains("names classes, and the model does not name those of its output output: Float64[?, 1]", (await RunAsync(new ConfusionMatrixCheck(), new ValidationSubject(one) { Predictor = Echo(1) })).Summary, StringComparison.Ordinal);
        Assert.Contains("The model predicts numbers", (await RunAsync(new ConfusionMatrixCheck(), new ValidationSubject(Rows([s_probabilities], s_labels)) { Predictor = Echo(1) })).Summary, StringComparison.Ordinal);
        Assert.Equal("3 classes were named for the output output: Float64[?, 2].", (await RunAsync(new RocAucCheck(), subject with { Classes = ["a", "b", "c"] })).Summary);
    }

    [Fact]
    public async Task Model_NumbersThatAreNoProbabilities_AreRankedAndNotCalibrated()
    {
        double[] margins = [.. s_labels.Select(label => (label * 4) - 2)];
        var rows = Rows([[.. margins.Select(margin => -margin)], margins], s_labels, Numeric("a", s_labels));
        var report = await RunSuiteAsync(rows, rows, Echo(2, "0", "1"));
        Assert.Equal(1.0, report["roc_auc"].Values["roc_auc.1"]!.Value);
        Assert.Equal((null, "The probabilities cannot be judged: the model gives numbers that are no probabilities."), (report["calibration"].Values["brier.1"], report["calibration"].Summary));
        Assert.Equal("The model gives numbers that are no probabilities, so that rows have no loss.", report["weak_segments"].Summary);
    }

    [Fact]
    public async Task Model_ChosenOutput_IsJudged()
    {
        var signature = new ModelSignature([TensorSpec.Of<double>("x", 1, "p0")], [TensorSpec.Of<double>("embedding", 3), TensorSpec.Of<double>("score")]);
        var predictor = new DelegatePredictor(signature, (inputs, outputs) =>
        {
            outputs.Get<double>(0).Span.Clear();
            inputs.Get<double>(0).Span.CopyTo(outputs.Get<double>(1).Span);
        });
        var subject = new ValidationSubject(Rows([[1, 2, 4]], [1, 2, 3])) { Predictor = predictor };
        Assert.Contains("embedding", (await RunAsync(new RegressionBiasCheck(), subject)).Summary, StringComparison.Ordinal);
        Assert.Equal(1 / 3.0, (await RunAsync(new RegressionBiasCheck(), subject with { Output = 1 })).Values["bias"]!.Value, 1e-12);
        Assert.Equal("The model has no output 5; it has 2.", (await RunAsync(new RegressionBiasCheck(), subject with { Output = 5 })).Summary);
    }

    [Fact]
    public async Task Model_PredictorThatThrows_IsAnErrorOfWhatNeedsIt()
    {
        var calls = 0;
        var predictor = new DelegatePredictor(Binary().Signature, (_, outputs) =>
        {
            if (calls++ > 0) throw new PredictionFailedException("m", "The model is broken.");
            outputs.Get<double>(0).Span.Clear();
        });
        var rows = Rows([[.. s_probabilities, .. s_probabilities]], [.. s_labels, .. s_labels], Numeric("a", [.. s_labels, .. s_labels]));
        var report = await RunSuiteAsync(rows, rows, predictor);
        Assert.All(report.Results.Where(result => result.Status != CheckStatus.NotApplicable), result => Assert.Equal(CheckStatus.Error, result.Status));
        Assert.Contains("The model is broken.", report["roc_auc"].Summary, StringComparison.Ordinal);
        Assert.Equal(CheckStatus.Error, report.Status);
    }

    [Fact]
    public async Task Model_Cancelled_Ends()
    {
        using var cancellation = new CancellationTokenSource();
        var calls = 0;
        var predictor = new DelegatePredictor(Binary().Signature, (_, outputs) =>
        {
            outputs.Get<double>(0).Span.Fill(0.5);
            // The two passes are over; a check predicts its sample.
            if (++calls == 3) cancellation.Cancel();
        });
        var rows = Rows([s_probabilities], s_labels, Numeric("a", s_labels));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ValidationSuite.Model().RunAsync(rows, rows, predictor, cancellation.Token));
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Model_ManyBatches_AreCollectedOnce()
    {
        var rowsPredicted = 0;
        var predictor = new DelegatePredictor(Binary().Signature, (inputs, outputs) =>
        {
            rowsPredicted += inputs.Rows;
            for (var row = 0; row < inputs.Rows; row++) outputs.Get<double>(0).WriteRow(row, [1 - inputs.Get<double>(0).Span[row], inputs.Get<double>(0).Span[row]]);
        });
        var rows = Rows([[.. Enumerable.Repeat(s_probabilities, 10).SelectMany(p => p)]], [.. Enumerable.Repeat(s_labels, 10).SelectMany(y => y)]);
        var suite = new ValidationSuite("passes", new PerformanceDegradationCheck(), new RocAucCheck(), new ConfusionMatrixCheck(), new PredictionDriftCheck(), new SimpleModelGainCheck(), new CalibrationCheck());
        var report = await suite.RunAsync(rows, rows, predictor, Token);
        Assert.Equal((1200, CheckStatus.Pass), (rowsPredicted, report.Status));
    }

    private static Task<ValidationSuiteReport> RunSuiteAsync(IDataset train, IDataset? test, IPredictor predictor)
        => ValidationSuite.Model().With(new InferenceTimeCheck { MaximumTimePerRow = TimeSpan.FromMinutes(1) }).RunAsync(new ValidationSubject(train) { Test = test, Predictor = predictor }, Token);

    private static string[] Applicable(ValidationSuiteReport report) => [.. report.Results.Where(result => result.Status != CheckStatus.NotApplicable).Select(result => result.Check)];
}
