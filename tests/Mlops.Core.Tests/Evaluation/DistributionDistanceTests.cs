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
}
