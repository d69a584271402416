using Mlops.Evaluation;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>How often gates are wrong, over many seeded repetitions.</summary>
public sealed class FalsePromotionTests
{
    private const int Repetitions = 200;

    /// <summary>Two models of the same expected quality: the candidate is promoted in no more than the level, within what chance allows of the count (three standard deviations).</summary>
    [Theory]
    [InlineData("rmse", Significance.Automatic)]
    [InlineData("mae", Significance.Automatic)]
    [InlineData("roc_auc", Significance.Automatic)]
    [InlineData("roc_auc", Significance.Bootstrap)]
    [InlineData("accuracy", Significance.Automatic)]
    [InlineData("log_loss", Significance.Automatic)]
    public async Task EquallyGoodModels_AreRarelyPromoted(string metric, Significance significance)
    {
        const double Level = 0.05;
        var promoted = await CountAsync(metric, 1, new ChampionValidator(metric) { Significance = significance, SignificanceLevel = Level, Samples = 300 });
        Assert.InRange(promoted, 0, (Repetitions * Level) + (3 * Math.Sqrt(Repetitions * Level * (1 - Level))));
    }

    /// <summary>Rare classes: without a least number of their rows DeLong's test promotes far more than the level, with it what remains is kept.</summary>
    [Theory]
    [InlineData(2, 200, 0, 60, 240)]
    [InlineData(2, 200, 15, 0, 0)]
    [InlineData(5, 200, 15, 0, 0)]
    [InlineData(15, 200, 15, 10, 75)]
    public async Task EquallyGoodModels_OfARareClass_AreRarelyPromoted(int positives, int negatives, int minimum, int least, int most)
    {
        const int Count = 1000; // The level would be 50, with a standard deviation of 7.
        var (promoted, validator) = (0, new ChampionValidator("roc_auc") { MinimumClassRows = minimum });
        for (var repetition = 0; repetition < Count; repetition++)
        {
            var context = new ModelValidationContext(new EvaluationData(GateData.Rare(positives, negatives, 1, repetition))) { Champion = new EvaluationData(GateData.Rare(positives, negatives, 2, repetition)) };
            if ((await GateData.AskAsync(validator, context)).Verdict == ValidationVerdict.Pass) promoted++;
        }

        Assert.InRange(promoted, least, most);
    }

    /// <summary>Ten slices of a few positive rows each, of two equally good models: none of them blocks, and they are told as not judged.</summary>
    [Fact]
    public async Task EquallyGoodSlices_OfARareClass_RarelyBlock()
    {
        const int Slices = 10, SliceRows = 60, Rows = Slices * SliceRows, Count = 100;
        var blocked = new int[2];
        for (var repetition = 0; repetition < Count; repetition++)
        {
            var column = GateData.Column("region", Rows, row => row % Slices, [.. Enumerable.Range(0, Slices).Select(i => $"r{i}")]);
            var context = new ModelValidationContext(new EvaluationData(GateData.Rare(30, 570, 1, repetition)) { SliceColumns = [column] }) { Champion = new EvaluationData(GateData.Rare(30, 570, 2, repetition)) };
            foreach (var (i, minimum) in new[] { (0, 0), (1, 15) })
            {
                var check = await GateData.AskAsync(new ChampionValidator("roc_auc") { ProtectedColumns = ["region"], MinimumClassRows = minimum }, context);
                if (check.Figures.Skip(1).Any(figure => figure.Verdict == ValidationVerdict.Fail)) blocked[i]++;
                if (i == 1) Assert.Contains("10 not judged", check.Reason, StringComparison.Ordinal);
            }
        }

        Assert.InRange(blocked[0], 12, Count); // Without the least number of rows: the test would notice.
        Assert.Equal(0, blocked[1]);
    }

    /// <summary>Without a test nearly half of them are: the test above would notice.</summary>
    [Fact]
    public async Task EquallyGoodModels_WithoutATest_AreOftenPromoted()
        => Assert.InRange(await CountAsync("rmse", 1, new ChampionValidator("rmse") { Significance = Significance.None }), Repetitions / 3, Repetitions * 2 / 3);

    [Theory]
    [InlineData("rmse")]
    [InlineData("roc_auc")]
    [InlineData("log_loss")]
    public async Task MuchBetterModels_AreNearlyAlwaysPromoted(string metric)
        => Assert.InRange(await CountAsync(metric, 0.5, new ChampionValidator(metric) { Samples = 300 }), Repetitions * 0.9, Repetitions);

    /// <summary>Ten slices that are all as good as before: all together rarely block a candidate that is better elsewhere.</summary>
    [Fact]
    public async Task UnchangedProtectedSlices_RarelyBlock()
    {
        const int Slices = 10, SliceRows = 60, Count = 100;
        const double Level = 0.05;
        var blocked = 0;
        for (var repetition = 0; repetition < Count; repetition++)
        {
            const int Rows = SliceRows * (Slices + 5);
            var (champion, same, better) = (GateData.Numbers(Rows, 1, 1, repetition), GateData.Numbers(Rows, 1, 2, repetition), GateData.Numbers(Rows, 0.2, 3, repetition));
            // Rows after those of the slices have no value; there the candidate is better, and in the slices as good.
            var predictions = Enumerable.Range(0, Rows).Select(row => row < SliceRows * Slices ? same.Predictions[row] : better.Predictions[row]).ToArray();
            var column = GateData.Column("region", Rows, row => row < SliceRows * Slices ? row / SliceRows : SliceColumn.Missing, [.. Enumerable.Range(0, Slices).Select(i => $"r{i}")]);
            var context = new ModelValidationContext(new EvaluationData(new ModelOutcomes([], predictions, champion.Labels.ToArray())) { SliceColumns = [column] }) { Champion = new EvaluationData(champion) };
            var check = await GateData.AskAsync(new ChampionValidator("rmse") { ProtectedColumns = ["region"], Samples = 200, SignificanceLevel = Level }, context);
            if (check.Figures.Skip(1).Any(figure => figure.Verdict == ValidationVerdict.Fail)) blocked++;
        }

        Assert.InRange(blocked, 0, (Count * Level) + (3 * Math.Sqrt(Count * Level * (1 - Level))));
    }

    [Fact]
    public async Task CalibratedModels_OfFewRows_RarelyFail()
    {
        var failed = 0;
        for (var seed = 0; seed < Repetitions; seed++)
        {
            var check = await GateData.AskAsync(new CalibrationValidator { Draws = 100 }, new ModelValidationContext(new EvaluationData(GateData.Calibrated(60, seed))));
            if (check.Verdict == ValidationVerdict.Fail) failed++;
        }

        Assert.InRange(failed, 0, (Repetitions * 0.05) + (3 * Math.Sqrt(Repetitions * 0.05 * 0.95)));
    }

    private static async Task<int> CountAsync(string metric, double spread, ChampionValidator validator)
    {
        const int Rows = 200;
        var promoted = 0;
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            Func<int, double, int, int, ModelOutcomes> make = metric is "rmse" or "mae" ? GateData.Numbers : GateData.Classes;
            var context = new ModelValidationContext(new EvaluationData(make(Rows, spread, 1, repetition))) { Champion = new EvaluationData(make(Rows, 1, 2, repetition)) };
            if ((await GateData.AskAsync(validator, context)).Verdict == ValidationVerdict.Pass) promoted++;
        }

        return promoted;
    }
}
