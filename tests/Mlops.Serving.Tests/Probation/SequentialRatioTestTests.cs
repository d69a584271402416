namespace Mlops.Serving.Tests.Probation;

public sealed class SequentialRatioTestTests
{
    [Theory]
    [InlineData(1, 3, 0.05, false)]
    [InlineData(0, 0, 0.05, false)]
    [InlineData(2, 3, 0.05, false)]
    [InlineData(5, 5, 0.05, true)]
    [InlineData(50, 1000, 0.05, false)]
    [InlineData(60, 1000, 0.05, false)]
    [InlineData(120, 1000, 0.05, true)]
    [InlineData(700, 10_000, 0.05, true)]
    [InlineData(1, 1, 0, true)]
    [InlineData(10, 10, 1, false)]
    public void IsExceeded_Counts_NeedsEvidence(long failures, long calls, double guard, bool isExceeded)
        => Assert.Equal(isExceeded, SequentialRatioTest.IsExceeded(failures, calls, guard, 0.001));

    /// <summary>The risk holds though the test is asked after every call: of 2,000 runs of 2,000 calls at the guard itself, 20 at a risk of 1 % are expected at most; 38 are four deviations more.</summary>
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.3)]
    public void IsExceeded_AskedAfterEveryCallAtTheGuard_IsSeldomWrong(double guard)
    {
        var random = new Random(17);
        var wrong = 0;
        for (var run = 0; run < 2000; run++)
        {
            long failures = 0;
            for (var call = 1; call <= 2000; call++)
            {
                if (random.NextDouble() < guard) failures++;
                if (!SequentialRatioTest.IsExceeded(failures, call, guard, 0.01)) continue;
                wrong++;
                break;
            }
        }

        Assert.InRange(wrong, 0, 38);
    }

    /// <summary>Twice the guard is found within a few hundred calls, in nine runs of ten.</summary>
    [Fact]
    public void IsExceeded_TwiceTheGuard_IsFound()
    {
        var random = new Random(18);
        var found = 0;
        for (var run = 0; run < 200; run++)
        {
            long failures = 0;
            for (var call = 1; call <= 1000; call++)
            {
                if (random.NextDouble() < 0.1) failures++;
                if (!SequentialRatioTest.IsExceeded(failures, call, 0.05, 0.001)) continue;
                found++;
                break;
            }
        }

        Assert.InRange(found, 180, 200);
    }
}
