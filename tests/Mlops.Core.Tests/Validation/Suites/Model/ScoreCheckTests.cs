using Mlops.Validation;
using static Mlops.Core.Tests.Validation.ModelCheckData;

namespace Mlops.Core.Tests.Validation;

/// <summary>Checks that judge by all rows, against figures of scikit-learn, SciPy and NumPy.</summary>
public sealed class ScoreCheckTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("weighted")]
    public async Task PerformanceDegradation_Binary_IsThatOfScikitLearn(string weighting)
    {
        var golden = Golden("binary").GetProperty(weighting);
        var result = await RunAsync(new PerformanceDegradationCheck(), Subject("binary", weighting == "weighted", Binary()));
        foreach (var metric in (string[])["accuracy", "f1_macro", "roc_auc"])
        {
            var (train, test) = (golden.Number("train", metric), golden.Number("test", metric));
            Assert.Equal(train, result.Values[$"train_{metric}"]!.Value, 1e-9);
            Assert.Equal(test, result.Values[$"test_{metric}"]!.Value, 1e-9);
            Assert.Equal((train - test) / train, result.Values[$"{metric}_degradation_ratio"]!.Value, 1e-9);
        }

        // 0.8433 → 0.765 is 9.3 %.
        if (weighting == "plain") Assert.Equal(CheckStatus.Pass, result.Conditions[0].Status);
        var strict = await RunAsync(new PerformanceDegradationCheck { MaximumDegradationRatio = 0.09, Metrics = ["accuracy"] }, Subject("binary", false, Binary()));
        Assert.Equal((CheckStatus.Fail, 1), (strict.Status, strict.Conditions.Count));
        Assert.Equal("0.8433 on the training set, 0.765 on the test set, 9.29 % worse", strict.Conditions[0].Measured);
        Assert.Equal("accuracy degrades by less than 9 %", strict.Conditions[0].Expected);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("weighted")]
    public async Task PerformanceDegradation_Regression_IsThatOfScikitLearn(string weighting)
    {
        var golden = Golden("regression").GetProperty(weighting);
        var result = await RunAsync(new PerformanceDegradationCheck { Metrics = ["rmse", "mae", "r2"] }, Subject("regression", weighting == "weighted", Regression()));
        foreach (var metric in (string[])["rmse", "mae", "r2"])
        {
            var (train, test) = (golden.Number("train", metric), golden.Number("test", metric));
            Assert.Equal((metric == "r2" ? train - test : test - train) / train, result.Values[$"{metric}_degradation_ratio"]!.Value, 1e-9);
        }

        Assert.Equal(CheckStatus.Fail, result.Status);
        Assert.Equal(CheckStatus.Pass, (await RunAsync(new PerformanceDegradationCheck { MaximumDegradationRatio = 0.5 }, Subject("regression", false, Regression()))).Status);
        Assert.Equal(CheckStatus.Warn, (await RunAsync(new PerformanceDegradationCheck { Severity = ValidationSeverity.Warning }, Subject("regression", false, Regression()))).Status);
    }

    [Fact]
    public async Task PerformanceDegradation_FromAPerfectScore_FailsWithoutARatio()
    {
        var subject = new ValidationSubject(Rows([[1, 2, 3]], [1, 2, 3])) { Test = Rows([[1, 2, 3]], [1, 2, 5]), Predictor = Regression() };
        var result = await RunAsync(new PerformanceDegradationCheck { Metrics = ["rmse"] }, subject);
        Assert.Equal((CheckStatus.Fail, null), (result.Status, result.Values["rmse_degradation_ratio"]));
        Assert.Equal("0 on the training set, 1.1547 on the test set", result.Conditions[0].Measured);
        Assert.Equal(CheckStatus.Pass, (await RunAsync(new PerformanceDegradationCheck { Metrics = ["rmse"] }, subject with { Test = subject.Train })).Status);
    }

    [Fact]
    public async Task RocAuc_ThreeClasses_AreThoseOfScikitLearn()
    {
        var golden = Golden("multiclass");
        var subject = Multiclass();
        var result = await RunAsync(new RocAucCheck(), subject);
        for (var k = 0; k < 3; k++) Assert.Equal(golden.Numbers("auc")[k], result.Values[$"roc_auc.{"abc"[k]}"]!.Value, 1e-9);
        Assert.Equal(CheckStatus.Pass, result.Status);

        // 0.853, 0.844, 0.889: the second is below 0.85.
        var strict = await RunAsync(new RocAucCheck { MinimumArea = 0.85 }, subject);
        Assert.Equal([CheckStatus.Pass, CheckStatus.Fail, CheckStatus.Pass], strict.Conditions.Select(condition => condition.Status));
        Assert.Equal(("the area under the ROC curve of class 'b' is above 0.85", "0.8442"), (strict.Conditions[1].Expected, strict.Conditions[1].Measured));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("weighted")]
    public async Task RocAucCalibrationAndConfusion_Binary_AreThoseOfScikitLearn(string weighting)
    {
        var golden = Golden("binary").GetProperty(weighting).GetProperty("test");
        var subject = Subject("binary", weighting == "weighted", Binary("no", "yes"));
        Assert.Equal(golden.Number("roc_auc"), (await RunAsync(new RocAucCheck(), subject)).Values["roc_auc.yes"]!.Value, 1e-9);

        var calibration = await RunAsync(new CalibrationCheck(), subject);
        Assert.Equal(golden.Number("brier"), calibration.Values["brier.yes"]!.Value, 1e-9);
        Assert.Equal(golden.Number("brier"), calibration.Values["brier.no"]!.Value, 1e-9);
        Assert.Equal(golden.Number("ece"), calibration.Values["calibration_error.yes"]!.Value, 1e-9);
        Assert.Equal((CheckStatus.Pass, 0), (calibration.Status, calibration.Conditions.Count));
        Assert.Equal(200, calibration.Tables[1].Rows.Sum(row => int.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture)));
        var limited = await RunAsync(new CalibrationCheck { MaximumBrier = golden.Number("brier") - 1e-6, MaximumCalibrationError = golden.Number("ece") + 1e-6 }, subject);
        Assert.Equal([CheckStatus.Warn, CheckStatus.Pass], limited.Conditions.Skip(2).Select(condition => condition.Status));

        var confusion = await RunAsync(new ConfusionMatrixCheck(), subject);
        Assert.Equal(golden.Number("accuracy"), confusion.Values["accuracy"]!.Value, 1e-9);
        Assert.Equal(golden.Numbers("precision"), [confusion.Values["precision.no"]!.Value, confusion.Values["precision.yes"]!.Value], Close);
        Assert.Equal(golden.Numbers("recall"), [confusion.Values["recall.no"]!.Value, confusion.Values["recall.yes"]!.Value], Close);
        Assert.Equal(golden.Numbers("f1"), [confusion.Values["f1.no"]!.Value, confusion.Values["f1.yes"]!.Value], Close);
        string[][] matrix = [.. golden.GetProperty("confusion").EnumerateArray().Select(row => row.EnumerateArray().Select(count => count.ToString()).ToArray())];
        Assert.Equal(["true class", "taken for no", "taken for yes"], confusion.Tables[0].Headers);
        Assert.Equal([["no", .. matrix[0]], ["yes", .. matrix[1]]], confusion.Tables[0].Rows);
    }

    [Fact]
    public async Task ConfusionMatrix_ManyClasses_ShowsTheirFiguresOnly()
        => Assert.Equal("Figures of each class", Assert.Single((await RunAsync(new ConfusionMatrixCheck { MaximumClasses = 2 }, Multiclass())).Tables).Title);

    [Fact]
    public async Task Calibration_ThreeClasses_IsThatOfScikitLearn()
    {
        var result = await RunAsync(new CalibrationCheck(), Multiclass());
        for (var k = 0; k < 3; k++) Assert.Equal(Golden("multiclass").Numbers("brier")[k], result.Values[$"brier.{"abc"[k]}"]!.Value, 1e-9);
    }

    [Fact]
    public async Task PredictionDrift_EachTask_HasItsDistance()
    {
        var binary = await RunAsync(new PredictionDriftCheck(), Subject("binary", false, Binary("no", "yes")));
        Assert.Equal(Golden("binary").Number("ks"), binary.Values["drift"]!.Value, 1e-12);
        Assert.Equal((CheckStatus.Fail, "the Kolmogorov–Smirnov statistic of the probability of class 'yes' is below 0.15"), (binary.Status, binary.Conditions[0].Expected));

        var regression = await RunAsync(new PredictionDriftCheck(), Subject("regression", false, Regression()));
        Assert.Equal(Golden("regression").Number("ks"), regression.Values["drift"]!.Value, 1e-12);
        Assert.Equal(CheckStatus.Pass, regression.Status);
        var ofChance = await RunAsync(new PredictionDriftCheck { MaximumDrift = 0.11 }, Subject("regression", false, Regression()));
        Assert.Equal(CheckStatus.Pass, ofChance.Status);
        Assert.EndsWith(", no more than chance makes of so few rows", ofChance.Conditions[0].Measured, StringComparison.Ordinal);

        var multiclass = await RunAsync(new PredictionDriftCheck(), Multiclass());
        Assert.Equal(Golden("multiclass").Number("drift"), multiclass.Values["drift"]!.Value, 1e-9);
        Assert.Equal((CheckStatus.Fail, 3), (multiclass.Status, multiclass.Tables[0].Rows.Count));
        Assert.Equal(CheckStatus.Pass, (await RunAsync(new PredictionDriftCheck { MaximumDrift = 0.3 }, Multiclass())).Status);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("weighted")]
    public async Task SimpleModelGain_Constant_IsThatOfTheDummiesOfScikitLearn(string weighting)
    {
        var (binary, regression) = (Golden("binary").GetProperty(weighting), Golden("regression").GetProperty(weighting));
        var classes = await RunAsync(new SimpleModelGainCheck(), Subject("binary", weighting == "weighted", Binary()));
        Assert.Equal(binary.Number("simple_f1"), classes.Values["simple_f1_macro"]!.Value, 1e-9);
        Assert.Equal(binary.Number("gain"), classes.Values["gain_ratio"]!.Value, 1e-9);
        var numbers = await RunAsync(new SimpleModelGainCheck(), Subject("regression", weighting == "weighted", Regression()));
        Assert.Equal(regression.Number("simple_rmse"), numbers.Values["simple_rmse"]!.Value, 1e-9);
        Assert.Equal(regression.Number("gain"), numbers.Values["gain_ratio"]!.Value, 1e-9);
        Assert.Equal((CheckStatus.Pass, CheckStatus.Pass), (classes.Status, numbers.Status));
        Assert.Equal(CheckStatus.Fail, (await RunAsync(new SimpleModelGainCheck { MinimumGainRatio = 0.65 }, Subject("regression", weighting == "weighted", Regression()))).Status);
    }

    [Fact]
    public async Task SimpleModelGain_MoreClassesAndOtherMetrics_AreCompared()
    {
        var golden = Golden("multiclass");
        var result = await RunAsync(new SimpleModelGainCheck(), Multiclass());
        Assert.Equal((golden.Number("f1_macro") - golden.Number("simple_f1")) / (1 - golden.Number("simple_f1")), result.Values["gain_ratio"]!.Value, 1e-9);
        var byAccuracy = await RunAsync(new SimpleModelGainCheck { Metric = "accuracy" }, Multiclass());
        Assert.Equal(golden.Number("accuracy"), byAccuracy.Values["accuracy"]!.Value, 1e-9);
        Assert.Equal(CheckStatus.Error, (await RunAsync(new SimpleModelGainCheck { Metric = "rmse" }, Multiclass())).Status);
        Assert.Throws<ArgumentException>(() => new SimpleModelGainCheck { Metric = "best" });
    }

    [Fact]
    public async Task SimpleModelGain_Stratified_DrawsTheSharesOfTheTrainingSet()
    {
        // 3 of 4 are of class 1: draws are right in 1/16 + 9/16 of the rows that have the same shares.
        double[] labels = [.. Enumerable.Range(0, 4000).Select(i => i % 4 == 0 ? 0.0 : 1)];
        var subject = new ValidationSubject(Rows([labels], labels)) { Test = Rows([labels], labels), Predictor = Binary() };
        var check = new SimpleModelGainCheck { SimpleModel = SimpleModelKind.Stratified, Metric = "accuracy" };
        var result = await RunAsync(check, subject);
        Assert.Equal(0.625, result.Values["simple_accuracy"]!.Value, 0.03);
        Assert.Equal(1, result.Values["gain_ratio"]!.Value, 1e-12);
        Assert.Equal(result.Values, (await RunAsync(check, subject)).Values);
        Assert.NotEqual(result.Values["simple_accuracy"], (await RunAsync(check, subject with { Seed = 1 })).Values["simple_accuracy"]);

        // Two draws from the same numbers are √2 standard deviations apart.
        double[] numbers = [.. Enumerable.Range(0, 4000).Select(i => (double)(i % 10))];
        var regression = await RunAsync(new SimpleModelGainCheck { SimpleModel = SimpleModelKind.Stratified }, new ValidationSubject(Rows([numbers], numbers)) { Test = Rows([numbers], numbers), Predictor = Regression() });
        Assert.Equal(Math.Sqrt(2 * 8.25), regression.Values["simple_rmse"]!.Value, 0.15);

        // Weights draw: rows of weight 0 never occur.
        var weights = labels.Select(label => label * 2).ToArray();
        var weighted = await RunAsync(check, subject with { Train = Rows([labels], labels, Weight(weights)) });
        Assert.Equal(0.75, weighted.Values["simple_accuracy"]!.Value, 1e-12);
    }

    [Fact]
    public async Task SimpleModelGain_TreeOverOneFeature_IsThatOfScikitLearn()
    {
        var golden = Golden("single_tree");
        Mlops.Data.IDataset Part(string name)
        {
            var part = golden.GetProperty(name);
            return Rows([part.Numbers("p")], part.Numbers("y"), Numeric("a", part.Column("x", 0)), Numeric("b", part.Column("x", 1)));
        }

        var check = new SimpleModelGainCheck { SimpleModel = SimpleModelKind.SingleFeatureTree };
        var result = await RunAsync(check, new ValidationSubject(Part("train")) { Test = Part("test"), Predictor = Binary() });
        Assert.Equal(golden.Number("simple_f1"), result.Values["simple_f1_macro"]!.Value, 1e-9);
        Assert.Equal(golden.Number("gain"), result.Values["gain_ratio"]!.Value, 1e-9);
        Assert.Contains("a tree of the column 'a'", result.Conditions[0].Expected, StringComparison.Ordinal);
        Assert.Equal(CheckStatus.NotApplicable, (await RunAsync(check, Subject("binary", false, Binary()))).Status);
    }

    [Fact]
    public async Task SimpleModelGain_TreeOverCategories_KnowsThem()
    {
        // The category decides; one that the training set does not have is taken for the average.
        string?[] categories = [.. Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? "x" : i % 3 == 1 ? "y" : null)];
        double[] labels = [.. Enumerable.Range(0, 300).Select(i => i % 3 == 1 ? 10.0 : i % 3 == 0 ? 0 : 4)];
        var subject = new ValidationSubject(Rows([labels], labels, Text("c", categories))) { Test = Rows([labels], labels, Text("c", categories)), Predictor = Regression() };
        var result = await RunAsync(new SimpleModelGainCheck { SimpleModel = SimpleModelKind.SingleFeatureTree }, subject);
        Assert.Equal((0.0, null), (result.Values["simple_rmse"], result.Values["gain_ratio"]));
        Assert.Equal((CheckStatus.NotApplicable, "undefined: the simple model is perfect, with rmse 0"), (result.Status, result.Conditions[0].Measured));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("weighted")]
    public async Task RegressionErrors_AreThoseOfSciPy(string weighting)
    {
        var golden = Golden("regression").GetProperty(weighting);
        var subject = Subject("regression", weighting == "weighted", Regression());
        var kurtosis = await RunAsync(new RegressionErrorKurtosisCheck(), subject);
        Assert.Equal(golden.Number("kurtosis"), kurtosis.Values["kurtosis"]!.Value, 1e-9);
        Assert.Equal(CheckStatus.Pass, kurtosis.Status);
        Assert.Equal(CheckStatus.Warn, (await RunAsync(new RegressionErrorKurtosisCheck { MinimumKurtosis = 5 }, subject)).Status);

        var bias = await RunAsync(new RegressionBiasCheck(), subject);
        Assert.Equal(golden.Number("bias"), bias.Values["bias"]!.Value, 1e-9);
        Assert.Equal(golden.Number("bias_standard_error"), bias.Values["bias_standard_error"]!.Value, 1e-9);
        Assert.Equal(golden.Number("bias") / golden.Number("test", "rmse"), bias.Values["bias_ratio"]!.Value, 1e-9);
        Assert.Equal((CheckStatus.Warn, true), (bias.Status, bias.Conditions[0].Measured.Contains("too high on average; the standard error is ", StringComparison.Ordinal)));
        Assert.Equal(CheckStatus.Pass, (await RunAsync(new RegressionBiasCheck { MaximumBiasRatio = 0.5 }, subject)).Status);
    }

    [Fact]
    public async Task RegressionErrorKurtosis_TwoHeaps_IsMinusTwo()
    {
        double[] predictions = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? 1.0 : -1)];
        var result = await RunAsync(new RegressionErrorKurtosisCheck(), new ValidationSubject(Rows([predictions], new double[100])) { Predictor = Regression() });
        Assert.Equal((CheckStatus.Warn, -2.0), (result.Status, result.Values["kurtosis"]!.Value));
        Assert.Equal(0, (await RunAsync(new RegressionBiasCheck(), new ValidationSubject(Rows([predictions], new double[100])) { Predictor = Regression() })).Values["bias_ratio"]!.Value, 1e-12);
    }

    private static ValidationSubject Multiclass()
    {
        Mlops.Data.IDataset Part(string name)
        {
            var part = Golden("multiclass").GetProperty(name);
            return Rows([part.Column("p", 0), part.Column("p", 1), part.Column("p", 2)], null, Text("y", [.. part.Numbers("y").Select(y => "abc"[(int)y].ToString())], Mlops.Data.ColumnRole.Label));
        }

        return new ValidationSubject(Part("train")) { Test = Part("test"), Predictor = Echo(3, "a", "b", "c") };
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) < 1e-9;
}
