using Mlops.Models;

namespace Mlops.Training.Tests;

public sealed class PreprocessingPlanTests
{
    [Fact]
    public void ToParams_Plan_TellsEachRuleInOneLine()
    {
        var plan = new PreprocessingPlan(
            PreprocessingRule.Drop("id"),
            PreprocessingRule.For(["a", "b"], new ImputeStep { Value = NumericImputation.Median, AddIndicator = true }, new QuantileClipStep { LowerQuantile = 0.05 }, new RobustStep()),
            PreprocessingRule.For("t", new ImputeTextStep { Constant = "?" }, new TargetEncodeStep { Seed = 4 }, new MinMaxStep { Clip = true }),
            PreprocessingRule.Texts(new OneHotStep { MinCount = 3, Unseen = UnseenCategory.Other }),
            PreprocessingRule.Timestamps(new DatePartsStep { Cyclic = [DatePart.Hour], Missing = MissingDate.Zeros }),
            PreprocessingRule.Numbers());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["preprocessing.0"] = "id: drop",
                ["preprocessing.1"] = "a, b: impute(median, indicator) → clip(0.05, 0.99) → robust(0.25, 0.75)",
                ["preprocessing.2"] = "t: impute('?') → target(smoothing 10, 5 folds, seed 4) → min-max(0, 1, clip)",
                ["preprocessing.3"] = "texts: one-hot(≤ 100, ≥ 3 rows, unseen: other)",
                ["preprocessing.4"] = "timestamps: date parts(one-hot: DayOfWeek, cyclic: Hour, missing: zeros)",
                ["preprocessing.5"] = "numbers: as is",
            },
            plan.ToParams());
    }

    [Fact]
    public void ToPlan_DefaultOptions_AreTheDocumentedOnes()
        => Assert.Equal("numbers: impute(mean) → standardize\ntexts: one-hot(≤ 100)\ndates: date parts(one-hot: DayOfWeek)", new PreprocessingOptions().ToPlan().ToString());

    [Fact]
    public void Params_OfTrainers_HoldThePlan()
    {
        PreprocessingOptions plan = new PreprocessingPlan(PreprocessingRule.Numbers(new RobustStep()));
        foreach (ITrainer trainer in new ITrainer[] { new RidgeTrainer(new RidgeOptions { Preprocessing = plan }), new LogisticTrainer(new LogisticOptions { Preprocessing = plan }) })
        {
            Assert.Equal("numbers: robust(0.25, 0.75)", trainer.Params["preprocessing.0"]);
            Assert.False(trainer.Params.ContainsKey("imputation"));
        }

        var options = new PreprocessingOptions { Imputation = NumericImputation.Constant, ImputationConstant = -1.5, Standardize = false, MaxCategories = 7, DayOfWeek = false };
        var settings = new RidgeTrainer(new RidgeOptions { Preprocessing = options }).Params;
        Assert.Equal(("numbers: impute(-1.5)", "texts: one-hot(≤ 7)"), (settings["preprocessing.0"], settings["preprocessing.1"]));
        Assert.False(settings.ContainsKey("preprocessing.2"));
        Assert.Equal("dates: date parts(one-hot: DayOfWeek)", new RidgeTrainer().Params["preprocessing.2"]);
    }

    [Fact]
    public void Constructor_WrongParameters_AreRefused()
    {
        foreach (PreprocessingStep step in new PreprocessingStep[]
        {
            new ImputeStep { Constant = double.NaN }, new MinMaxStep { Maximum = 0 }, new RobustStep { LowerQuantile = 0.9 }, new QuantileClipStep { UpperQuantile = 1.5 }, new OneHotStep { MaxCategories = 0 }, new HashStep { Buckets = 0 },
            new BagOfWordsStep { Buckets = -1 }, new TargetEncodeStep { Folds = 1 }, new TargetEncodeStep { Smoothing = double.NaN }, new OrdinalStep { Categories = ["a", "a"] }, new ImputeTextStep { Constant = "" },
            new DatePartsStep { OneHot = [DatePart.Year] }, new DatePartsStep { OneHot = [] },
        })
            Assert.ThrowsAny<ArgumentException>(() => PreprocessingRule.For("x", step));
        Assert.Throws<ArgumentException>(() => new PreprocessingPlan());
        Assert.Contains("numbers", Assert.Throws<ArgumentException>(() => new PreprocessingPlan(PreprocessingRule.Numbers(), PreprocessingRule.Texts(new OneHotStep()), PreprocessingRule.Numbers(new ImputeStep()))).Message, StringComparison.Ordinal);
        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => new PreprocessingPlan(PreprocessingRule.Drop("x"), PreprocessingRule.For("x"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_StepsThatDoNotFitTogether_AreRefusedWithTheRemedy()
    {
        foreach (var (create, words) in new (Func<PreprocessingRule>, string)[]
        {
            (() => PreprocessingRule.For("x", new OneHotStep(), new StandardizeStep()), "nothing can follow the step 'one-hot"),
            (() => PreprocessingRule.For("x", new DatePartsStep(), new DatePartsStep()), "nothing can follow"),
            (() => PreprocessingRule.For("x", new ImputeStep(), new OneHotStep()), "takes texts"),
            (() => PreprocessingRule.For("x", new ImputeTextStep(), new StandardizeStep()), nameof(OrdinalStep)),
            (() => PreprocessingRule.For("x", new ImputeTextStep()), "End the rule"),
            (() => PreprocessingRule.Texts(new StandardizeStep()), "hold texts"),
            (() => PreprocessingRule.Texts(), nameof(OneHotStep)),
            (() => PreprocessingRule.Numbers(new OneHotStep()), "cast the column to text"),
            (() => PreprocessingRule.Dates(new StandardizeStep()), "hold dates"),
            (() => PreprocessingRule.Timestamps(), nameof(DatePartsStep)),
        })
        {
            var error = Assert.Throws<ArgumentException>(create);
            Assert.Equal("steps", error.ParamName);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Steps_OfAPlan_CannotBeChangedFromOutside()
    {
        DatePart[] parts = [DatePart.Month];
        PreprocessingStep[] steps = [new DatePartsStep { OneHot = parts }];
        var rule = PreprocessingRule.Dates(steps);
        (parts[0], steps[0]) = (DatePart.Year, new HashStep());
        Assert.Equal("dates: date parts(one-hot: Month)", rule.ToString());
    }
}
