namespace Mlops.Monitoring.Tests;

public sealed class DriftDecisionTests
{
    private static readonly KolmogorovSmirnov s_test = new();

    [Theory]
    [InlineData(0.01, 0.02, 0.05, DriftVerdict.Drift, "D = 0.3, p = 0.01, effect 0.3: within chance at significance 0.005. Corrected for the number of tests, p = 0.02, effect 0.3: more than chance and than the minimum effect.")]
    [InlineData(0.001, 0.2, 0.05, DriftVerdict.NoDrift, "D = 0.3, p = 0.001, effect 0.3: more than chance and than the minimum effect. Corrected for the number of tests, p = 0.2, effect 0.3: within chance at significance 0.05.")]
    [InlineData(0.001, 0.002, 0.5, DriftVerdict.NoDrift, "D = 0.3, p = 0.001, effect 0.3: more than chance and than the minimum effect. Corrected for the number of tests, p = 0.002, effect 0.3: more than chance, but below the minimum effect.")]
    [InlineData(0.001, 0.002, 0.05, DriftVerdict.Drift, "D = 0.3, p = 0.001, effect 0.3: more than chance and than the minimum effect.")]
    [InlineData(0.1, 0.2, 0.05, DriftVerdict.NoDrift, "D = 0.3, p = 0.1, effect 0.3: within chance at significance 0.005.")]
    public void Correct_AdjustedPValue_AddsWhatChanges(double pValue, double adjusted, double minimum, DriftVerdict verdict, string reason)
    {
        var alone = DriftDecision.Decide(s_test, new DriftMeasurement("D", 0.3, pValue, 0.3, null, null), 100, 100, new DriftTestOptions { Significance = 0.005, MinimumEffect = 0.05 });
        var result = DriftDecision.Correct(alone, adjusted, 0.05, minimum);
        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(reason, result.Reason);
    }

    [Theory]
    [InlineData(0.3, DriftVerdict.Drift, "D = 0.3, effect 0.3: more than the limit.")]
    [InlineData(0.01, DriftVerdict.NoDrift, "D = 0.3, effect 0.01: within the limit.")]
    public void Decide_NoPValue_GoesByTheEffect(double effect, DriftVerdict verdict, string reason)
    {
        var result = DriftDecision.Decide(s_test, new DriftMeasurement("D", 0.3, null, effect, null, null), 100, 100, new DriftTestOptions());
        Assert.Equal((verdict, reason), (result.Verdict, result.Reason));
    }

    [Theory]
    [InlineData(1, 1, 2, "1 reference and 30 current values; 2 of each are needed. Compare more rows.")]
    [InlineData(1, 20, 2, "1 reference and 30 current values; 20 of each are needed. Compare more rows.")]
    [InlineData(2, 20, 2, "2 reference and 30 current values; 20 of each are needed. Compare more rows, or lower MinimumCount to as few as 2.")]
    [InlineData(2, 1, 2, null)]
    public void FindShortage_OptionsAndTest_NeedTheLarger(int count, int wanted, int needed, string? reason)
        => Assert.Equal(reason, DriftDecision.FindShortage(s_test, count, 30, new DriftTestOptions { MinimumCount = wanted }, needed)?.Reason);
}
