using Mlops.Evaluation;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class ThresholdValidatorTests
{
    // 200 rows, errors of 0.1 in the north and of 1 in the south, which has 50 of them.
    private static readonly ModelOutcomes s_outcomes = new([], [.. Enumerable.Range(0, 200).Select(row => row < 150 ? 0.1 : 1.0)], new double[200]);

    private static readonly EvaluationData s_data = new(s_outcomes) { SliceColumns = [GateData.Column("region", 200, row => row < 150 ? 0 : 1, "north", "south")] };

    [Theory]
    [InlineData(0.51, ValidationVerdict.Pass)]
    [InlineData(0.50, ValidationVerdict.Fail)]
    public async Task ValidateAsync_UpperBound_IsKept(double maximum, ValidationVerdict verdict)
    {
        // √((150 · 0.01 + 50) / 200) = 0.5074
        var check = await GateData.AskAsync(new ThresholdValidator("rmse") { Maximum = maximum }, new ModelValidationContext(s_data));
        Assert.Equal(verdict, check.Verdict);
        var figure = Assert.Single(check.Figures);
        Assert.Equal(0.50744457825, figure.Value!.Value, 1e-9);
        Assert.Equal(("at most", maximum, 200L), (figure.Reference, figure.ReferenceValue, figure.Rows));
    }

    [Fact]
    public async Task ValidateAsync_OneBadSlice_Fails()
    {
        var check = await GateData.AskAsync(new ThresholdValidator("rmse") { Maximum = 0.6, SliceColumns = ["region"] }, new ModelValidationContext(s_data));
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Equal([null, "region = north", "region = south"], check.Figures.Select(figure => figure.Slice));
        Assert.Equal([ValidationVerdict.Pass, ValidationVerdict.Pass, ValidationVerdict.Fail], check.Figures.Select(figure => figure.Verdict));
        Assert.DoesNotContain("south", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Pass, (await GateData.AskAsync(new ThresholdValidator("rmse") { Maximum = 0.6, SliceMaximum = 1.1, SliceColumns = ["region"] }, new ModelValidationContext(s_data))).Verdict);
    }

    [Theory]
    [InlineData(ValidationVerdict.Pass)]
    [InlineData(ValidationVerdict.Warn)]
    [InlineData(ValidationVerdict.Fail)]
    public async Task ValidateAsync_SmallSlice_IsNotJudged(ValidationVerdict verdict)
    {
        var check = await GateData.AskAsync(
            new ThresholdValidator("rmse") { Maximum = 0.6, SliceColumns = ["region"], MinimumSliceRows = 51, SmallSliceVerdict = verdict }, new ModelValidationContext(s_data));
        Assert.Equal(verdict, check.Verdict);
        Assert.Null(check.Figures[2].Value);
        Assert.Contains("1 slice could not be judged", check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_AccuracyBelowTheLowerBound_Fails()
    {
        var context = new ModelValidationContext(new EvaluationData(GateData.Classes(300, 1, 1)));
        Assert.Equal(ValidationVerdict.Pass, (await GateData.AskAsync(new ThresholdValidator("accuracy") { Minimum = 0.6 }, context)).Verdict);
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new ThresholdValidator("accuracy") { Minimum = 0.99 }, context)).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_NothingCanBeTold_Fails()
    {
        var one = new ModelValidationContext(new EvaluationData(new ModelOutcomes(["no", "yes"], [0.5, 0.5, 0.2, 0.8], [1, 1])));
        Assert.Contains("undefined: only one class occurs", (await GateData.AskAsync(new ThresholdValidator("roc_auc") { Minimum = 0.5 }, one)).Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new ThresholdValidator("roc_auc") { Minimum = 0.5 }, one)).Verdict);

        var absent = await GateData.AskAsync(new ThresholdValidator("rmse") { Maximum = 9, SliceColumns = ["age"] }, new ModelValidationContext(s_data));
        Assert.Equal((ValidationVerdict.Fail, true), (absent.Verdict, absent.Reason.Contains("'region'", StringComparison.Ordinal)));
        Assert.Contains("Set one", (await GateData.AskAsync(new ThresholdValidator("rmse"), new ModelValidationContext(s_data))).Reason, StringComparison.Ordinal);
        Assert.Contains("nothing could pass", (await GateData.AskAsync(new ThresholdValidator("rmse") { Minimum = 2, Maximum = 1 }, new ModelValidationContext(s_data))).Reason, StringComparison.Ordinal);
        var unknown = await GateData.AskAsync(new ThresholdValidator("roc_auc") { Minimum = 0 }, new ModelValidationContext(s_data));
        Assert.Equal((ValidationVerdict.Fail, "Mlops.EntityNotFoundException"), (unknown.Verdict, unknown.ErrorType));
    }

    [Fact]
    public async Task ValidateAsync_MetricOfOnesOwn_IsJudged()
    {
        var largest = new OutcomeMetric("largest_error", Mlops.Tracking.MetricDirection.Minimize, judged => judged.Predictions.ToArray().Max());
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new ThresholdValidator(largest) { Maximum = 0.9 }, new ModelValidationContext(s_data))).Verdict);
        Assert.Equal(ValidationVerdict.Pass, (await GateData.AskAsync(new ThresholdValidator(largest) { Maximum = 1 }, new ModelValidationContext(s_data))).Verdict);
    }
}
