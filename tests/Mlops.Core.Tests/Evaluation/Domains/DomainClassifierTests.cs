using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class DomainClassifierTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Measure_ColumnThatDiffers_TellsRowsApartByIt()
    {
        var random = new SplitMix64(1);
        bool[] isSecond = [.. Enumerable.Range(0, 400).Select(row => row >= 150)];
        var columns = new DomainColumns();
        columns.AddNumbers("noise", [.. isSecond.Select(_ => (double)random.Next(1000))]);
        columns.AddNumbers("shifted", [.. isSecond.Select(second => random.Next(1000) + (second ? 700.0 : 0))]);
        columns.AddNumbers("constant", [.. isSecond.Select(_ => 1.0)]);

        var separation = DomainClassifier.Measure(columns, isSecond, 1, Token);

        Assert.Equal(["noise", "shifted"], columns.Names);
        Assert.InRange(separation.Auc, 0.9, 0.99);
        Assert.True(separation.Gains[1] > 0.8);
        Assert.Equal(1, separation.Gains.Sum(), 1e-12);
        // The mean of the folds' own areas, from the scores that are handed out.
        var areas = Enumerable.Range(0, DomainClassifier.Folds).Select(fold => DomainClassifier.ComputeAuc(
            [.. Enumerable.Range(0, 400).Where(row => separation.Folds[row] == fold).Select(row => (separation.Scores[row], isSecond[row]))]));
        Assert.Equal(areas.Average(), separation.Auc, 1e-12);
    }

    [Fact]
    public void Measure_CategoriesThatDiffer_TellsRowsApart()
    {
        var random = new SplitMix64(2);
        bool[] isSecond = [.. Enumerable.Range(0, 400).Select(row => row % 2 == 0)];
        var columns = new DomainColumns();
        columns.AddCategories("kind", [.. isSecond.Select((second, row) => row % 11 == 0 ? -1 : (int)random.Next(2) + (second ? 0 : random.Next(4) == 0 ? 0 : 2))]);
        Assert.InRange(DomainClassifier.Measure(columns, isSecond, 1, Token).Auc, 0.7, 0.95);
    }

    [Fact]
    public void Measure_NothingToLearnFrom_IsAHalf()
    {
        bool[] isSecond = [.. Enumerable.Range(0, 40).Select(row => row % 2 == 0)];
        Assert.Equal(0.5, DomainClassifier.Measure(new DomainColumns(), isSecond, 1, Token).Auc);
    }

    [Fact]
    public void Deal_Rows_GivesEachFoldItsShareOfBoth()
    {
        bool[] isSecond = [.. Enumerable.Range(0, 103).Select(row => row < 33)];
        var folds = DomainClassifier.Deal(isSecond, 5, 3);
        Assert.Equal(folds, DomainClassifier.Deal(isSecond, 5, 3));
        for (var fold = 0; fold < 5; fold++)
        {
            Assert.InRange(Enumerable.Range(0, 103).Count(row => folds[row] == fold && isSecond[row]), 6, 7);
            Assert.Equal(14, Enumerable.Range(0, 103).Count(row => folds[row] == fold && !isSecond[row]));
        }
    }

    [Fact]
    public void Arguments_ThatDoNotFit_Throw()
    {
        var columns = new DomainColumns();
        columns.AddNumbers("a", [1, 2, 3]);
        Assert.Throws<ArgumentException>(() => columns.AddNumbers("b", [1, 2]));
        Assert.Throws<ArgumentException>(() => new DomainClassifier(columns, new bool[4]));
        Assert.Throws<ArgumentException>(() => DomainClassifier.Deal(new bool[40], 5, 1));
        Assert.Throws<ArgumentException>(() => new DomainClassifier(columns, [true, false, true]).Learn([0, 2], Token));
        Assert.ThrowsAny<OperationCanceledException>(() => new DomainClassifier(columns, [true, false, true]).Learn([0, 1, 2], new CancellationToken(true)));
    }
}
