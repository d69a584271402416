using FsCheck;
using FsCheck.Fluent;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class MetricRulePropertyTests
{
    // No ratio of whole numbers, so that no value lies exactly on a limit.
    private const double Threshold = 2.93713;

    private static readonly MetricRule[] s_zScores =
    [
        new ZScoreRule { Threshold = Threshold, MinimumPoints = 3 },
        new ZScoreRule { Threshold = Threshold, MinimumPoints = 3, Estimator = ZScoreEstimator.Median },
        new OnlineZScoreRule { Threshold = Threshold, MinimumPoints = 3 },
        new OnlineZScoreRule { Threshold = Threshold, MinimumPoints = 3, Estimator = ZScoreEstimator.Median, Window = 8, RestartAfter = 3 },
    ];

    private static readonly MetricRule[] s_ofThePast =
    [
        .. s_zScores[2..],
        new ThresholdRule { Minimum = -5, Maximum = 5 },
        new AbsoluteChangeRule { MaximumDecrease = 3, MaximumIncrease = 3 },
        new AbsoluteChangeRule { MaximumDecrease = 30, MaximumIncrease = 30, Order = 3, Lag = 2, AcceptReturn = false },
        new RelativeChangeRule { MaximumDecrease = 0.5, MaximumIncrease = 1, Lag = 2 },
        new SeasonalRule { Period = 2, RestartAfter = 3 },
        new SeasonalRule { Period = 3, SmoothingSeasons = 3, Estimator = ZScoreEstimator.Median },
        new SeasonalRule { Period = 4, CountRuns = true },
    ];

    private static Gen<double?[]> Values { get; } = Gen.Frequency((8, Gen.Choose(-9, 9).Select(value => (double?)value)), (1, Gen.Choose(-900, 900).Select(value => (double?)value)), (1, Gen.Constant((double?)null))).ArrayOf();

    [Fact]
    public void ZScores_ShiftedAndScaled_JudgeTheSame() => Prop.ForAll(Values.ToArbitrary(), Gen.Choose(-1000, 1000).ToArbitrary(), Gen.Choose(-40, 40).ToArbitrary(), (values, shift, exponent) =>
    {
        double?[] moved = [.. values.Select(value => value is { } number ? (double?)Math.ScaleB(number + shift, exponent) : null)];
        double?[] mirrored = [.. values.Select(value => -value)];
        foreach (var rule in s_zScores)
        {
            var expected = HistoryFiles.Verdicts(rule, values);
            Assert.Equal(expected, HistoryFiles.Verdicts(rule, moved));
            Assert.Equal(expected, HistoryFiles.Verdicts(rule, mirrored));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Changes_ShiftedOrScaled_JudgeTheSame() => Prop.ForAll(Values.ToArbitrary(), Gen.Choose(-1000, 1000).ToArbitrary(), Gen.Choose(-40, 40).ToArbitrary(), (values, shift, exponent) =>
    {
        var absolute = new AbsoluteChangeRule { MaximumDecrease = 4.5, MaximumIncrease = 8.5, Order = 2, Lag = 2 };
        var relative = new RelativeChangeRule { MaximumDecrease = 0.52, MaximumIncrease = 1.04 };
        double?[] Map(Func<double, double> map) => [.. values.Select(value => value is { } number ? (double?)map(number) : null)];
        var expected = HistoryFiles.Verdicts(absolute, values);
        Assert.Equal(expected, HistoryFiles.Verdicts(absolute, Map(number => number + shift)));
        Assert.Equal(expected, HistoryFiles.Verdicts(absolute with { MaximumDecrease = Math.ScaleB(4.5, exponent), MaximumIncrease = Math.ScaleB(8.5, exponent) }, Map(number => Math.ScaleB(number, exponent))));
        Assert.Equal(HistoryFiles.Verdicts(relative, values), HistoryFiles.Verdicts(relative, Map(number => Math.ScaleB(number, exponent))));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void RulesOfThePast_RunsAppended_KeepEarlierJudgements()
    {
        var runs = Gen.Zip(Values.Select(values => values.Concat(values).Concat(values).ToArray()), Gen.Frequency((12, Gen.Constant(24)), (2, Gen.Choose(1, 30)), (1, Gen.Choose(30, 300))).ArrayOf(1000));
        Prop.ForAll(runs.ToArbitrary(), run =>
        {
            var (values, hours) = run;
            var times = new DateTimeOffset[values.Length];
            for (var i = 0; i < times.Length; i++) times[i] = i == 0 ? HistoryFiles.Start : times[i - 1].AddHours(hours[i]);
            foreach (var rule in s_ofThePast)
            {
                var all = HistoryFiles.Check(HistoryFiles.History(values, i => times[i]), rule);
                foreach (var length in new[] { values.Length / 3, values.Length / 2, values.Length - 1 })
                {
                    if (length < 1) continue;
                    var part = HistoryFiles.Check(HistoryFiles.History(values[..length], i => times[i]), rule);
                    Assert.Equal(all.Take(length).Select(result => (result.Verdict, result.Expected)), part.Select(result => (result.Verdict, result.Expected)));
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Check_AnyValues_IsNeverNaNAndNeverSilent() => Prop.ForAll(ArbMap.Default.GeneratorFor<double>().ArrayOf().ToArbitrary(), values =>
    {
        foreach (var rule in s_zScores.Concat(s_ofThePast))
        {
            var results = HistoryFiles.Check(HistoryFiles.History([.. values.Select(value => (double?)value)]), rule);
            Assert.Equal(values.Length, results.Count);
            foreach (var result in results)
            {
                Assert.False(result.Value is { } value && !double.IsFinite(value));
                Assert.False(result.Expected is { } range && (double.IsNaN(range.Lower) || double.IsNaN(range.Upper)));
                Assert.Equal(result.Verdict is MetricVerdict.NotEnoughHistory or MetricVerdict.NoValue, result.Reason is not null);
                Assert.DoesNotContain("NaN", result.ToString());
            }
        }
    }).QuickCheckThrowOnFailure();
}
