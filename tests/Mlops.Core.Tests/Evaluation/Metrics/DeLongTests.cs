using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class DeLongTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    public void Covariance_OfTwoModels_IsThatOfComparingAllPairs(int decimals)
    {
        var (first, labels, _) = BinaryScoresTests.Rows(150, 21, decimals);
        var (other, _, _) = BinaryScoresTests.Rows(150, 22, decimals);
        double[] second = [.. first.Zip(other, (a, b) => Math.Round((a + b) / 2, decimals))];
        var areas = DeLong.Of([first, second], labels);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(BinaryScores.Of(i == 0 ? first : second, labels).RocAuc().Value, areas.Area(i).Value, 1e-13);
            for (var j = 0; j < 2; j++) Assert.Equal(BruteForce(i == 0 ? first : second, j == 0 ? first : second, labels), areas.Covariance(i, j).Value, 1e-14);
        }

        var comparison = areas.Compare(0, 1)!;
        Assert.Equal(areas.Area(0).Value - areas.Area(1).Value, comparison.Difference);
        Assert.Equal(Math.Sqrt(areas.Covariance(0, 0).Value + areas.Covariance(1, 1).Value - (2 * areas.Covariance(0, 1).Value)), comparison.StandardError, 1e-14);
        Assert.InRange(comparison.PValue, 0, 1);
    }

    [Fact]
    public void Weights_AllAlike_ChangeNothing()
    {
        var (scores, labels, _) = BinaryScoresTests.Rows(300, 23, 2);
        double[] weights = [.. labels.Select(_ => 2.5)];
        Assert.Equal(DeLong.Of([scores], labels).Covariance(0, 0).Value, DeLong.Of([scores], labels, weights).Covariance(0, 0).Value, 1e-15);
    }

    [Fact]
    public void Compare_OfAModelWithItself_FindsNothing()
    {
        var (scores, labels, weights) = BinaryScoresTests.Rows(300, 24, 2);
        double[] squared = [.. scores.Select(score => score * score)];
        Assert.Equal(new DeLongComparison(0, 0, 0, 1), DeLong.Of([scores, squared], labels, weights).Compare(0, 1));
    }

    [Fact]
    public void Interval_OfUnrelatedScores_CoversChanceAsOftenAsStated()
    {
        var covered = 0;
        for (ulong seed = 0; seed < 400; seed++)
        {
            var (scores, _, _) = BinaryScoresTests.Rows(100, 1000 + seed, 15);
            var (_, labels, _) = BinaryScoresTests.Rows(100, 5000 + seed, 15);
            var interval = DeLong.Of([scores], labels).Interval(0, 0.9)!.Value;
            if (interval.Lower <= 0.5 && 0.5 <= interval.Upper) covered++;
        }

        Assert.InRange(covered, 340, 380);
    }

    [Fact]
    public void Of_Outcomes_LeavesOutRowsThatOneModelCannotJudge()
    {
        ModelOutcomes first = new(["n", "y"], [0.9, 0.1, 0.2, 0.8, 0.5, 0.5, 0.4, 0.6, 0.7, 0.3], [0, 1, 1, 0, 1]);
        ModelOutcomes second = new(["n", "y"], [0.8, 0.2, 0.1, 0.9, double.NaN, 0.5, 0.4, 0.6, 0.6, 0.4], [0, 1, 1, 0, 1]);
        var areas = DeLong.Of([first, second]);
        Assert.Equal(0.75, areas.Area(0).Value);
        Assert.Equal(2, areas.ModelCount);
        Assert.Throws<ArgumentException>(() => DeLong.Of([first, new ModelOutcomes(["n", "y"], [], [])]));
        Assert.Throws<ArgumentException>(() => DeLong.Of([new ModelOutcomes([], [1], [1])]));
    }

    [Fact]
    public void Of_TooFewRowsOrBadInput_IsUndefinedOrRefused()
    {
        var oneClass = DeLong.Of([[0.1, 0.2]], [1, 1]);
        Assert.Equal("only one class occurs", oneClass.Area(0).UndefinedReason);
        Assert.Null(oneClass.Interval(0));
        var onePositive = DeLong.Of([[0.1, 0.2, 0.3]], [0, 0, 1]);
        Assert.Equal(1, onePositive.Area(0).Value);
        Assert.Null(onePositive.Compare(0, 0));
        Assert.Contains("fewer than two rows", onePositive.StandardDeviation(0).UndefinedReason!, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DeLong.Of([[0.1]], [1, 0]));
        Assert.Throws<ArgumentException>(() => DeLong.Of([[double.NaN, 1]], [1, 0]));
        Assert.Throws<ArgumentException>(() => DeLong.Of([[0.1, 1]], [1, 3]));
        Assert.Throws<ArgumentException>(() => DeLong.Of([[0.1, 1]], [1, 0], [1, -1]));
        Assert.Throws<ArgumentException>(() => DeLong.Of((IReadOnlyList<double[]>)[], []));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0.31731050786291404)]
    [InlineData(1.959963984540054, 0.05)]
    [InlineData(-3, 0.0026997960632601913)]
    [InlineData(10, 1.523970604832105e-23)]
    public void TwoSidedTail_OfKnownPoints_IsRight(double z, double tail)
    {
        Assert.Equal(1, StandardNormal.TwoSidedTail(z) / tail, 1e-12);
        if (z > 0 && tail > 1e-12) Assert.Equal(z, StandardNormal.Quantile(1 - (tail / 2)), 1e-9);
    }

    private static double BruteForce(double[] first, double[] second, double[] labels)
    {
        int[] positives = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] == 1)], negatives = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] == 0)];
        return (Covariance([.. positives.Select(i => negatives.Average(j => Wins(first, i, j)))], [.. positives.Select(i => negatives.Average(j => Wins(second, i, j)))]) / positives.Length)
            + (Covariance([.. negatives.Select(j => positives.Average(i => Wins(first, i, j)))], [.. negatives.Select(j => positives.Average(i => Wins(second, i, j)))]) / negatives.Length);

        static double Wins(double[] scores, int i, int j) => scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;

        static double Covariance(double[] x, double[] y)
        {
            var (meanX, meanY) = (x.Average(), y.Average());
            return x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum() / (x.Length - 1);
        }
    }
}
