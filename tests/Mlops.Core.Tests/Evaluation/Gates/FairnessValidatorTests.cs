using Mlops.Evaluation;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class FairnessValidatorTests
{
    // 100 rows each: the first group has 50 selected, the second 30, of a third there are 10 rows.
    private static readonly EvaluationData s_data = Data(210, row => row < 100 ? row < 50 : row < 130);

    [Theory]
    [InlineData(0.1, ValidationVerdict.Fail)]
    [InlineData(0.21, ValidationVerdict.Pass)]
    public async Task ValidateAsync_SelectionRates_AreCompared(double maximum, ValidationVerdict verdict)
    {
        var check = await AskAsync(new FairnessValidator("sex") { MaximumDifference = maximum, SmallGroupVerdict = ValidationVerdict.Pass });
        Assert.Equal(verdict, check.Verdict);
        Assert.Equal(0.2, check.Figures[0].Value!.Value, 1e-12);
        Assert.Equal([0.5, 0.3], check.Figures.Skip(1).Take(2).Select(figure => figure.Value!.Value));
        Assert.DoesNotContain("sex = ", check.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.8, ValidationVerdict.Fail)]
    [InlineData(0.5, ValidationVerdict.Pass)]
    public async Task ValidateAsync_Ratio_IsCompared(double minimum, ValidationVerdict verdict)
        => Assert.Equal(verdict, (await AskAsync(new FairnessValidator("sex") { MaximumDifference = null, MinimumRatio = minimum, SmallGroupVerdict = ValidationVerdict.Pass })).Verdict);

    [Fact]
    public async Task ValidateAsync_SmallGroup_Warns()
    {
        var check = await AskAsync(new FairnessValidator("sex") { MaximumDifference = 0.5 });
        Assert.Equal(ValidationVerdict.Warn, check.Verdict);
        Assert.Equal(("sex = x", 10L), (check.Figures[^1].Slice, check.Figures[^1].Rows));
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new FairnessValidator("sex") { MaximumDifference = 0.4, MinimumGroupRows = 5 })).Verdict);
    }

    [Theory]
    [InlineData(FairnessMeasure.EqualOpportunity, 0.4)]
    [InlineData(FairnessMeasure.PredictiveParity, 0)]
    [InlineData(FairnessMeasure.Accuracy, 0.2)]
    public async Task ValidateAsync_OtherMeasures_AreThoseOfGroupFairness(FairnessMeasure measure, double difference)
    {
        // The first half of each group is positive, so that of the second group 20 positive rows are overlooked.
        var check = await AskAsync(new FairnessValidator("sex") { Measure = measure, MaximumDifference = difference + 0.01, SmallGroupVerdict = ValidationVerdict.Pass });
        Assert.Equal(ValidationVerdict.Pass, check.Verdict);
        Assert.Equal(difference, check.Figures[0].Value!.Value, 1e-12);
    }

    [Fact]
    public async Task ValidateAsync_NothingToCompare_Fails()
    {
        Assert.Contains("1 group of 'sex' can be judged", (await AskAsync(new FairnessValidator("sex") { SmallGroupVerdict = ValidationVerdict.Pass }, Data(100, _ => true))).Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new FairnessValidator("sex") { SmallGroupVerdict = ValidationVerdict.Pass }, Data(100, _ => true))).Verdict);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new FairnessValidator("age"))).Verdict);
        Assert.True((await AskAsync(new FairnessValidator("age") { IsOptional = true })).IsSkipped);
        Assert.Contains("leave this gate out", (await AskAsync(new FairnessValidator("sex"), new EvaluationData(GateData.Numbers(50, 1, 1)))).Reason, StringComparison.Ordinal);
        Assert.Equal("System.ArgumentException", (await AskAsync(new FairnessValidator("sex") { PositiveClass = "perhaps" })).ErrorType);
        // Nobody is selected: the ratio is undefined.
        var undefined = await AskAsync(new FairnessValidator("sex") { MinimumRatio = 0.1 }, Data(200, _ => false));
        Assert.Equal(ValidationVerdict.Fail, undefined.Verdict);
        Assert.Contains("undefined", undefined.Reason, StringComparison.Ordinal);
    }

    private static EvaluationData Data(int rows, Func<int, bool> isSelected)
    {
        var outcomes = new ModelOutcomes(
            ["no", "yes"], [.. Enumerable.Range(0, rows).SelectMany(row => isSelected(row) ? new[] { 0.1, 0.9 } : [0.9, 0.1])], [.. Enumerable.Range(0, rows).Select(row => row % 100 < 50 ? 1.0 : 0)]);
        return new EvaluationData(outcomes) { SliceColumns = [GateData.Column("sex", rows, row => row / 100, "f", "m", "x")] };
    }

    private static Task<ModelCheck> AskAsync(FairnessValidator validator, EvaluationData? data = null) => GateData.AskAsync(validator, new ModelValidationContext(data ?? s_data));
}
