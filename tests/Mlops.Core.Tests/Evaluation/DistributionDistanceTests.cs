using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class DistributionDistanceTests
{
    [Theory]
    [InlineData(new[] { 1.0, 2, 3, 4 }, new[] { 1.0, 2, 3, 4 }, 0)]
    [InlineData(new[] { 1.0, 2 }, new[] { 3.0, 4, 5 }, 1)]
    [InlineData(new[] { 3.0, 1, 2, 2 }, new[] { 2.0, 5 }, 0.5)]
    [InlineData(new[] { 1.0, 1, 1 }, new[] { 1.0 }, 0)]
    public void KolmogorovSmirnov_SmallSamples_IsTheLargestGap(double[] first, double[] second, double expected)
        => Assert.Equal(expected, DistributionDistance.KolmogorovSmirnov(first, second), 1e-12);

    [Fact]
    public void CramerV_FewCategories_IsCorrectedForBias()
    {
        // χ² = 200 of a complete separation; φ² = 1 − 1/199 after the correction, and both dimensions shrink to 2 − 1/199.
        Assert.Equal(1, DistributionDistance.CramerV([100, 0], [0, 100]), 1e-12);
        Assert.Equal(0, DistributionDistance.CramerV([50, 50], [50, 50]), 1e-12);
        Assert.Equal(0, DistributionDistance.CramerV([52, 48], [50, 50]), 1e-12); // Less than chance brings about.
        Assert.Equal(0, DistributionDistance.CramerV([7], [9]), 1e-12);
        // Categories below 1 % are one together: (95, 95) and (5, 5) differ in nothing.
        Assert.Equal(0, DistributionDistance.CramerV([995, 5, 0], [995, 0, 5]), 1e-12);
        Assert.True(DistributionDistance.CramerV([995, 5, 0], [995, 0, 5], rareRatio: 0) > 0);
    }
}
