using System.Text.Json;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training.Tests;

/// <summary>Each step gives what scikit-learn gives: tests/TestData/training/make_preprocessing.py.</summary>
public sealed class StepTests
{
    private static readonly JsonElement s_golden = TestData.Golden("preprocessing.json");

    public static TheoryData<string> Numbers => [.. Chains.Keys];

    private static Dictionary<string, PreprocessingStep[]> Chains { get; } = new()
    {
        ["standardize"] = [new ImputeStep(), new StandardizeStep()],
        ["standardize_missing"] = [new StandardizeStep()],
        ["median_min_max"] = [new ImputeStep { Value = NumericImputation.Median }, new MinMaxStep { Minimum = -1, Maximum = 3 }],
        ["min_max_clip"] = [new ImputeStep { Value = NumericImputation.Constant, Constant = 2.5 }, new MinMaxStep { Clip = true }],
        ["most_frequent_robust"] = [new ImputeStep { Value = NumericImputation.MostFrequent }, new RobustStep()],
        ["robust_deciles"] = [new ImputeStep { Value = NumericImputation.Median }, new RobustStep { LowerQuantile = 0.1, UpperQuantile = 0.9 }],
        ["clip_standardize"] = [new ImputeStep { Value = NumericImputation.Median }, new QuantileClipStep { LowerQuantile = 0.1, UpperQuantile = 0.85 }, new StandardizeStep()],
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task FitAsync_NumberSteps_GiveTheNumbersOfScikitLearn(string name)
    {
        var train = Column(Nullable(s_golden.GetProperty("numbers")));
        var fitted = await Preprocessor.FitAsync(train, new PreprocessingPlan(PreprocessingRule.Numbers(Chains[name])), Token);
        var expected = s_golden.GetProperty(name);
        AssertClose(Nullable(expected.GetProperty("fitted")), await fitted.ReadAsync(train));
        AssertClose(Nullable(expected.GetProperty("live")), await fitted.ReadAsync(Column(Nullable(s_golden.GetProperty("live")))));
    }

    [Theory]
    [InlineData("one_hot")]
    [InlineData("one_hot_other")]
    [InlineData("ordinal")]
    [InlineData("target")]
    public async Task FitAsync_TextSteps_GiveTheNumbersOfScikitLearn(string name)
    {
        PreprocessingStep step = name switch
        {
            "one_hot" => new OneHotStep(),
            "one_hot_other" => new OneHotStep { MinCount = 2, Unseen = UnseenCategory.Other },
            "ordinal" => new OrdinalStep(),
            _ => new TargetEncodeStep { Smoothing = 2 },
        };
        var train = InMemoryDataset.FromColumns(
            "train", (new ColumnSchema("x", ElementType.String), TextColumn.FromStrings(Texts("words"))),
            (new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), new Column<double>(Flat(s_golden.GetProperty("labels")))),
            (new ColumnSchema("w", ElementType.Float64, ColumnRole.Weight), new Column<double>(Flat(s_golden.GetProperty("weights")))));
        var fitted = await Preprocessor.FitAsync(train, new PreprocessingPlan(PreprocessingRule.Texts(step)), Token);
        AssertClose(Flat(s_golden.GetProperty(name)), await fitted.ReadAsync(TextColumnOf(Texts("unseen"))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FitAsync_HashedTexts_HaveTheBucketsAndSignsOfScikitLearn(bool isSigned)
    {
        var words = TextColumnOf([.. Texts("words"), .. Texts("unseen")]);
        var hashed = await Preprocessor.FitAsync(words, new PreprocessingPlan(PreprocessingRule.Texts(new HashStep { Buckets = 11, IsSigned = isSigned })), Token);
        AssertClose(Flat(s_golden.GetProperty(isSigned ? "hash_true" : "hash_false")), await hashed.ReadAsync(words));
        var texts = TextColumnOf(Texts("texts"));
        var bags = await Preprocessor.FitAsync(texts, new PreprocessingPlan(PreprocessingRule.Texts(new BagOfWordsStep { Buckets = 29, IsSigned = isSigned })), Token);
        AssertClose(Flat(s_golden.GetProperty(isSigned ? "bag_true" : "bag_false")), await bags.ReadAsync(texts));
    }

    [Fact]
    public async Task FitAsync_DateParts_AreThoseOfTheCalendar()
    {
        DateTime[] moments = [new(2024, 2, 29, 23, 59, 58, DateTimeKind.Utc), new(1969, 12, 31, 0, 0, 1, DateTimeKind.Utc), new(1, 1, 1, 7, 30, 0, DateTimeKind.Utc), new(9999, 12, 31, 12, 0, 0, DateTimeKind.Utc), new(1900, 3, 1, 6, 6, 6, DateTimeKind.Utc), default];
        var data = InMemoryDataset.FromColumns("d", (new ColumnSchema("t", ElementType.Timestamp), new Column<DateTime>(moments, [0b011111])));
        DatePart[] all = Enum.GetValues<DatePart>();
        var step = new DatePartsStep { OneHot = [DatePart.DayOfWeek], Cyclic = [DatePart.Month], Numbers = all, Standardize = false, Missing = MissingDate.Zeros };
        var fitted = await Preprocessor.FitAsync(data, new PreprocessingPlan(PreprocessingRule.Timestamps(step)), Token);
        var features = (await fitted.ReadAsync(data)).Chunk(fitted.FeatureNames.Count).ToArray();
        for (var row = 0; row < 5; row++)
        {
            var moment = moments[row];
            var weekday = new float[7];
            weekday[(int)moment.DayOfWeek] = 1;
            Assert.Equal(weekday, features[row][..7]);
            Assert.Equal(Math.Sin(2 * Math.PI * (moment.Month - 1) / 12), features[row][7], 1e-6);
            Assert.Equal(Math.Cos(2 * Math.PI * (moment.Month - 1) / 12), features[row][8], 1e-6);
            Assert.Equal([moment.Year, (moment.Month + 2) / 3, moment.Month, moment.Day, (int)moment.DayOfWeek, moment.DayOfYear, moment.Hour, moment.Minute, moment.Second], features[row][9..]);
        }

        // A missing moment: zeros, and of numbers the mean.
        Assert.Equal(new float[9], features[5][..9]);
        Assert.Equal(moments[..5].Average(moment => moment.Year), features[5][9], 1e-3);
    }

    [Fact]
    public async Task FitAsync_TargetOfClasses_HasAFeatureForEach()
    {
        var data = InMemoryDataset.FromColumns(
            "d", (new ColumnSchema("x", ElementType.String), TextColumn.FromStrings("a", "a", "b", "b", "b", null)),
            (new ColumnSchema("y", ElementType.String, ColumnRole.Label), TextColumn.FromStrings("p", "q", "q", "r", "r", "p")));
        var plan = new PreprocessingPlan(PreprocessingRule.Texts(new TargetEncodeStep { Smoothing = 0, Folds = 2 }));
        var fitted = await Preprocessor.FitAsync(data, plan, Token);
        Assert.Equal(["x:p", "x:q", "x:r"], fitted.FeatureNames);
        AssertClose([0.5, 0.5, 0, 0, 1.0 / 3, 2.0 / 3, 1, 0, 0, 2.0 / 6, 2.0 / 6, 2.0 / 6], await fitted.ReadAsync(TextColumnOf(["a", "b", null, "never seen"])));
        var binary = await Preprocessor.FitAsync(data.Where<string>("y", label => label != "r"), plan, Token);
        Assert.Equal(["x"], binary.FeatureNames);
        AssertClose([0.5, 1, 0, 0.5], await binary.ReadAsync(TextColumnOf(["a", "b", null, "never seen"])));
    }

    private static InMemoryDataset Column(double[] values)
        => InMemoryDataset.FromColumns("numbers", (new ColumnSchema("x", ElementType.Float64), new Column<double>(values, [values.Index().Aggregate(0UL, (bits, pair) => double.IsNaN(pair.Item) ? bits : bits | (1UL << pair.Index))])));

    private static InMemoryDataset TextColumnOf(string?[] values)
        => InMemoryDataset.FromColumns("texts", (new ColumnSchema("x", ElementType.String), TextColumn.FromStrings(values)));

    private static string[] Texts(string name) => [.. s_golden.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    private static double[] Nullable(JsonElement values) => [.. values.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble())];

    private static double[] Flat(JsonElement values) => [.. values.EnumerateArray().SelectMany(value => value.ValueKind == JsonValueKind.Array ? Flat(value) : [value.GetDouble()])];

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(double.IsNaN(expected[i]) ? float.IsNaN(actual[i]) : Math.Abs(expected[i] - actual[i]) <= 1e-6 * Math.Max(1, Math.Abs(expected[i])), $"Element {i}: {actual[i]} instead of {expected[i]}.");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
