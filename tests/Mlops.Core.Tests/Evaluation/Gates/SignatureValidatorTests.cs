using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class SignatureValidatorTests
{
    private static readonly TensorSpec s_features = TensorSpec.Of<float>("features", 3, "age", "size", "price");
    private static readonly TensorSpec s_city = TensorSpec.Of<string>("city");
    private static readonly TensorSpec s_output = TensorSpec.Of<double>("probabilities", 2) with { Classes = ["no", "yes"] };
    private static readonly ModelSignature s_champion = new([s_features, s_city], [s_output]);

    [Fact]
    public async Task ValidateAsync_SameSignature_Passes()
        => Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new SignatureValidator(), new ModelSignature([s_features, s_city], [s_output]))).Verdict);

    [Fact]
    public async Task ValidateAsync_SeveralDifferences_AreAllTold()
    {
        var actual = new ModelSignature(
            [TensorSpec.Of<double>("features", 2, "age", "weight"), TensorSpec.Of<long>("year")], [s_output with { Classes = ["yes", "no"] }, TensorSpec.Of<float>("score")]);
        var check = await AskAsync(new SignatureValidator(), actual);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Equal(
            [
                "input 'features' is Float64 instead of Float32",
                "input 'features' is fed by other columns too: 'weight'",
                "input 'features' is not fed by 'size', 'price'",
                "input 'features' has the shape of features: Float64[?, 2] instead of features: Float32[?, 3]",
                "input 'city' is missing",
                "input 'year' is asked for, which callers do not give",
                "output 'probabilities' tells other classes apart, or the same ones in another order (2 instead of 2)",
                "output 'score' is new",
            ],
            check.Figures.Select(figure => $"{figure.Name} {figure.Note}"));
    }

    [Fact]
    public async Task ValidateAsync_FewerInputs_PassOnlyWhenAllowed()
    {
        foreach (var fewer in new ModelSignature[] { new([s_features], [s_output]), new([TensorSpec.Of<float>("features", 2, "age", "price"), s_city], [s_output]) })
        {
            Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new SignatureValidator(), fewer)).Verdict);
            Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new SignatureValidator { AllowFewerInputs = true }, fewer)).Verdict);
        }

        // More inputs, or other outputs, are never allowed.
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new SignatureValidator { AllowFewerInputs = true }, new ModelSignature([s_features, s_city, TensorSpec.Of<float>("more")], [s_output]))).Verdict);
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new SignatureValidator { AllowFewerInputs = true }, new ModelSignature([s_features, s_city], [TensorSpec.Of<double>("other")]))).Verdict);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ValidateAsync_SameInAnotherOrder_Fails(bool columns)
    {
        var other = columns
            ? new ModelSignature([s_features with { Columns = ["size", "age", "price"] }, s_city], [s_output])
            : new ModelSignature([s_city, s_features], [s_output]);
        var check = await AskAsync(new SignatureValidator(), other);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains(columns ? "the same columns in another order" : "is in slot 1 instead of 0", check.Reason, StringComparison.Ordinal);
        // What the gate lets pass, a host lets pass too.
        Assert.NotNull(s_champion.FindIncompatibility(other));
    }

    [Fact]
    public async Task ValidateAsync_NothingToCompareWith_IsSaid()
    {
        var outcomes = new EvaluationData(GateData.Numbers(50, 1, 1));
        var alone = new ModelValidationContext(outcomes) { Signature = s_champion };
        Assert.True((await GateData.AskAsync(new SignatureValidator(), alone)).IsSkipped);
        Assert.Contains("ChampionSignature", (await GateData.AskAsync(new SignatureValidator(), alone with { Champion = outcomes })).Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new SignatureValidator(), alone with { Champion = outcomes })).Verdict);
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new SignatureValidator(), new ModelValidationContext(outcomes))).Verdict);
        Assert.True((await GateData.AskAsync(new SignatureValidator { IsOptional = true }, new ModelValidationContext(outcomes))).IsSkipped);
        Assert.Equal(ValidationVerdict.Pass, (await GateData.AskAsync(new SignatureValidator { Expected = s_champion }, alone)).Verdict);
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new SignatureValidator { Expected = PackageData.Signature }, alone)).Verdict);
    }

    private static Task<ModelCheck> AskAsync(SignatureValidator validator, ModelSignature actual)
        => GateData.AskAsync(validator, new ModelValidationContext(new EvaluationData(GateData.Numbers(50, 1, 1))) { ChampionSignature = s_champion, Signature = actual });
}
