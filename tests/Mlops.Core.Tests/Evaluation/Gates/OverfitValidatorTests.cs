using Mlops.Evaluation;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class OverfitValidatorTests
{
    [Theory]
    [InlineData(1.0, 1.05, ValidationVerdict.Pass)]
    [InlineData(1.0, 0.5, ValidationVerdict.Pass)]
    [InlineData(1.0, 1.2, ValidationVerdict.Fail)]
    [InlineData(0.0, 0.1, ValidationVerdict.Fail)]
    [InlineData(0.0, 0.0, ValidationVerdict.Pass)]
    public async Task ValidateAsync_ErrorGrows_IsLimited(double training, double test, ValidationVerdict verdict)
    {
        var check = await GateData.AskAsync(new OverfitValidator("rmse"), Context(training, test));
        Assert.Equal(verdict, check.Verdict);
        Assert.Equal(training - test, Assert.Single(check.Figures).Gain!.Value, 1e-12);
    }

    [Theory]
    [InlineData(0.3, null, ValidationVerdict.Pass)]
    [InlineData(0.1, null, ValidationVerdict.Fail)]
    [InlineData(0.3, 0.1, ValidationVerdict.Fail)]
    [InlineData(0.1, 0.3, ValidationVerdict.Fail)]
    [InlineData(0.3, 0.3, ValidationVerdict.Pass)]
    public async Task ValidateAsync_Limits_AreBothKept(double loss, double? ratio, ValidationVerdict verdict)
        => Assert.Equal(verdict, (await GateData.AskAsync(new OverfitValidator("rmse") { MaximumLoss = loss, MaximumLossRatio = ratio }, Context(1, 1.2))).Verdict);

    [Fact]
    public async Task ValidateAsync_ScoreFalls_IsLimited()
    {
        var context = new ModelValidationContext(new EvaluationData(GateData.Classes(500, 3, 1))) { Training = new EvaluationData(GateData.Classes(400, 0.2, 2, data: 2)) };
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new OverfitValidator("roc_auc"), context)).Verdict);
        Assert.Equal(ValidationVerdict.Warn, (await GateData.AskAsync(new OverfitValidator("roc_auc") { OverfitVerdict = ValidationVerdict.Warn }, context)).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_NothingToCompare_Fails()
    {
        var alone = new ModelValidationContext(new EvaluationData(GateData.Numbers(50, 1, 1)));
        Assert.Contains("Training", (await GateData.AskAsync(new OverfitValidator("rmse"), alone)).Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new OverfitValidator("rmse"), alone)).Verdict);
        Assert.True((await GateData.AskAsync(new OverfitValidator("rmse") { IsOptional = true }, alone)).IsSkipped);
        var empty = alone with { Training = new EvaluationData(new ModelOutcomes([], [], [])) };
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new OverfitValidator("rmse"), empty)).Verdict);
        Assert.Contains("Set one", (await GateData.AskAsync(new OverfitValidator("rmse") { MaximumLossRatio = null }, Context(1, 1))).Reason, StringComparison.Ordinal);
    }

    private static ModelValidationContext Context(double training, double test)
        => new(new EvaluationData(Errors(test))) { Training = new EvaluationData(Errors(training)) };

    private static ModelOutcomes Errors(double error) => new([], [.. Enumerable.Range(0, 50).Select(row => row % 2 == 0 ? error : -error)], new double[50]);
}
