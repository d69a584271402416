using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

public sealed class FalseAlarmBudgetTests
{
    [Fact]
    public void GetSignificance_OneAlarmAMonth_IsTheShareOfAnEvaluation()
    {
        Assert.Equal(1 / 730.5, FalseAlarmBudget.PerMonth(1).GetSignificance(TimeSpan.FromHours(1)), 1e-12);
        Assert.Equal(1 / 365.25, FalseAlarmBudget.PerYear(1).GetSignificance(TimeSpan.FromDays(1)), 1e-12);
        // More evaluations allowed to alarm than there are: an alarm would say nothing.
        Assert.Equal(FalseAlarmBudget.MaximumSignificance, FalseAlarmBudget.PerMonth(40).GetSignificance(TimeSpan.FromDays(1)));
    }

    [Fact]
    public void Budget_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FalseAlarmBudget.PerMonth(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => FalseAlarmBudget.PerMonth(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FalseAlarmBudget(1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => FalseAlarmBudget.PerMonth(1) with { Alarms = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => FalseAlarmBudget.PerMonth(1).GetSignificance(TimeSpan.Zero));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(1000)]
    public void Spending_OverAllLooks_IsTheTotal(int looks)
    {
        foreach (var spending in new[] { AlphaSpending.Pocock(0.05, looks), AlphaSpending.OBrienFleming(0.05, looks) })
        {
            var state = AlphaSpendingState.Start;
            double sum = 0, first = spending.GetSignificance(state);
            for (var look = 0; look < looks; look++)
            {
                var significance = spending.GetSignificance(state);
                Assert.InRange(significance, double.Epsilon, 0.05 + 1e-15);
                sum += significance;
                state = state.Next(look % 3 == 0);
            }

            Assert.Equal(0.05, sum, 1e-9);
            Assert.Equal(first, spending.GetSignificance(state)); // Then it begins anew.
        }
    }

    [Fact]
    public void OBrienFleming_FiveLooks_IsThePublishedTable()
    {
        // Lan and DeMets (1983): 2(1 − Φ(1.96/√t)) at t = 0.2, 0.4, 0.6, 0.8, 1.
        double[] spent = [0.0000117, 0.00194, 0.01140, 0.02843, 0.05];
        var (state, sum) = (AlphaSpendingState.Start, 0.0);
        foreach (var expected in spent)
        {
            sum += AlphaSpending.OBrienFleming(0.05, 5).GetSignificance(state);
            Assert.Equal(expected, sum, 1e-5);
            state = state.Next(false);
        }
    }

    [Fact]
    public void Spending_OfABudget_KeepsIt()
    {
        foreach (var alarms in new[] { 0.2, 1, 3 })
        {
            var budget = FalseAlarmBudget.PerMonth(alarms);
            foreach (var spending in new[] { AlphaSpending.Constant(budget, TimeSpan.FromHours(6)), AlphaSpending.Pocock(budget, TimeSpan.FromHours(6)), AlphaSpending.OBrienFleming(budget, TimeSpan.FromHours(6)) })
            {
                var (state, sum) = (AlphaSpendingState.Start, 0.0);
                // Ten years, so that parts of periods do not matter.
                for (var i = 0; i < 14_610; i++)
                {
                    sum += spending.GetSignificance(state);
                    state = state.Next(false);
                }

                Assert.InRange(sum, 0.98 * 120 * alarms, 1.001 * 120 * alarms);
            }
        }
    }

    [Fact]
    public void Lord_WithoutAlarms_SpendsAtMostItsStart()
    {
        // The discounts sum to no more than 1: so many terms, and the integral of the rest with u = log j, 2e^(−√u)(√u³ + 3u + 6√u + 6).
        double sum = 0;
        for (long j = 1; j <= 1_000_000; j++) sum += AlphaSpending.GetDiscount(j);
        var root = Math.Sqrt(Math.Log(1_000_000.5));
        sum += 0.07720838 * 2 * Math.Exp(-root) * ((root * root * root) + (3 * root * root) + (6 * root) + 6);
        Assert.InRange(sum, 0.97, 1);
        var spending = AlphaSpending.Lord(0.1);
        Assert.Equal(0.05 * AlphaSpending.GetDiscount(1), spending.GetSignificance(AlphaSpendingState.Start), 1e-15);
        // An alarm earns significance back, the first what it did not start with and later ones all of it.
        var state = AlphaSpendingState.Start.Next(true);
        Assert.Equal((0.05 * AlphaSpending.GetDiscount(2)) + (0.05 * AlphaSpending.GetDiscount(1)), spending.GetSignificance(state), 1e-15);
        state = state.Next(true);
        Assert.Equal((0.05 * AlphaSpending.GetDiscount(3)) + (0.05 * AlphaSpending.GetDiscount(2)) + (0.1 * AlphaSpending.GetDiscount(1)), spending.GetSignificance(state), 1e-15);
        for (var i = 0; i < 200; i++) state = state.Next(true);
        Assert.InRange(spending.GetSignificance(state), 0.02, 0.1);
    }

    [Fact]
    public void AlphaSpendingState_ManyAlarms_StaysSmallAndNeverGivesOutMore()
    {
        var state = AlphaSpendingState.Start;
        var all = new List<long>();
        for (var i = 0; i < 5000; i++)
        {
            if (i % 3 != 0) all.Add(i + 1);
            state = state.Next(i % 3 != 0);
        }

        Assert.Equal(1000, state.Alarms.Count);
        Assert.Equal(all.TakeLast(1000), state.Alarms);
        Assert.True(state.ToJson().Length < 20_000);
        var spending = AlphaSpending.Lord(0.1);
        Assert.InRange(spending.GetSignificance(state), 0.01, spending.GetSignificance(new AlphaSpendingState(state.Evaluations, all)));
    }

    [Fact]
    public void Lord_SomeDrift_KeepsTheShareOfFalseAlarms()
    {
        var random = new Random(3);
        var spending = AlphaSpending.Lord(0.2);
        double shares = 0;
        const int Trials = 300;
        for (var trial = 0; trial < Trials; trial++)
        {
            var (state, wrong, alarms) = (AlphaSpendingState.Start, 0, 0);
            for (var i = 0; i < 200; i++)
            {
                var isDrift = random.Next(10) == 0;
                var p = isDrift ? 1e-4 * random.NextDouble() : random.NextDouble();
                var hasAlarmed = p <= spending.GetSignificance(state);
                alarms += hasAlarmed ? 1 : 0;
                wrong += hasAlarmed && !isDrift ? 1 : 0;
                state = state.Next(hasAlarmed);
            }

            shares += (double)wrong / Math.Max(1, alarms);
        }

        Assert.InRange(shares / Trials, 0.001, 0.2);
    }

    [Fact]
    public void State_Json_ReadsBack()
    {
        var state = AlphaSpendingState.Start.Next(false).Next(true).Next(true);
        Assert.Equal(state, AlphaSpendingState.FromJson(state.ToJson()));
        Assert.Equal([2, 3], state.Alarms);
        Assert.Throws<System.Text.Json.JsonException>(() => AlphaSpendingState.FromJson("{\"evaluations\":2,\"alarms\":[3]}"u8));
    }

    [Fact]
    public void Estimate_EveryCorrection_BoundsSimulatedAlarms()
    {
        const int Tests = 20, Trials = 4000;
        var estimate = FalseAlarmEstimate.Create(Tests, Tests, 0.1, FalseAlarmBudget.Month);
        var random = new Random(11);
        var corrections = Enum.GetValues<Correction>();
        var (any, all) = (new int[corrections.Length], new int[corrections.Length]);
        for (var trial = 0; trial < Trials; trial++)
        {
            var pValues = Enumerable.Range(0, Tests).Select(_ => random.NextDouble()).ToArray();
            for (var i = 0; i < corrections.Length; i++)
            {
                var rejected = MultipleTesting.Adjust(pValues, corrections[i]).Count(p => p <= 0.1);
                any[i] += rejected > 0 ? 1 : 0;
                all[i] += rejected;
            }
        }

        for (var i = 0; i < corrections.Length; i++)
        {
            var figures = estimate[corrections[i]];
            double observed = (double)any[i] / Trials, columns = (double)all[i] / Trials;
            Assert.InRange(observed, (0.85 * figures.AlarmedEvaluationsPerMonth) - 0.02, figures.AlarmedEvaluationsPerMonth + 0.015);
            Assert.InRange(columns, (0.8 * figures.AlarmedColumnsPerMonth) - 0.02, (1.05 * figures.AlarmedColumnsPerMonth) + 0.02);
            Assert.InRange(figures.EvaluationProbability, 0, figures.WorstEvaluationProbability + 1e-12);
        }
    }

    [Fact]
    public void EstimateFalseAlarms_Options_CountsTheTests()
    {
        var missing = new ColumnProfile("holes", ElementType.Float64);
        missing.Add([.. Enumerable.Range(0, 500).Select(i => i % 5 == 0 ? double.NaN : i)]);
        var full = new ColumnProfile("full", ElementType.Float64);
        full.Add([.. Enumerable.Range(0, 500).Select(i => (double)i)]);
        var date = new ColumnProfile("day", ElementType.Timestamp, ColumnRole.Time);
        var profile = new DatasetProfile(500, missing, full, date);
        var estimate = new DriftReportOptions { Significance = 0.01 }.EstimateFalseAlarms(profile, TimeSpan.FromDays(1));
        Assert.Equal((2, 3, 30.4375), (estimate.ColumnCount, estimate.TestCount, estimate.EvaluationsPerMonth));
        Assert.Equal(0.304375, estimate[Correction.Holm].AlarmedEvaluationsPerMonth, 1e-9);
        Assert.Equal(30.4375 * (1 - Math.Pow(0.99, 3)), estimate[Correction.None].AlarmedEvaluationsPerMonth, 1e-9);
        Assert.Equal(0, FalseAlarmEstimate.Create(0, 0, 0.05, TimeSpan.FromDays(1))[Correction.Holm].AlarmedColumnsPerMonth);
        Assert.Contains("alarmed evaluations", estimate.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(estimate[Correction.Holm].ToString(), estimate.ToString(), StringComparison.Ordinal);
        var other = new DriftReportOptions { Correction = Correction.BenjaminiHochberg }.EstimateFalseAlarms(profile, TimeSpan.FromDays(1));
        Assert.EndsWith(other[Correction.BenjaminiHochberg].ToString(), other.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void EstimateFalseAlarms_SeriesOptions_FollowBudgetAndSpending()
    {
        var column = new ColumnProfile("x", ElementType.Float64);
        column.Add([.. Enumerable.Range(0, 500).Select(i => (double)i)]);
        var profile = new DatasetProfile(500, column);
        var budget = FalseAlarmBudget.PerMonth(0.4);
        // All ways to spend a budget of one month keep to it in that month; by days, the month has 30.
        foreach (var spending in new[] { null, AlphaSpending.Pocock(budget, TimeSpan.FromDays(1)), AlphaSpending.OBrienFleming(budget, TimeSpan.FromDays(1)) })
        {
            var options = new DriftSeriesOptions { Budget = spending is null ? budget : null, Spending = spending };
            Assert.Equal(0.4, options.EstimateFalseAlarms(profile)[Correction.Holm].AlarmedEvaluationsPerMonth, 0.01);
        }

        // Without either, each chunk has the significance of the report.
        Assert.Equal(0.05 * 30.4375, new DriftSeriesOptions().EstimateFalseAlarms(profile)[Correction.Holm].AlarmedEvaluationsPerMonth, 1e-9);
        // LORD++ spends less and less.
        var lord = new DriftSeriesOptions { Spending = AlphaSpending.Lord(0.1) };
        var later = new DriftSeriesOptions { Spending = AlphaSpending.Lord(0.1), SpendingState = new AlphaSpendingState(1000, []) };
        Assert.True(later.EstimateFalseAlarms(profile).Significance < lord.EstimateFalseAlarms(profile).Significance / 10);
        Assert.Equal(Correction.Bonferroni, new DriftSeriesOptions { ReferenceChunks = new ReferenceChunkOptions() }.EstimateFalseAlarms(profile).Correction);
        // Chunks by size do not tell how often they come.
        Assert.Contains("Interval", Assert.Throws<ArgumentException>("options", () => new DriftSeriesOptions { Chunking = Chunking.BySize(100) }.EstimateFalseAlarms(profile)).Message, StringComparison.Ordinal);
        Assert.Equal(0.05 * 730.5, new DriftSeriesOptions { Chunking = Chunking.BySize(100), Interval = TimeSpan.FromHours(1) }.EstimateFalseAlarms(profile)[Correction.Holm].AlarmedEvaluationsPerMonth, 1e-9);
    }

    [Fact]
    public async Task Rehearsal_StationaryReference_AlarmsWithinTheLevel()
    {
        var data = ChunkData.Create(3000, (random, _) => random.NextDouble());
        var options = new DriftReportOptions { MinimumEffect = 0, Significance = 0.1 };
        var result = await DriftRehearsal.RunAsync(data, options, 150, repetitions: 120, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(BinomialInterval.UpperTail(result.Alarms, 120, 0.1) > 0.001, result.ToString());
        Assert.InRange(result.AlarmedRatio, result.Interval.Lower, result.Interval.Upper);
        var again = await DriftRehearsal.RunAsync(data, options, 150, repetitions: 120, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((result.Alarms, result.Interval), (again.Alarms, again.Interval));
        Assert.Equal(0, (await DriftRehearsal.RunAsync(data, null, 150, 20, cancellationToken: TestContext.Current.CancellationToken)).Untested);
    }

    [Fact]
    public async Task Rehearsal_ReferenceThatWanders_AlarmsOnlyWithConsecutiveRows()
    {
        // Blocks of 300 rows with means of their own, as weeks have.
        var data = ChunkData.Create(3000, (random, row) => random.NextDouble() + (row / 300 % 2));
        var token = TestContext.Current.CancellationToken;
        var atRandom = await DriftRehearsal.RunAsync(data, null, 150, 40, cancellationToken: token);
        var consecutive = await DriftRehearsal.RunAsync(data, null, 150, 40, isConsecutive: true, cancellationToken: token);
        Assert.True(consecutive.Alarms > 30 && atRandom.Alarms < 10, $"{consecutive}; {atRandom}");
        Assert.Equal("value", consecutive.Columns[0].Column);
        Assert.Equal(consecutive.Alarms, consecutive.Columns[0].Alarms);
        await Assert.ThrowsAsync<ArgumentException>(() => DriftRehearsal.RunAsync(data, null, 2000, cancellationToken: token));
    }

    [Fact]
    public void BinomialInterval_KnownValues_AreThoseOfClopperAndPearson()
    {
        var interval = BinomialInterval.Get(4, 20, 0.95);
        Assert.Equal(0.05733, interval.Lower, 1e-4);
        Assert.Equal(0.43661, interval.Upper, 1e-4);
        Assert.Equal((0, 1 - Math.Pow(0.025, 1.0 / 30)), (BinomialInterval.Get(0, 30, 0.95).Lower, Math.Round(BinomialInterval.Get(0, 30, 0.95).Upper, 12)), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-9);
        Assert.Equal(1, BinomialInterval.Get(30, 30, 0.95).Upper);
    }
}
