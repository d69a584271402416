using Mlops.Evaluation;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class CalibrationValidatorTests
{
    [Fact]
    public async Task ValidateAsync_ProbabilitiesAreRight_Passes()
    {
        var check = await AskAsync(new CalibrationValidator(), GateData.Calibrated(5000, 1));
        Assert.Equal(ValidationVerdict.Pass, check.Verdict);
        Assert.Equal("calibration_error of class 'yes'", Assert.Single(check.Figures).Name);
    }

    [Fact]
    public async Task ValidateAsync_TooSureOfItself_Fails()
    {
        var check = await AskAsync(new CalibrationValidator(), GateData.Calibrated(5000, 1, truth => truth < 0.5 ? truth / 3 : 1 - ((1 - truth) / 3)));
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.InRange(check.Figures[0].PValue!.Value, 0, 0.01);
        // Within a generous limit it passes, untested.
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new CalibrationValidator { MaximumError = 0.5 }, GateData.Calibrated(5000, 1, truth => truth < 0.5 ? truth / 3 : 1 - ((1 - truth) / 3)))).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_FewRows_AreNotBlamedForChance()
    {
        var check = await AskAsync(new CalibrationValidator(), GateData.Calibrated(30, 3));
        Assert.True(check.Figures[0].Value > 0.05, "so few rows have a large error by chance");
        Assert.Equal(ValidationVerdict.Warn, check.Verdict);
        Assert.Contains("chance", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new CalibrationValidator { UncertainVerdict = ValidationVerdict.Fail }, GateData.Calibrated(30, 3))).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_SeveralClasses_AreJudgedEach()
    {
        // Class b is as likely as it says; a and c are mixed up.
        var outcomes = new ModelOutcomes(["a", "b", "c"], [.. Enumerable.Range(0, 900).SelectMany(_ => new[] { 0.6, 0.3, 0.1 })], [.. Enumerable.Range(0, 900).Select(row => (row % 10) switch { < 1 => 0.0, < 4 => 1, _ => 2 })]);
        var check = await AskAsync(new CalibrationValidator { MaximumBrier = 0.3 }, outcomes);
        Assert.Equal([ValidationVerdict.Fail, ValidationVerdict.Pass, ValidationVerdict.Fail], check.Figures.Take(3).Select(figure => figure.Verdict));
        Assert.Equal(0.5, check.Figures[0].Value!.Value, 1e-9);
        // Brier of a: 0.9 · 0.36 + 0.1 · 0.16 = 0.34; of b: 0.7 · 0.09 + 0.3 · 0.49 = 0.21.
        Assert.Equal([0.34, 0.21], check.Figures.Skip(3).Take(2).Select(figure => Math.Round(figure.Value!.Value, 9)));
        Assert.Equal([ValidationVerdict.Fail, ValidationVerdict.Pass], check.Figures.Skip(3).Take(2).Select(figure => figure.Verdict));
    }

    [Fact]
    public async Task ValidateAsync_NoProbabilities_Fails()
    {
        Assert.Contains("leave this gate out", (await AskAsync(new CalibrationValidator(), GateData.Numbers(50, 1, 1))).Reason, StringComparison.Ordinal);
        Assert.True((await AskAsync(new CalibrationValidator { IsOptional = true }, GateData.Numbers(50, 1, 1))).IsSkipped);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new CalibrationValidator { IsOptional = true }, new ModelOutcomes(["no", "yes"], [-1, 2], [1]))).Verdict);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new CalibrationValidator(), new ModelOutcomes(["no", "yes"], [], []))).Verdict);
        Assert.Contains("Set one", (await AskAsync(new CalibrationValidator { MaximumError = null }, GateData.Calibrated(5, 3))).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ModelValidation.ValidateAsync(new ModelValidationContext(new EvaluationData(GateData.Calibrated(30, 3))), [new CalibrationValidator()], source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new CalibrationValidator().ValidateAsync(new ModelValidationContext(new EvaluationData(GateData.Calibrated(30, 3))), source.Token).AsTask());
    }

    private static Task<ModelCheck> AskAsync(CalibrationValidator validator, ModelOutcomes outcomes) => GateData.AskAsync(validator, new ModelValidationContext(new EvaluationData(outcomes)));
}
