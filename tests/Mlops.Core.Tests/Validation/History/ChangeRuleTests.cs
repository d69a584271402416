using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class ChangeRuleTests
{
    private const MetricVerdict Normal = MetricVerdict.Normal;
    private const MetricVerdict Anomaly = MetricVerdict.Anomaly;
    private const MetricVerdict NotEnough = MetricVerdict.NotEnoughHistory;

    [Fact]
    public void Relative_AtTheLimit_IsNormalAndBeyondItIsNot()
    {
        var rule = new RelativeChangeRule { MaximumDecrease = 0.5, MaximumIncrease = 1 };
        Assert.Equal([NotEnough, Normal, Normal], HistoryFiles.Verdicts(rule, 100, 50, 100));
        Assert.Equal([NotEnough, Anomaly], HistoryFiles.Verdicts(rule, 100, 49.9));
        Assert.Equal([NotEnough, Anomaly], HistoryFiles.Verdicts(rule, 100, 200.1));
        Assert.Equal([NotEnough, Anomaly], HistoryFiles.Verdicts(rule, -100, -150.1));
        Assert.Equal(new MetricRange(-150, 0), HistoryFiles.Check(HistoryFiles.History(-100, -100), rule)[1].Expected);
    }

    [Fact]
    public void Relative_FromZero_AnyChangeInALimitedDirectionIsTooLarge()
    {
        Assert.Equal([NotEnough, Normal, Anomaly], HistoryFiles.Verdicts(new RelativeChangeRule { MaximumIncrease = 10 }, 0, 0, 1));
        Assert.Equal([NotEnough, Normal, Normal], HistoryFiles.Verdicts(new RelativeChangeRule { MaximumDecrease = 10 }, 0, 0, 1));
    }

    [Fact]
    public void Absolute_OrderN_IsTheNthDifference()
    {
        // Of cubes the third difference is 6, of which the expectation says 0.
        double?[] cubes = [0, 1, 8, 27, 64, 125];
        Assert.Equal([NotEnough, NotEnough, NotEnough, Normal, Normal, Normal], HistoryFiles.Verdicts(new AbsoluteChangeRule { Order = 3, MaximumIncrease = 6 }, cubes));
        Assert.Equal([NotEnough, NotEnough, NotEnough, Anomaly], HistoryFiles.Verdicts(new AbsoluteChangeRule { Order = 3, MaximumIncrease = 5.9 }, cubes[..4]));
        Assert.Equal(3 - 0.5 - 0 + 27 - 8 - 8 + 1, HistoryFiles.Check(HistoryFiles.History(cubes), new AbsoluteChangeRule { Order = 2, MaximumDecrease = 0.5, MaximumIncrease = 1e9 })[3].Expected!.Value.Lower, 1e-12);
    }

    [Fact]
    public void Absolute_Lag_ComparesWithTheRunsSoManyBefore()
    {
        var rule = new AbsoluteChangeRule { Lag = 3, MaximumDecrease = 1, MaximumIncrease = 1 };
        Assert.Equal([NotEnough, NotEnough, NotEnough, Normal, Normal, Anomaly, Normal, Normal, Normal], HistoryFiles.Verdicts(rule, 1, 50, 9, 1, 50, 12, 1, 50, 9));
    }

    [Fact]
    public void Check_MissingValues_AreStoodInForByTheValueOneLagBefore()
    {
        Assert.Equal([NotEnough, MetricVerdict.NoValue, Normal, MetricVerdict.NoValue, Anomaly], HistoryFiles.Verdicts(new AbsoluteChangeRule { MaximumIncrease = 1 }, 5, null, 6, double.NaN, 8));
        Assert.Equal([NotEnough, NotEnough, MetricVerdict.NoValue, Normal, Anomaly], HistoryFiles.Verdicts(new AbsoluteChangeRule { Lag = 2, MaximumIncrease = 1 }, 5, 50, double.PositiveInfinity, 51, 51));
        Assert.Equal([MetricVerdict.NoValue, NotEnough, Normal], HistoryFiles.Verdicts(new AbsoluteChangeRule { MaximumIncrease = 1 }, null, 5, 5));
    }

    [Fact]
    public void Check_LargeNumbers_IsNeverNaN()
    {
        var results = HistoryFiles.Check(HistoryFiles.History(1.7e308, -1.7e308, 1.7e308, 1.7e308, 1.7e308), new AbsoluteChangeRule { Order = 2, MaximumDecrease = 1, MaximumIncrease = 1 });
        Assert.All(results, result => Assert.False(result.Expected is { } range && double.IsNaN(range.Lower + range.Upper)));
        Assert.Equal(NotEnough, results[2].Verdict);
    }

    [Fact]
    public void Check_SpikeAndReturn_IsOneAnomalyOrTwo()
    {
        var rule = new RelativeChangeRule { MaximumDecrease = 0.2, MaximumIncrease = 0.2 };
        Assert.Equal([2], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(10, 10, 20, 10, 10), rule)));
        Assert.Equal([2, 3], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(10, 10, 20, 10, 10), rule with { AcceptReturn = false })));
        Assert.Equal([2], HistoryFiles.Anomalies(HistoryFiles.Check(HistoryFiles.History(10, 10, 20, 20, 20), rule)));
    }
}
