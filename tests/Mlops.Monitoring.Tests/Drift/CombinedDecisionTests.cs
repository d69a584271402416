namespace Mlops.Monitoring.Tests;

public sealed class CombinedDecisionTests
{
    private static readonly DriftTestOptions s_options = new();

    /// <summary>A test that is sure, of an effect that is large enough, decides; not another one whose effect is larger, but which a correction for the columns of a report would no longer find.</summary>
    [Fact]
    public void Decide_SeveralFindDrift_TakesTheSurestOfThoseWithAnEffect()
    {
        var result = Decide((1e-12, 1.2), (0.012, 3), (1e-30, 0.5));
        Assert.Equal(DriftVerdict.Drift, result.Verdict);
        Assert.Equal(2e-12, result.PValue!.Value, 1e-14);
        Assert.Equal(1.2, result.Effect!.Value, 1e-9);
        // As in a report of a hundred columns.
        Assert.Equal(DriftVerdict.Drift, DriftDecision.Correct(result, 100 * result.PValue.Value, s_options.Significance, 1).Verdict);
    }

    [Fact]
    public void Decide_OnlySmallEffects_IsNoDriftAndTellsTheLargestThatIsCertain()
    {
        var result = Decide((1e-12, 0.3), (1e-6, 0.6), (0.9, 0.8));
        Assert.Equal(DriftVerdict.NoDrift, result.Verdict);
        Assert.Equal(0.6, result.Effect!.Value, 1e-9);
    }

    [Fact]
    public void Decide_LargeEffectByChance_IsNoDrift()
    {
        var result = Decide((1e-12, 0.3), (0.2, 2), (0.5, 0.1));
        Assert.Equal(DriftVerdict.NoDrift, result.Verdict);
        Assert.Equal(0.4, result.PValue!.Value, 1e-9);
    }

    /// <summary>Without drift, no level is exceeded by whichever test is taken.</summary>
    [Fact]
    public void Decide_NoDriftAnywhere_HoldsEveryLevel()
    {
        const int Trials = 20_000;
        var random = new Random(5);
        var p = new double[Trials];
        for (var i = 0; i < Trials; i++) p[i] = Decide((random.NextDouble(), 2 * random.NextDouble()), (random.NextDouble(), 2 * random.NextDouble()), (random.NextDouble(), 2 * random.NextDouble())).PValue!.Value;
        foreach (var level in new[] { 0.001, 0.01, 0.05, 0.2 })
            Assert.True(p.Count(value => value <= level) <= (level * Trials) + (4 * Math.Sqrt(level * Trials)), $"{p.Count(value => value <= level)} of {Trials} at {level}");
    }

    private static DriftResult Decide(params (double PValue, double Ratio)[] parts)
    {
        IRowDriftTest[] tests = [new MeanShift(), new CovarianceShift(), new MaximumMeanDiscrepancy()];
        return CombinedDecision.Decide(
            new EmbeddingDrift(),
            [.. parts.Zip(tests, (part, test) => ((IDriftTest)test, new DriftResult(test.Name, DriftVerdict.NoDrift, "", 100, 100) { Statistic = 1, PValue = part.PValue, Effect = part.Ratio * test.DefaultMinimumEffect }))],
            s_options);
    }
}
