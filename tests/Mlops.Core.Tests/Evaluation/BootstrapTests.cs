using Mlops.Evaluation;
using Mlops.Tracking;

namespace Mlops.Core.Tests.Evaluation;

public sealed class BootstrapTests
{
    private static readonly OutcomeMetric s_accuracy = OutcomeMetrics.Get(OutcomeMetrics.Accuracy, ModelTask.BinaryClassification);
    private static readonly OutcomeMetric s_auc = OutcomeMetrics.Get(OutcomeMetrics.RocAuc, ModelTask.BinaryClassification);
    private static readonly OutcomeMetric s_mae = OutcomeMetrics.Get(OutcomeMetrics.Mae, ModelTask.Regression);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BootstrapResampling.Multinomial)]
    [InlineData(BootstrapResampling.Poisson)]
    public void Evaluate_ManySamplesOfAKnownTruth_CoversItAboutAsOftenAsItSays(BootstrapResampling resampling)
    {
        // The accuracy of a decision that is right with probability 0.8 is 0.8; the mean absolute error of uniform noise in ±1 is 0.5.
        var random = new Random(11);
        var (coveredAccuracy, coveredError) = (0, 0);
        const int Repetitions = 300;
        for (var i = 0; i < Repetitions; i++)
        {
            var options = new BootstrapOptions { Seed = (ulong)i, Resampling = resampling, MaximumParallelism = 2 };
            var outcomes = Scored(200, () => random.NextDouble() < 0.8, _ => 1, random);
            coveredAccuracy += Holds(Bootstrap.Evaluate(s_accuracy, outcomes, options, Token), 0.8) ? 1 : 0;
            var numbers = new ModelOutcomes([], [.. Enumerable.Range(0, 150).Select(_ => (random.NextDouble() * 2) - 1)], new double[150]);
            coveredError += Holds(Bootstrap.Evaluate(s_mae, numbers, options, Token), 0.5) ? 1 : 0;
        }

        Assert.InRange((double)coveredAccuracy / Repetitions, 0.90, 0.99);
        Assert.InRange((double)coveredError / Repetitions, 0.90, 0.99);
    }

    /// <summary>Most samples say worse though the gain is above 0: the tail is told by the samples, not by the sign of the gain.</summary>
    [Fact]
    public void Compare_SamplesAgainstTheGain_GiveOneSidedValuesOfTheirOwn()
    {
        const int Rows = 40;
        // The gain rests on one row: samples without it, more than a third of them, see a loss.
        var labels = new double[Rows];
        var one = new ModelOutcomes([], [.. Enumerable.Range(0, Rows).Select(row => row == 0 ? 0 : 1.1)], labels);
        var other = new ModelOutcomes([], [.. Enumerable.Range(0, Rows).Select(row => row == 0 ? 5.0 : 1)], labels);
        var difference = PairedBootstrap.Compare(OutcomeMetrics.Get("mae", ModelTask.Regression), one, other, out _, new BootstrapOptions { Samples = 1000, Seed = 3 }, TestContext.Current.CancellationToken)!;
        Assert.True(difference.Gain > 0);
        Assert.InRange(difference.BetterPValue, 0.3, 0.45);
        Assert.Equal(1 + (1.0 / 1001), difference.BetterPValue + difference.WorsePValue, 1e-9); // No sample is equal.
        Assert.Equal(2 * Math.Min(difference.BetterPValue, difference.WorsePValue), difference.PValue, 1e-12);
        var reverse = PairedBootstrap.Compare(OutcomeMetrics.Get("mae", ModelTask.Regression), other, one, out _, new BootstrapOptions { Samples = 1000, Seed = 3 }, TestContext.Current.CancellationToken)!;
        Assert.Equal(difference.BetterPValue, reverse.WorsePValue);
    }

    [Fact]
    public void Evaluate_OtherNumbersOfThreads_GivesTheSameBits()
    {
        var outcomes = Noisy(500, 3);
        var one = Bootstrap.Evaluate(outcomes, null, new BootstrapOptions { MaximumParallelism = 1 }, Token);
        var four = Bootstrap.Evaluate(outcomes, null, new BootstrapOptions { MaximumParallelism = 4 }, Token);
        Assert.Equal(one.Metrics, four.Metrics);
        var other = Bootstrap.Evaluate(outcomes, null, new BootstrapOptions { Seed = 1 }, Token);
        Assert.NotEqual(one[OutcomeMetrics.RocAuc].Interval, other[OutcomeMetrics.RocAuc].Interval);
        Assert.Equal(one[OutcomeMetrics.RocAuc].Value, other[OutcomeMetrics.RocAuc].Value);
    }

    [Fact]
    public void Evaluate_WeightsOfRows_AreThoseOfRepeatedRows()
    {
        var outcomes = Noisy(300, 5);
        var doubled = Bootstrap.Evaluate(s_auc, outcomes.WithWeights([.. Enumerable.Repeat(2.0, 300)]), null, Token);
        var plain = Bootstrap.Evaluate(s_auc, outcomes, null, Token);
        Assert.Equal(plain.Value!.Value, doubled.Value!.Value, 1e-12);
        Assert.Equal(plain.Interval!.Value.Lower, doubled.Interval!.Value.Lower, 1e-12);

        // A row of weight 0 is no row.
        var weights = Enumerable.Range(0, 300).Select(i => i < 150 ? 1.0 : 0).ToArray();
        var half = Bootstrap.Evaluate(s_auc, outcomes.WithWeights(weights), null, Token);
        Assert.Equal(Bootstrap.Evaluate(s_auc, outcomes.Select([.. Enumerable.Range(0, 150)]), null, Token), half);
    }

    [Fact]
    public void Evaluate_MoreRowsThanTheBound_IsAsWideAsWithAll()
    {
        var outcomes = Noisy(8000, 3);
        foreach (var metric in new[] { s_auc, s_accuracy })
        {
            var all = Bootstrap.Evaluate(metric, outcomes, null, Token);
            var bounded = Bootstrap.Evaluate(metric, outcomes, new BootstrapOptions { MaximumRows = 1000 }, Token);
            Assert.Equal(all.Value, bounded.Value);
            Assert.InRange((bounded.Interval!.Value.Upper - bounded.Interval.Value.Lower) / (all.Interval!.Value.Upper - all.Interval.Value.Lower), 0.75, 1.33);
            Assert.InRange(bounded.Value!.Value, bounded.Interval.Value.Lower, bounded.Interval.Value.Upper);
        }

        Assert.Throws<ArgumentException>(() => Bootstrap.Evaluate(s_auc, outcomes, new BootstrapOptions { MaximumRows = 10 }, Token));
    }

    [Fact]
    public void Compare_MoreRowsThanTheBound_IsAsWideAsWithAll()
    {
        var (one, two) = (Noisy(8000, 3), Noisy(8000, 3));
        two = new ModelOutcomes(two.Classes, [.. two.Predictions.ToArray().Select((p, i) => i % 40 < 2 ? 1 - p : p)], two.Labels.ToArray());
        var all = PairedBootstrap.Compare(s_auc, one, two, out _, null, Token)!;
        var bounded = PairedBootstrap.Compare(s_auc, one, two, out _, new BootstrapOptions { MaximumRows = 2000 }, Token)!;
        Assert.Equal((all.Gain, all.RowCount), (bounded.Gain, bounded.RowCount));
        Assert.InRange((bounded.Interval.Upper - bounded.Interval.Lower) / (all.Interval.Upper - all.Interval.Lower), 0.7, 1.45);
    }

    [Fact]
    public void Evaluate_OneClassOrOneRowOrNone_HasNoInterval()
    {
        var oneClass = new ModelOutcomes(["no", "yes"], [0.4, 0.6, 0.3, 0.7, 0.2, 0.8], [1, 1, 1]);
        var figure = Bootstrap.Evaluate(s_auc, oneClass, null, Token);
        Assert.Null(figure.Value);
        Assert.Null(figure.Interval);
        Assert.Contains("class", figure.UndefinedReason, StringComparison.Ordinal);
        Assert.NotNull(Bootstrap.Evaluate(s_accuracy, oneClass, null, Token).Interval);
        Assert.Null(Bootstrap.Evaluate(s_accuracy, oneClass.Select([0]), null, Token).Interval);
        Assert.Null(Bootstrap.Evaluate(s_accuracy, oneClass.Select([]), null, Token).Value);
    }

    [Fact]
    public void Evaluate_MetricThatFails_FailsAsItself()
    {
        var failing = new OutcomeMetric("failing", MetricDirection.Maximize, judged => judged.Weights.Length == 0 ? 1 : throw new NotSupportedException("of weights"));
        Assert.Throws<NotSupportedException>(() => Bootstrap.Evaluate(failing, Noisy(50, 1), null, Token));
    }

    [Fact]
    public async Task Evaluate_CancelledOrBadOptions_Throws()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        Assert.ThrowsAny<OperationCanceledException>(() => Bootstrap.Evaluate(s_auc, Noisy(50, 1), null, source.Token));
        Assert.Throws<ArgumentException>(() => Bootstrap.Evaluate(s_auc, Noisy(50, 1), new BootstrapOptions { Samples = 1 }, Token));
        Assert.Throws<ArgumentException>(() => Bootstrap.Evaluate(s_auc, Noisy(50, 1), new BootstrapOptions { Level = 1 }, Token));
    }

    [Fact]
    public void Evaluate_CancelledInTheMiddle_Throws()
    {
        using var source = new CancellationTokenSource();
        var calls = 0;
        var cancelling = new OutcomeMetric("cancelling", MetricDirection.Maximize, _ =>
        {
            if (Interlocked.Increment(ref calls) == 10) source.Cancel();
            return calls;
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Bootstrap.Evaluate(cancelling, Noisy(50, 1), new BootstrapOptions { Samples = 100_000 }, source.Token));
        Assert.True(calls < 1000);
    }

    [Fact]
    public void Compare_BetterModel_IsBetterBeyondChanceAndEqualOnesAreNot()
    {
        var (good, bad) = (Noisy(600, 9, 0.15), Noisy(600, 9, 0.45));
        var difference = PairedBootstrap.Compare(s_auc, good, bad, out var reason, null, Token)!;
        Assert.Null(reason);
        Assert.True(difference.IsBetter);
        Assert.True(difference.PValue <= 0.02);
        Assert.Equal(s_auc.Compute(good).Value - s_auc.Compute(bad).Value, difference.Gain, 1e-12);
        Assert.True(PairedBootstrap.Compare(s_auc, bad, good, out _, null, Token)!.IsWorse);

        var same = PairedBootstrap.Compare(s_auc, good, good, out _, null, Token)!;
        Assert.Equal(0, same.Gain);
        Assert.Equal(1, same.PValue);
        Assert.False(same.IsBetter || same.IsWorse);
    }

    [Fact]
    public void Compare_ModelsOfEqualWorth_AreRarelyFoundDifferent()
    {
        var found = 0;
        for (var i = 0; i < 100; i++)
        {
            var labels = Noisy(150, i);
            var other = new ModelOutcomes(labels.Classes, Noisy(150, i, 0.3, noiseSeed: 5000 + i).Predictions.ToArray(), labels.Labels.ToArray());
            if (PairedBootstrap.Compare(s_auc, labels, other, out _, new BootstrapOptions { Seed = (ulong)i }, Token)!.PValue <= 0.05) found++;
        }

        Assert.InRange(found, 0, 12);
    }

    [Fact]
    public void Compare_OtherRows_IsRefused()
    {
        var outcomes = Noisy(20, 1);
        Assert.Throws<ArgumentException>(() => PairedBootstrap.Compare(s_auc, outcomes, Noisy(21, 1), out _, null, Token));
        var turned = new ModelOutcomes(outcomes.Classes, outcomes.Predictions.ToArray(), [.. outcomes.Labels.ToArray().Select(label => 1 - label)]);
        Assert.Contains("another label", Assert.Throws<ArgumentException>(() => PairedBootstrap.Compare(s_auc, outcomes, turned, out _, null, Token)).Message, StringComparison.Ordinal);
        Assert.Null(PairedBootstrap.Compare(s_auc, outcomes.Select([]), outcomes.Select([]), out var reason, null, Token));
        Assert.NotNull(reason);
    }

    /// <summary>Labels at random and scores that say more of them, the less noise there is.</summary>
    internal static ModelOutcomes Noisy(int rows, int seed, double noise = 0.3, int? noiseSeed = null)
    {
        var (random, noises) = (new Random(seed), new Random(noiseSeed ?? seed + 1000));
        return Scored(rows, () => random.NextDouble() < 0.5, isPositive => Math.Clamp((isPositive ? 0.6 : 0.4) + ((noises.NextDouble() - 0.5) * 2 * noise), 0, 1), random);
    }

    private static ModelOutcomes Scored(int rows, Func<bool> truth, Func<bool, double> score, Random _)
    {
        var (predictions, labels) = (new double[2 * rows], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            var isPositive = truth();
            var p = score(isPositive);
            (predictions[2 * row], predictions[(2 * row) + 1], labels[row]) = (1 - p, p, isPositive ? 1 : 0);
        }

        return new ModelOutcomes(["no", "yes"], predictions, labels);
    }

    private static bool Holds(EvaluationMetric metric, double truth) => metric.Interval is { } interval && interval.Lower <= truth && truth <= interval.Upper;
}
