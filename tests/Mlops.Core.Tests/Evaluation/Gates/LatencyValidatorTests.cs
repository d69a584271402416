using Mlops.Core.Tests.Models;
using Mlops.Evaluation;
using Mlops.Testing;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class LatencyValidatorTests
{
    private readonly ManualTimeProvider _clock = new();
    private int _calls;
    private int _rows;

    [Fact]
    public async Task ValidateAsync_AlwaysTheSame_IsMeasuredWithoutTheWarmUp()
    {
        // The first ten take a second each.
        var check = await AskAsync(new LatencyValidator(_clock) { WarmUps = 10, Repeats = 100 }, call => call < 10 ? 1_000_000 : 250);
        Assert.Equal(ValidationVerdict.Pass, check.Verdict);
        Assert.Equal([250e-6, 250e-6], check.Figures.Select(figure => Math.Round(figure.Value!.Value, 9)));
        Assert.Contains("250 µs (median)", check.Reason, StringComparison.Ordinal);
        Assert.Equal((110, 1), (_calls, _rows));
        Assert.Equal(ValidationVerdict.Fail, (await AskAsync(new LatencyValidator(_clock) { WarmUps = 0, Repeats = 12 }, call => call < 10 ? 1_000_000 : 250)).Verdict);
    }

    [Theory]
    [InlineData(0, ValidationVerdict.Pass)]
    [InlineData(1, ValidationVerdict.Pass)]
    [InlineData(2, ValidationVerdict.Fail)]
    public async Task ValidateAsync_SlowTail_FailsBeyondOneOfAHundred(int slow, ValidationVerdict verdict)
    {
        var check = await AskAsync(new LatencyValidator(_clock) { WarmUps = 0, Repeats = 100 }, call => call < slow ? 20_000 : 100);
        Assert.Equal(verdict, check.Verdict);
        Assert.Equal(ValidationVerdict.Pass, check.Figures[0].Verdict);
    }

    [Fact]
    public async Task ValidateAsync_SlowMedian_Fails()
    {
        var check = await AskAsync(new LatencyValidator(_clock) { WarmUps = 0, Repeats = 10 }, _ => 2000);
        Assert.Equal([ValidationVerdict.Fail, ValidationVerdict.Pass], check.Figures.Select(figure => figure.Verdict));
        Assert.Contains("the median may be at most 1 ms", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Pass, (await AskAsync(new LatencyValidator(_clock) { WarmUps = 0, Repeats = 10, MaximumMedian = TimeSpan.FromMilliseconds(3) }, _ => 2000)).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_Batches_AreOfTheirSize()
    {
        await AskAsync(new LatencyValidator(_clock) { BatchRows = 64, WarmUps = 1, Repeats = 9 }, _ => 1);
        Assert.Equal((10, 64), (_calls, _rows));
        await AskAsync(new LatencyValidator(_clock) { BatchRows = 5000, WarmUps = 0, Repeats = 1 }, _ => 1);
        Assert.Equal(PackageData.Rows, _rows);
    }

    [Fact]
    public async Task ValidateAsync_NeedsAbsent_FailsUnlessOptional()
    {
        var bare = new ModelValidationContext(new EvaluationData(GateData.Numbers(50, 1, 1)));
        Assert.Contains("ModelValidationContext.Predictor", (await GateData.AskAsync(new LatencyValidator(), bare)).Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new LatencyValidator(), bare)).Verdict);
        Assert.Contains("ModelValidationContext.Rows", (await GateData.AskAsync(new LatencyValidator(), bare with { Predictor = new FactorModel(1).CreatePredictor() })).Reason, StringComparison.Ordinal);
        Assert.True((await GateData.AskAsync(new LatencyValidator { IsOptional = true }, bare)).IsSkipped);
        Assert.Contains("Set one", (await GateData.AskAsync(new LatencyValidator { MaximumMedian = null, MaximumP99 = null }, bare)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_Package_IsMeasuredInsteadOfThePredictor()
    {
        using var data = new PackageData();
        var directory = await data.SaveAsync(new FactorModel(2));
        var context = Context(_ => 1_000_000) with { Package = new CandidatePackage(data.Path, [new FactorFlavor()]) };
        var check = await GateData.AskAsync(new LatencyValidator(_clock) { WarmUps = 0, Repeats = 10 }, context);
        Assert.Equal((ValidationVerdict.Pass, 0, directory.Digest), (check.Verdict, _calls, check.PackageDigest));
    }

    [Fact]
    public async Task ValidateAsync_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        var context = Context(_ =>
        {
            source.Cancel();
            return 1;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new LatencyValidator(_clock).ValidateAsync(context, source.Token).AsTask());
        Assert.Equal(1, _calls);
    }

    private Task<ModelCheck> AskAsync(LatencyValidator validator, Func<int, int> microseconds)
    {
        _calls = 0;
        return GateData.AskAsync(validator, Context(microseconds));
    }

    private ModelValidationContext Context(Func<int, int> microseconds) => new(new EvaluationData(GateData.Numbers(PackageData.Rows, 1, 1)))
    {
        Rows = PackageData.Dataset,
        Predictor = new DelegatePredictor(PackageData.Signature, (inputs, _) =>
        {
            _rows = inputs.Rows;
            _clock.Advance(TimeSpan.FromMicroseconds(microseconds(_calls++)));
        }),
    };
}
