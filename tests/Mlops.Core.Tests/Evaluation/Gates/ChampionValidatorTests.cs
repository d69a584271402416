using Mlops.Evaluation;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class ChampionValidatorTests
{
    private const int Rows = 400;

    [Fact]
    public async Task ValidateAsync_RealGain_PassesWithInterval()
    {
        var check = await AskAsync(new ChampionValidator("rmse"), GateData.Numbers(Rows, 0.5, 1), GateData.Numbers(Rows, 1, 2));
        Assert.Equal(ValidationVerdict.Pass, check.Verdict);
        var figure = Assert.Single(check.Figures);
        Assert.InRange(figure.Gain!.Value, 0.4, 0.6);
        Assert.InRange(figure.Gain!.Value, figure.Interval!.Value.Lower, figure.Interval.Value.Upper);
        Assert.Equal(0.9, figure.Interval.Value.Level, 1e-12);
        Assert.InRange(figure.PValue!.Value, 0, 0.01);
        Assert.Equal(figure.ReferenceValue!.Value - figure.Value!.Value, figure.Gain.Value, 1e-12);
    }

    [Theory]
    [InlineData(Significance.Automatic)]
    [InlineData(Significance.Bootstrap)]
    [InlineData(Significance.None)]
    public async Task ValidateAsync_EqualCandidate_PassesOnlyWhenAsked(Significance significance)
    {
        var champion = GateData.Numbers(Rows, 1, 1);
        var check = await AskAsync(new ChampionValidator("rmse") { Significance = significance }, champion, champion);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("equal, not better", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("rmse") { Significance = significance, AllowEqual = true }, champion, champion)).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_SlightlyWorseCandidate_PassesWithinTheMarginOnly()
    {
        var champion = GateData.Numbers(2000, 1, 1);
        var candidate = GateData.Shift(champion, row => row % 2 == 0 ? 0.01 : -0.01);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new ChampionValidator("rmse") { AllowEqual = true, EqualityMargin = 0.0001 }, candidate, champion)).Verdict);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("rmse") { AllowEqual = true, EqualityMargin = 0.01 }, candidate, champion)).Verdict);
        var worse = GateData.Numbers(2000, 2, 2);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new ChampionValidator("rmse") { AllowEqual = true, EqualityMargin = 0.01 }, worse, champion)).Verdict);
    }

    [Theory]
    [InlineData(0, 0, ValidationVerdict.Pass)]
    [InlineData(0.4, 0, ValidationVerdict.Pass)]
    [InlineData(0.6, 0, ValidationVerdict.Fail)]
    [InlineData(0, 0.4, ValidationVerdict.Pass)]
    [InlineData(0, 0.6, ValidationVerdict.Fail)]
    public async Task ValidateAsync_MinimumGain_IsAskedFor(double absolute, double ratio, ValidationVerdict verdict)
        => Assert.Equal(verdict, (await AskAsync(new ChampionValidator("rmse") { MinimumGain = absolute, MinimumGainRatio = ratio }, GateData.Numbers(Rows, 0.5, 1), GateData.Numbers(Rows, 1, 2))).Verdict);

    [Fact]
    public async Task ValidateAsync_GainByChance_FailsUnlessNotTested()
    {
        // Of several pairs of equally good models, one whose candidate happens to be better on these rows.
        var candidate = Enumerable.Range(1, 20).Select(model => GateData.Numbers(60, 1, model)).MinBy(outcomes => OutcomeMetrics.Get("rmse", ModelTask.Regression).Compute(outcomes).Value)!;
        var champion = GateData.Shift(candidate, row => row % 2 == 0 ? 0.05 : -0.05);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("rmse") { Significance = Significance.None, MinimumRows = 2 }, Better(candidate, champion), Worse(candidate, champion))).Verdict);
        var check = await AskAsync(new ChampionValidator("rmse"), Better(candidate, champion), Worse(candidate, champion));
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("may be chance", check.Reason, StringComparison.Ordinal);

        static double Rmse(ModelOutcomes outcomes) => OutcomeMetrics.Get("rmse", ModelTask.Regression).Compute(outcomes).Value;
        static ModelOutcomes Better(ModelOutcomes one, ModelOutcomes two) => Rmse(one) < Rmse(two) ? one : two;
        static ModelOutcomes Worse(ModelOutcomes one, ModelOutcomes two) => Rmse(one) < Rmse(two) ? two : one;
    }

    [Fact]
    public async Task ValidateAsync_FewRows_FailUnlessNotTested()
    {
        var (candidate, champion) = (GateData.Numbers(29, 0.1, 1), GateData.Numbers(29, 1, 2));
        var check = await AskAsync(new ChampionValidator("rmse"), candidate, champion);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("too few", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("rmse") { Significance = Significance.None }, candidate, champion)).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_WorseOnOneProtectedSlice_Blocks()
    {
        var champion = GateData.Numbers(Rows, 1, 2);
        // Much better for three quarters of the rows, worse in the south.
        var candidate = GateData.Shift(GateData.Numbers(Rows, 0.3, 1), row => row % 4 == 0 ? 2 : 0);
        var column = GateData.Column("region", Rows, row => row % 4 == 0 ? 1 : 0, "north", "south");
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new ChampionValidator("mae") { ProtectedColumns = ["region"] }, candidate, champion, column)).Verdict);

        candidate = GateData.Shift(GateData.Numbers(Rows, 0.3, 1), row => row % 4 == 0 ? 1.1 : 0);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("mae"), candidate, champion, column)).Verdict);
        foreach (var significance in new[] { Significance.Automatic, Significance.None })
        {
            var check = await AskAsync(new ChampionValidator("mae") { ProtectedColumns = ["region"], Significance = significance }, candidate, champion, column);
            Assert.Equal(ValidationVerdict.Fail, check.Verdict);
            Assert.Equal([ValidationVerdict.Pass, ValidationVerdict.Pass, ValidationVerdict.Fail], check.Figures.Select(figure => figure.Verdict));
            Assert.Contains("worse on 1 of 2 slices of 'region'", check.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain("south", check.Reason, StringComparison.Ordinal);
            Assert.Equal("region = south", check.Figures[2].Slice);
        }
    }

    [Fact]
    public async Task ValidateAsync_LossOfASliceWithinChance_BlocksOnlyByTheTolerance()
    {
        var champion = GateData.Numbers(Rows, 1, 2);
        // In the south the two are equally good, and the candidate happens to be a little worse: the first of several of which that is true.
        var better = GateData.Numbers(Rows, 0.3, 1);
        var same = Enumerable.Range(3, 20).Select(model => GateData.Numbers(Rows, 1, model)).First(outcomes => South(outcomes) - South(champion) is > 0.01 and < 0.05);
        var candidate = new ModelOutcomes([], [.. Enumerable.Range(0, Rows).Select(row => row % 4 == 0 ? same.Predictions[row] : better.Predictions[row])], champion.Labels.ToArray());
        var column = GateData.Column("region", Rows, row => row % 4 == 0 ? 1 : 0, "north", "south");
        var check = await AskAsync(new ChampionValidator("rmse") { ProtectedColumns = ["region"] }, candidate, champion, column);
        var loss = -check.Figures[2].Gain!.Value;
        Assert.InRange(loss, 0.01, 0.05);
        Assert.Equal(ValidationVerdict.Pass, check.Verdict);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new ChampionValidator("rmse") { ProtectedColumns = ["region"], MaximumSliceLoss = loss / 2 }, candidate, champion, column)).Verdict);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("rmse") { ProtectedColumns = ["region"], MaximumSliceLoss = loss * 2 }, candidate, champion, column)).Verdict);

        static double South(ModelOutcomes outcomes) => OutcomeMetrics.Get("rmse", ModelTask.Regression).Compute(outcomes.Select([.. Enumerable.Range(0, Rows / 4).Select(i => 4 * i)])).Value;
    }

    [Fact]
    public async Task ValidateAsync_SmallProtectedSlice_Warns()
    {
        var (candidate, champion) = (GateData.Numbers(Rows, 0.5, 1), GateData.Numbers(Rows, 1, 2));
        var column = GateData.Column("region", Rows, row => row < 10 ? SliceColumn.Missing : 0, "north", "nobody");
        var check = await AskAsync(new ChampionValidator("rmse") { ProtectedColumns = ["region"] }, candidate, champion, column);
        Assert.Equal(ValidationVerdict.Warn, check.Verdict);
        Assert.Equal([null, "region is missing", "region = north"], check.Figures.Select(figure => figure.Slice));
        Assert.Contains("1 not judged", check.Reason, StringComparison.Ordinal);
        var strict = new ChampionValidator("rmse") { ProtectedColumns = ["region"], SmallSliceVerdict = ValidationVerdict.Fail };
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(strict, candidate, champion, column)).Verdict);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new ChampionValidator("rmse") { ProtectedColumns = ["age"] }, candidate, champion, column)).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_NoChampion_PassesSayingSo()
    {
        var check = await GateData.AskAsync(new ChampionValidator("rmse"), new ModelValidationContext(new EvaluationData(GateData.Numbers(Rows, 1, 1))));
        Assert.Equal((ValidationVerdict.Pass, true), (check.Verdict, check.IsSkipped));
        Assert.Contains("no champion yet", check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_FirstCandidate_MustPredictEveryLabelledRow()
    {
        var good = GateData.Numbers(Rows, 1, 1);
        foreach (var (candidate, part) in new[] { (GateData.Shift(good, _ => double.NaN), "undefined"), (GateData.Shift(good, row => row == 3 ? double.NaN : 0), "1 row") })
        {
            var report = await ModelValidation.ValidateAsync(new ModelValidationContext(new EvaluationData(candidate)), ModelGates.Quality("rmse"), GateData.Token);
            Assert.Equal(ValidationVerdict.Fail, report.Verdict);
            Assert.Contains(part, report["champion"].Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ValidateAsync_UndefinedChampion_WarnsUnlessTheCandidateIsNoBetter()
    {
        var good = GateData.Numbers(Rows, 1, 1);
        var nothing = GateData.Shift(good, _ => double.NaN);
        var check = await AskAsync(new ChampionValidator("rmse"), good, nothing);
        Assert.Equal(ValidationVerdict.Warn, check.Verdict);
        Assert.Contains("that of the champion is undefined", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new ChampionValidator("rmse"), GateData.Shift(good, row => row == 3 ? double.NaN : 0), nothing)).Verdict);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new ChampionValidator("rmse"), nothing, nothing)).Verdict);
    }

    [Theory]
    [InlineData(Significance.Automatic)]
    [InlineData(Significance.None)]
    public async Task ValidateAsync_GainOfRounding_IsEqual(Significance significance)
    {
        var champion = GateData.Numbers(Rows, 1, 1);
        // Every prediction a little nearer to the truth: better beyond chance, by nothing.
        var candidate = GateData.Shift(champion, row => 1e-12 * (champion.Labels[row] - champion.Predictions[row]));
        var check = await AskAsync(new ChampionValidator("rmse") { Significance = significance }, candidate, champion);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("equal, not better", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("rmse") { Significance = significance, AllowEqual = true }, champion, candidate)).Verdict);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("rmse"), GateData.Shift(champion, row => 1e-4 * (champion.Labels[row] - champion.Predictions[row])), champion)).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_RowsOfAnUnknownClass_Warn()
    {
        var (good, other) = (GateData.Classes(Rows, 0.3, 1), GateData.Classes(Rows, 1, 2));
        var (candidate, champion) = (Unknown(good), Unknown(other));
        var check = await AskAsync(new ChampionValidator("accuracy"), candidate, champion);
        Assert.Equal(ValidationVerdict.Warn, check.Verdict);
        Assert.Contains("100 rows not judged", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new ChampionValidator("accuracy") { UnknownClassVerdict = ValidationVerdict.Fail }, candidate, champion)).Verdict);
        Assert.Equal(ValidationVerdict.Warn, (await GateData.AskAsync(new ChampionValidator("accuracy"), new ModelValidationContext(new EvaluationData(candidate)))).Verdict);
        Assert.Equal(ValidationVerdict.Warn, (await GateData.AskAsync(new ThresholdValidator("accuracy") { Minimum = 0.5 }, new ModelValidationContext(new EvaluationData(candidate)))).Verdict);

        static ModelOutcomes Unknown(ModelOutcomes outcomes) => new(outcomes.Classes, outcomes.Predictions.ToArray(), [.. outcomes.Labels.ToArray().Select((label, row) => row % 4 == 0 ? ModelOutcomes.UnknownClass : label)]);
    }

    [Fact]
    public async Task ValidateAsync_ProtectedValuesInOneSlice_Warn()
    {
        var (candidate, champion) = (GateData.Numbers(Rows, 0.5, 1), GateData.Numbers(Rows, 1, 2));
        var column = new SliceColumn("region", ["north", "other"], [.. Enumerable.Range(0, Rows).Select(row => row % 2)]) { MergedCodes = [1] };
        foreach (var (validator, context) in new (IModelValidator, ModelValidationContext)[]
        {
            (new ChampionValidator("rmse") { ProtectedColumns = ["region"] }, new(new EvaluationData(candidate) { SliceColumns = [column] }) { Champion = new EvaluationData(champion) }),
            (new ThresholdValidator("rmse") { Maximum = 2, SliceColumns = ["region"] }, new(new EvaluationData(candidate) { SliceColumns = [column] })),
            (new FairnessValidator("region") { MaximumDifference = 1 }, new(new EvaluationData(GateData.Classes(Rows, 1, 1)) { SliceColumns = [column] })),
        })
        {
            var check = await GateData.AskAsync(validator, context);
            Assert.Equal(ValidationVerdict.Warn, check.Verdict);
            Assert.Contains("'region'", check.Reason, StringComparison.Ordinal);
            Assert.Contains("EvaluationOptions.MaximumSliceValues", check.Reason, StringComparison.Ordinal);
            Assert.Equal(1, check.Figures.Count(figure => figure.Verdict == ValidationVerdict.Warn));
        }

        Assert.Throws<ArgumentException>(() => new SliceColumn("region", ["north"], [0]) { MergedCodes = [1] });
    }

    [Fact]
    public async Task ValidateAsync_RareClassInASlice_IsHeldAgainstTheLimitOnly()
    {
        var (candidate, champion) = (GateData.Rare(40, 360, 1, 1), GateData.Rare(40, 360, 2, 1));
        // In the south the few positive rows are the least probable for the candidate.
        candidate = new ModelOutcomes(candidate.Classes, [.. Enumerable.Range(0, 400).SelectMany(row => row % 10 == 0 && row < 40 ? [0.999, 0.001] : candidate.GetPredictions(row).ToArray())], candidate.Labels.ToArray());
        var column = GateData.Column("region", 400, row => row % 10 == 0 ? 1 : 0, "north", "south");
        var check = await AskAsync(new ChampionValidator("roc_auc") { ProtectedColumns = ["region"] }, candidate, champion, column);
        Assert.Equal((ValidationVerdict.Warn, "not judged: fewer than 15 rows of the rarest class"), (check.Figures[2].Verdict, check.Figures[2].Note));
        check = await AskAsync(new ChampionValidator("roc_auc") { ProtectedColumns = ["region"], MaximumSliceLoss = 0.1 }, candidate, champion, column);
        Assert.Equal(ValidationVerdict.Fail, check.Figures[2].Verdict);
    }

    /// <summary>Of many rows bootstrap samples are drawn from a share; the twelve on which the models differ must all be in it.</summary>
    [Fact]
    public async Task ValidateAsync_FewRowsThatDifferAmongMany_AreNotLeftToLuck()
    {
        const int Many = 120_000;
        double[] labels = [.. Enumerable.Range(0, Many).Select(row => row % 2.0)];
        var champion = Decide(row => row is > 0 and <= 8 ? 1 - labels[row] : labels[row]);
        var candidate = Decide(row => row is > 8 and <= 12 ? 1 - labels[row] : labels[row]);
        for (ulong seed = 0; seed < 4; seed++)
        {
            // 8 rows better and 4 worse: a difference as large is chance in one of eight cases.
            var check = await AskAsync(new ChampionValidator("accuracy") { Seed = seed, Samples = 200 }, candidate, champion);
            Assert.Equal(ValidationVerdict.Fail, check.Verdict);
            Assert.Contains("may be chance", check.Reason, StringComparison.Ordinal);
        }

        ModelOutcomes Decide(Func<int, double> positive) => new(["no", "yes"], [.. Enumerable.Range(0, Many).SelectMany(row => new[] { 1 - positive(row), positive(row) })], labels);
    }

    [Theory]
    [InlineData("f1_macro", false)]
    [InlineData("roc_auc", false)]
    [InlineData("f1_weighted", true)]
    [InlineData("accuracy", true)]
    public async Task ValidateAsync_OneRareClassOfThree_CountsWhereEveryClassDoes(string metric, bool isEnough)
    {
        double[] labels = [.. Enumerable.Range(0, 221).Select(row => row < 200 ? 0.0 : row < 220 ? 1 : 2)];
        var (candidate, champion) = (Guess(0.9, 1), Guess(0.4, 2));
        var check = await AskAsync(new ChampionValidator(metric), candidate, champion);
        Assert.Equal(isEnough ? ValidationVerdict.Pass : ValidationVerdict.Fail, check.Verdict);
        if (!isEnough) Assert.Contains("1 row of the rarest class", check.Reason, StringComparison.Ordinal);

        ModelOutcomes Guess(double right, int seed)
        {
            var random = new Random(seed);
            return new ModelOutcomes(["a", "b", "c"], [.. labels.SelectMany(label =>
            {
                var taken = random.NextDouble() < right ? (int)label : random.Next(3);
                return Enumerable.Range(0, 3).Select(i => i == taken ? 0.8 : 0.1);
            })], labels);
        }
    }

    [Fact]
    public async Task ValidateAsync_FewHeavyRows_CountAsFew()
    {
        double[] weights = [.. Enumerable.Range(0, 103).Select(row => row < 3 ? 1000.0 : 1)];
        var (candidate, champion) = (GateData.Numbers(103, 0.2, 1).WithWeights(weights), GateData.Numbers(103, 1, 2).WithWeights(weights));
        var check = await AskAsync(new ChampionValidator("rmse"), candidate, champion);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("3 rows of equal weight", check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_MetricOfOnesOwnNamedLikeAnArea_IsNotTestedAsOne()
    {
        var own = new OutcomeMetric("roc_auc", Mlops.Tracking.MetricDirection.Minimize, outcomes => OutcomeMetrics.Get("log_loss", outcomes.Task).Compute(outcomes));
        var (candidate, champion) = (GateData.Classes(Rows, 0.5, 1), GateData.Classes(Rows, 2, 2));
        var (mine, theirs) = (await AskAsync(new ChampionValidator(own), candidate, champion), await AskAsync(new ChampionValidator("log_loss"), candidate, champion));
        Assert.Equal(theirs.Figures[0].Interval, mine.Figures[0].Interval);
    }

    [Fact]
    public async Task ValidateAsync_SamePredictionsOfFewRows_AreEqual()
    {
        var champion = GateData.Numbers(10, 1, 1);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("rmse") { AllowEqual = true }, champion, champion)).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_RowsThatDoNotPair_AreRefused()
    {
        var candidate = GateData.Numbers(Rows, 1, 1);
        foreach (var (other, part) in new[]
        {
            (GateData.Numbers(Rows - 1, 1, 2), "399"),
            (GateData.Numbers(Rows, 1, 2, data: 2), "row 0 has another label"),
            (new ModelOutcomes([], candidate.Predictions.ToArray(), candidate.Labels.ToArray(), [.. Enumerable.Repeat(2.0, Rows)]), "weight"),
            (GateData.Classes(Rows, 1, 1), "other classes"),
        })
        {
            var context = new ModelValidationContext(new EvaluationData(candidate)) { Champion = new EvaluationData(other) };
            Assert.Contains(part, (await Assert.ThrowsAsync<ArgumentException>(() => new ChampionValidator("rmse").ValidateAsync(context, GateData.Token).AsTask())).Message, StringComparison.Ordinal);
            var check = await GateData.AskAsync(new ChampionValidator("rmse"), context);
            Assert.Equal((ValidationVerdict.Fail, "System.ArgumentException"), (check.Verdict, check.ErrorType));
        }
    }

    [Fact]
    public async Task ValidateAsync_CandidateLeavesOutRows_NeverPasses()
    {
        var (good, champion) = (GateData.Numbers(Rows, 0.5, 1), GateData.Numbers(Rows, 1, 2));
        var gaps = GateData.Shift(good, row => row == 7 ? double.NaN : 0);
        var check = await AskAsync(new ChampionValidator("rmse"), gaps, champion);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("1 row", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new ChampionValidator("rmse"), good, GateData.Shift(champion, row => row == 7 ? double.NaN : 0))).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_UndefinedMetric_Fails()
    {
        var one = new ModelOutcomes(["no", "yes"], [.. Enumerable.Repeat(0.5, 100)], [.. Enumerable.Repeat(1.0, 50)]);
        var check = await AskAsync(new ChampionValidator("roc_auc"), one, one);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("only one class occurs", check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_Cancelled_Stops()
    {
        var context = new ModelValidationContext(new EvaluationData(GateData.Numbers(Rows, 0.5, 1))) { Champion = new EvaluationData(GateData.Numbers(Rows, 1, 2)) };
        using var source = new CancellationTokenSource();
        var metric = new OutcomeMetric("own", Mlops.Tracking.MetricDirection.Maximize, judged =>
        {
            source.Cancel(); // In the middle: the first sample.
            return judged.RowCount + judged.Predictions[0];
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ChampionValidator(metric).ValidateAsync(context, source.Token).AsTask());
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        Assert.Equal("MinimumGain", Assert.Throws<ArgumentOutOfRangeException>(() => new ChampionValidator("rmse") { MinimumGain = -1 }).ParamName);
        Assert.Equal("SignificanceLevel", Assert.Throws<ArgumentOutOfRangeException>(() => new ChampionValidator("rmse") { SignificanceLevel = 0.5 }).ParamName);
        Assert.Equal("MaximumSliceLoss", Assert.Throws<ArgumentOutOfRangeException>(() => new ChampionValidator("rmse") { MaximumSliceLoss = double.NaN }).ParamName);
        Assert.Equal("Significance", Assert.Throws<ArgumentOutOfRangeException>(() => new ChampionValidator("rmse") { Significance = (Significance)9 }).ParamName);
        Assert.Throws<ArgumentException>(() => new ChampionValidator(""));
        Assert.Throws<ArgumentException>(() => new ChampionValidator("rmse") { Name = " " });
    }

    private static Task<ModelCheck> AskAsync(ChampionValidator validator, ModelOutcomes candidate, ModelOutcomes champion, params SliceColumn[] columns)
        => GateData.AskAsync(validator, new ModelValidationContext(new EvaluationData(candidate) { SliceColumns = columns }) { Champion = new EvaluationData(champion) });
}
