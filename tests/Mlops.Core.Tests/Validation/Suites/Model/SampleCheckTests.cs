using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Models;
using Mlops.Testing;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.ModelCheckData;

namespace Mlops.Core.Tests.Validation;

/// <summary>Checks that look for something in samples: weak segments, unused features, overfit, speed.</summary>
public sealed class SampleCheckTests
{
    [Fact]
    public async Task WeakSegments_WeakPartOfTwoColumns_IsThatOfTheTreesOfScikitLearn()
    {
        var golden = Golden("segments");
        var subject = new ValidationSubject(Rows([golden.Numbers("p")], golden.Numbers("y"), Numeric("a", golden.Column("x", 0)), Numeric("b", golden.Column("x", 1)))) { Predictor = Binary() };
        var result = await RunAsync(new WeakSegmentsCheck(), subject);
        Assert.Equal(golden.Number("average"), result.Values["average_score"]!.Value, 1e-12);
        Assert.Equal(golden.Number("weakest"), result.Values["weakest_score"]!.Value, 1e-12);
        Assert.Equal(golden.Number("weakest") / golden.Number("average"), result.Values["weakest_ratio"]!.Value, 1e-12);
        Assert.Equal(golden.Number("rows") / 400, result.Values["weakest_rows_ratio"]!.Value, 1e-12);
        Assert.Equal(CheckStatus.Warn, result.Status);
        Assert.Contains("26 rows told apart by 'a' and 'b'", result.Conditions[0].Measured, StringComparison.Ordinal);
        Assert.Contains("'a' from its 0.", result.Tables[0].Rows[0][0], StringComparison.Ordinal);
        Assert.Equal(CheckStatus.Pass, (await RunAsync(new WeakSegmentsCheck { MinimumScoreRatio = 0.37 }, subject)).Status);
        var failing = await RunAsync(new WeakSegmentsCheck { MinimumScoreRatio = 0.38, Severity = ValidationSeverity.Error, ShowsValues = true }, subject);
        Assert.Equal(CheckStatus.Fail, failing.Status);
        Assert.Contains("< 'a'", failing.Tables[0].Rows[0][0], StringComparison.Ordinal);

        // Half of the rows in a segment leave room for one split only.
        Assert.True((await RunAsync(new WeakSegmentsCheck { MinimumSegmentRatio = 0.4 }, subject)).Values["weakest_rows_ratio"] >= 0.4);
    }

