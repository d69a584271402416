using Mlops.Evaluation;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class BaselineValidatorTests
{
    private const int Rows = 300;

    [Theory]
    [InlineData(0.5, 0, ValidationVerdict.Pass)]
    [InlineData(0.5, 0.9, ValidationVerdict.Fail)]
    [InlineData(3, 0, ValidationVerdict.Fail)]
    public async Task ValidateAsync_AgainstTheMean_TellsBetterFromWorse(double spread, double ratio, ValidationVerdict verdict)
    {
        var candidate = GateData.Numbers(Rows, spread, 1);
        var context = Context(candidate, ("mean", new ModelOutcomes([], new double[Rows], candidate.Labels.ToArray())));
        var check = await GateData.AskAsync(new BaselineValidator("rmse") { MinimumGainRatio = ratio }, context);
        Assert.Equal(verdict, check.Verdict);
        Assert.Equal("baseline 'mean'", Assert.Single(check.Figures).Reference);
    }

    [Fact]
    public async Task ValidateAsync_OneOfTwoIsBetter_Fails()
    {
        var candidate = GateData.Numbers(Rows, 0.5, 1);
        var check = await GateData.AskAsync(
            new BaselineValidator("rmse"), Context(candidate, ("yesterday", GateData.Numbers(Rows, 0.1, 2)), ("mean", new ModelOutcomes([], new double[Rows], candidate.Labels.ToArray()))));
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Equal(["baseline 'mean'", "baseline 'yesterday'"], check.Figures.Select(figure => figure.Reference));
        Assert.Equal([ValidationVerdict.Pass, ValidationVerdict.Fail], check.Figures.Select(figure => figure.Verdict));
    }

    [Fact]
    public async Task ValidateAsync_NoBaseline_FailsUnlessOptional()
    {
        var context = Context(GateData.Numbers(Rows, 0.5, 1));
        var check = await GateData.AskAsync(new BaselineValidator("rmse"), context);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("ModelValidationContext.Baselines", check.Reason, StringComparison.Ordinal);
        var optional = await GateData.AskAsync(new BaselineValidator("rmse") { IsOptional = true }, context);
        Assert.Equal((ValidationVerdict.Pass, true), (optional.Verdict, optional.IsSkipped));
    }

    private static ModelValidationContext Context(ModelOutcomes candidate, params (string Name, ModelOutcomes Outcomes)[] baselines)
        => new(new EvaluationData(candidate)) { Baselines = baselines.ToDictionary(baseline => baseline.Name, baseline => new EvaluationData(baseline.Outcomes)) };
}
