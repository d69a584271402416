using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class HolmCorrectionTests
{
    /// <summary>As R's <c>p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")</c>.</summary>
    [Fact]
    public void Adjust_KnownExample_IsRight() => Assert.Equal([0.03, 0.06, 0.06, 0.02], HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));

    [Fact]
    public void Adjust_LargeNumbers_StayAtOne() => Assert.Equal([1, 1], HolmCorrection.Adjust([0.9, 0.6]));

    [Fact]
    public void Adjust_Nothing_IsNothing() => Assert.Empty(HolmCorrection.Adjust([]));
}