    [Fact]
    public async Task WeakSegments_CategoryAndMissingValuesOfARegression_AreFound()
    {
        // Errors of 3 where the category is 'z' and of 1 elsewhere: RMSE √(0.8 + 0.2·9) = √2.6; the weakest has 3.
        double[] labels = new double[200];
        double[] predictions = [.. Enumerable.Range(0, 200).Select(i => (i % 5 == 0 ? 3.0 : 1) * (i % 2 == 0 ? 1 : -1))];
        var category = Text("c", [.. Enumerable.Range(0, 200).Select(i => i % 5 == 0 ? "z" : i % 5 < 3 ? "x" : "y")]);
        var byCategory = await RunAsync(new WeakSegmentsCheck(), new ValidationSubject(Rows([predictions], labels, category)) { Predictor = Regression() });
        Assert.Equal(Math.Sqrt(2.6) / 3, byCategory.Values["weakest_ratio"]!.Value, 1e-12);
        Assert.Equal((CheckStatus.Warn, "1 of 3 categories of 'c'"), (byCategory.Status, byCategory.Tables[0].Rows[0][0]));

        var missing = Numeric("m", [.. Enumerable.Range(0, 200).Select(i => i % 5 == 0 ? double.NaN : i)]);
        var byMissing = await RunAsync(new WeakSegmentsCheck(), new ValidationSubject(Rows([predictions], labels, missing)) { Predictor = Regression() });
        Assert.Equal((Math.Sqrt(2.6) / 3, 0.2), (byMissing.Values["weakest_ratio"]!.Value, byMissing.Values["weakest_rows_ratio"]!.Value));
        // Nowhere a value of the data.
        Assert.DoesNotContain("z", byCategory.Tables[0].Rows[0][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task WeakSegments_LossThatNoColumnTells_Passes()
    {
        double[] predictions = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? 1.0 : -1)];
        var result = await RunAsync(new WeakSegmentsCheck(), new ValidationSubject(Rows([predictions], new double[100], Numeric("a", [.. Enumerable.Range(0, 100).Select(i => (double)i)]))) { Predictor = Regression() });
        Assert.Equal((CheckStatus.Pass, 1.0, "no feature tells rows with a large loss apart"), (result.Status, result.Values["weakest_ratio"]!.Value, result.Conditions[0].Measured));
    }

    [Fact]
    public async Task WeakSegments_TooFewRowsOrNoFeatures_IsNotApplicable()
    {
        var few = await RunAsync(new WeakSegmentsCheck(), new ValidationSubject(Rows([new double[19]], new double[19], Numeric("a", new double[19]))) { Predictor = Regression() });
        Assert.Equal((CheckStatus.NotApplicable, "There are 19 rows to judge; two segments need 20 rows."), (few.Status, few.Summary));
        Assert.Equal("There is no feature of one element in each row.", (await RunAsync(new WeakSegmentsCheck(), new ValidationSubject(Rows([[1]], [1])) { Predictor = Regression() })).Summary);
    }

    [Fact]
    public async Task UnusedFeatures_LinearModel_HasTheImportancesOfNumPy()
    {
        var golden = Golden("permutation");
        var subject = Linear(golden) with { Seed = 7 };
        var result = await RunAsync(new UnusedFeaturesCheck(), subject);
        var importances = golden.Numbers("importances");
        for (var i = 0; i < 4; i++) Assert.Equal(importances[i], result.Values[$"importance.{"abcd"[i]}"]!.Value, 1e-9);
        // Mean 0.881: 0.2 of that is less than the 0.435 of b.
        Assert.Equal((CheckStatus.Pass, 2.0, 2.0), (result.Status, result.Values["unused"]!.Value, result.Values["unused_varying"]!.Value));
        var strict = await RunAsync(new UnusedFeaturesCheck { MaximumUnused = 1 }, subject);
        Assert.Equal((CheckStatus.Warn, "2: c, d"), (strict.Status, strict.Conditions[0].Measured));
        Assert.Equal("3: b, c, d", (await RunAsync(new UnusedFeaturesCheck { MaximumUnused = 0, MinimumImportanceRatio = 0.5 }, subject)).Conditions[0].Measured);
        Assert.Equal(["used", "used", "unused", "no input of the model"], result.Tables[0].Rows.Select(row => row[4]));
    }

    [Fact]
    public async Task UnusedFeatures_OnesThatHardlyVary_DoNotCount()
    {
        var golden = Golden("permutation");
        double[] rare = [.. Enumerable.Range(0, 120).Select(i => i < 2 ? 1.0 : 0)];
        var subject = Linear(golden, Numeric("constant", new double[120]), Numeric("rare", rare), Text("text", [.. Enumerable.Range(0, 120).Select(i => $"{i % 4}")]));
        var result = await RunAsync(new UnusedFeaturesCheck { MaximumUnused = 2 }, subject);
        Assert.Equal((5.0, "3: c, d, text"), (result.Values["unused"]!.Value, result.Conditions[0].Measured));
        Assert.Equal(CheckStatus.Warn, result.Status);
        var every = await RunAsync(new UnusedFeaturesCheck { MaximumUnused = 3, MinimumSpreadRatio = 0 }, subject);
        Assert.Equal("4: c, d, rare, text", every.Conditions[0].Measured); // A constant says nothing to anyone.
    }

    [Fact]
    public async Task UnusedFeatures_ConstantModel_UsesNone()
    {
        var subject = new ValidationSubject(Rows([new double[50]], [.. Enumerable.Range(0, 50).Select(i => (double)i)], Numeric("a", [.. Enumerable.Range(0, 50).Select(i => (double)i)]))) { Predictor = Regression() };
        var result = await RunAsync(new UnusedFeaturesCheck { MaximumUnused = 0 }, subject);
        Assert.Equal((CheckStatus.Warn, "1: a"), (result.Status, result.Conditions[0].Measured));
    }

    [Fact]
    public async Task BoostingOverfit_ModelThatGetsWorse_Fails()
    {
        // After stage k, test errors are |k − 3| + 1: best after 3 stages with 1, 3 after all 5. Training errors fall all the way.
        var predictor = new StagedPredictor(5, (stage, isTrain) => isTrain ? 5 - stage : Math.Abs(stage - 3) + 1);
        var subject = StagedSubject(predictor);
        var result = await RunAsync(new BoostingOverfitCheck(), subject);
        Assert.Equal((2.0, 1.0, 3.0, 3.0), (result.Values["decline_ratio"]!.Value, result.Values["best_score"]!.Value, result.Values["best_stages"]!.Value, result.Values["last_score"]!.Value));
        Assert.Equal((CheckStatus.Fail, "200 %: 1 after 3 stages, 3 after all 5"), (result.Status, result.Conditions[0].Measured));
        Assert.Equal([["1", "4", "3"], ["2", "3", "2"], ["3", "2", "1"], ["4", "1", "2"], ["5", "0", "3"]], result.Tables[0].Rows);
        Assert.Equal(CheckStatus.Pass, (await RunAsync(new BoostingOverfitCheck { MaximumDeclineRatio = 2.5 }, subject)).Status);
        Assert.Equal(5, predictor.Disposed / 2);
    }

    [Fact]
    public async Task BoostingOverfit_ModelThatGetsBetter_Passes()
    {
        var result = await RunAsync(new BoostingOverfitCheck { Steps = 4 }, StagedSubject(new StagedPredictor(50, (stage, _) => 100 - stage)));
        Assert.Equal((CheckStatus.Pass, 0.0), (result.Status, result.Values["decline_ratio"]!.Value));
        Assert.Equal(["13", "25", "38", "50"], result.Tables[0].Rows.Select(row => row[0]));
    }

    [Fact]
    public async Task BoostingOverfit_ModelWithoutStages_IsNotApplicable()
    {
        var result = await RunAsync(new BoostingOverfitCheck(), Subject("regression", false, Regression()));
        Assert.Equal((CheckStatus.NotApplicable, "The model was not made in stages, or does not offer them (IStagedPredictor)."), (result.Status, result.Summary));
        Assert.Equal("The model has one stage only.", (await RunAsync(new BoostingOverfitCheck(), StagedSubject(new StagedPredictor(1, (_, _) => 1)))).Summary);
        Assert.Equal(CheckStatus.Fail, (await RunAsync(new BoostingOverfitCheck(), StagedSubject(new StagedPredictor(3, (stage, _) => stage - 1)))).Status); // From a perfect start.
    }

    [Fact]
    public async Task InferenceTime_ClockOfTheSuite_GivesTheMedian()
    {
        var clock = new ManualTimeProvider();
        var calls = 0;
        // The pass over the rows, a warm-up, then 1, 2, …, 5 seconds for 10 rows.
        var predictor = new DelegatePredictor(Regression().Signature, (_, _) => clock.Advance(TimeSpan.FromSeconds(Math.Max(0, calls++ - 1))));
        var subject = new ValidationSubject(Rows([new double[30]], null)) { Predictor = predictor };
        var result = (await new ValidationSuite("speed", new InferenceTimeCheck { Repeats = 5, BatchRows = 10 }) { TimeProvider = clock }.RunAsync(subject, Token))["inference_time"];
        Assert.Equal((0.3, 0.1, 0.5), (result.Values["seconds_per_row"]!.Value, result.Values["fastest_seconds_per_row"]!.Value, result.Values["slowest_seconds_per_row"]!.Value));
        Assert.Equal((CheckStatus.Warn, "300 ms, the median of 5 predictions of 10 rows"), (result.Status, result.Conditions[0].Measured));

        calls = 0;
        var patient = new InferenceTimeCheck { Repeats = 5, BatchRows = 10, MaximumTimePerRow = TimeSpan.FromMilliseconds(301) };
        Assert.Equal(CheckStatus.Pass, (await new ValidationSuite("speed", patient) { TimeProvider = clock }.RunAsync(subject, Token)).Status);
        Assert.Equal("There is no row to predict.", (await RunAsync(new InferenceTimeCheck(), new ValidationSubject(Rows([[]], null)) { Predictor = predictor })).Summary);
        Assert.Throws<ArgumentOutOfRangeException>(() => new InferenceTimeCheck { Repeats = 0 });
    }

    /// <summary>The model 2a + b/2 + 0c over the columns a to d, of which d is no input.</summary>
    private static ValidationSubject Linear(System.Text.Json.JsonElement golden, params (ColumnSchema Schema, Column Values)[] others)
    {
        var signature = new ModelSignature([TensorSpec.Of<double>("x", 3, "a", "b", "c")], [TensorSpec.Of<double>("y")]);
        var predictor = new DelegatePredictor(signature, (inputs, outputs) =>
        {
            for (var row = 0; row < inputs.Rows; row++)
            {
                var x = inputs.Get<double>(0).GetRow(row);
                outputs.Get<double>(0).Span[row] = (2 * x[0]) + (0.5 * x[1]) + (0 * x[2]);
            }
        });
        return new ValidationSubject(Rows([], golden.Numbers("y"), [.. Enumerable.Range(0, 4).Select(i => Numeric("abcd"[i].ToString(), golden.Column("x", i))), .. others])) { Predictor = predictor };
    }

    private static ValidationSubject StagedSubject(IPredictor predictor)
        => new(Rows([[1, 1, 1]], [0, 0, 0])) { Test = Rows([[0, 0, 0]], [0, 0, 0]), Predictor = predictor };

    /// <summary>A model of stages whose error for rows of the training set (p0 = 1) and others is given for each stage.</summary>
    private sealed class StagedPredictor(int stages, Func<int, bool, double> errorOf) : IPredictor, IStagedPredictor
    {
        private readonly StagedPredictor? _parent;
        private readonly int _limit = stages;

        private StagedPredictor(StagedPredictor parent, int limit, Func<int, bool, double> errorOf)
            : this(parent.StageCount, errorOf) => (_parent, _limit) = (parent, limit);

        public ModelSignature Signature { get; } = Regression().Signature;

        public int StageCount { get; } = stages;

        public int Disposed { get; private set; }

        public IPredictor CreateStagePredictor(int count)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, StageCount);
            return new StagedPredictor(this, count, errorOf);
        }

        public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            for (var row = 0; row < inputs.Rows; row++) outputs.Get<double>(0).Span[row] = errorOf(_limit, inputs.Get<double>(0).Span[row] == 1);
            return ValueTask.CompletedTask;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

        public ValueTask DisposeAsync()
        {
            if (_parent is not null) _parent.Disposed++;
            return ValueTask.CompletedTask;
        }
    }
}
