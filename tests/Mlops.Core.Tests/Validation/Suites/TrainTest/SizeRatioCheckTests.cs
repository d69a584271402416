using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class SizeRatioCheckTests
{
    [Theory]
    [InlineData(100, 2, CheckStatus.Pass)]
    [InlineData(100, 1, CheckStatus.Warn)] // Not more than 0.01.
    [InlineData(100, 0, CheckStatus.Warn)]
    [InlineData(1, 1, CheckStatus.Pass)]
    public async Task RunAsync_DefaultLimit_IsMetBeyondIt(int train, int test, CheckStatus expected)
    {
        var result = await TrainTestTable.RunAsync(new SizeRatioCheck(), Rows(train), Rows(test));

        Assert.Equal(expected, result.Status);
        Assert.Equal((double)test / train, result.Values["size_ratio"]);
        Assert.Single(result.Conditions);
    }

    [Fact]
    public async Task RunAsync_OtherLimits_EachIsACondition()
    {
        var check = new SizeRatioCheck { MinimumRatio = 1.5, MinimumTestRows = 100, RequireLargerTrain = true, Severity = ValidationSeverity.Error };
        var result = await TrainTestTable.RunAsync(check, Rows(50), Rows(100));

        Assert.Equal([CheckStatus.Pass, CheckStatus.Pass, CheckStatus.Fail], result.Conditions.Select(condition => condition.Status));
        Assert.Equal("100 test rows, 50 training rows", result.Conditions[2].Measured);
    }

    [Fact]
    public async Task RunAsync_NoTestSetOrNoTrainingRow_IsNotApplicable()
    {
        Assert.Equal("There is no test set.", (await TrainTestTable.RunAsync(new SizeRatioCheck(), Rows(3), null)).Summary);
        var empty = await TrainTestTable.RunAsync(new SizeRatioCheck(), Rows(0), Rows(3));
        Assert.Equal((CheckStatus.NotApplicable, "The training set has no rows."), (empty.Status, empty.Summary));
    }

    private static TrainTestTable Rows(int count) => new TrainTestTable().Add("x", ElementType.Int64, [.. Enumerable.Range(0, count).Select(i => (object)(long)i)]);
}
