using Mlops.Evaluation;

namespace Mlops.Core.Tests.Validation;

public sealed class ShallowTreeTests
{
    [Theory]
    [InlineData("plain", false)]
    [InlineData("weighted", true)]
    public void Grow_Numbers_PredictsAsScikitLearn(string expected, bool isWeighted)
    {
        var golden = ModelCheckData.Golden("trees");
        double[][] features = [golden.Column("x", 0), golden.Column("x", 1)];
        var tree = ShallowTree.Grow(features, golden.Numbers("t"), 1, isWeighted ? golden.Numbers("w") : [], maximumDepth: 3, minimumRows: 12);
        var predictions = golden.Numbers(expected);
        for (var row = 0; row < predictions.Length; row++) Assert.Equal(predictions[row], tree.Find(features, row).Mean[0], 1e-12);
    }

    [Fact]
    public void Grow_ClassesAsZerosAndOnes_PredictsAsScikitLearnByGini()
    {
        var golden = ModelCheckData.Golden("trees");
        double[][] features = [golden.Column("x", 0), golden.Column("x", 1)];
        var classes = golden.Numbers("k");
        var targets = new double[classes.Length * 3];
        for (var row = 0; row < classes.Length; row++) targets[(row * 3) + (int)classes[row]] = 1;
        var tree = ShallowTree.Grow(features, targets, 3, [], maximumDepth: 3, minimumRows: 5);
        for (var row = 0; row < classes.Length; row++)
        {
            for (var k = 0; k < 3; k++) Assert.Equal(golden.Column("gini", k)[row], tree.Find(features, row).Mean[k], 1e-12);
        }
    }

    [Fact]
    public void Grow_Leaves_HoldTheirRowsWithinTheirBounds()
    {
        double[] x = [double.NegativeInfinity, 1, 2, 3, 4, double.PositiveInfinity];
        var tree = ShallowTree.Grow([x], [5, 1, 1, 2, 2, 9], 1, [], maximumDepth: 3, minimumRows: 1);
        var leaves = tree.Leaves.ToArray();
        Assert.Equal([0, 1, 2, 3, 4, 5], leaves.SelectMany(leaf => leaf.Rows).Order());
        foreach (var leaf in leaves)
        {
            Assert.All(leaf.Rows, row => Assert.True((x[row] > leaf.Bounds[0].Lower || x[row] == double.NegativeInfinity) && x[row] <= leaf.Bounds[0].Upper));
            Assert.All(leaf.Rows, row => Assert.Same(leaf, tree.Find([x], row)));
        }

        Assert.Equal(1, tree.Explained, 1e-12);
    }

    [Fact]
    public void Grow_NothingToTellApart_IsOneLeaf()
    {
        var constant = ShallowTree.Grow([[1, 2, 3, 4]], [0.1, 0.1, 0.1, 0.1], 1, [], 3, 1);
        Assert.Equal((1, 0.0), (constant.Leaves.Count(), constant.Explained));
        Assert.Single(ShallowTree.Grow([[1, 1, 1, 1]], [1, 2, 3, 4], 1, [], 3, 1).Leaves);
        Assert.Single(ShallowTree.Grow([[1, 2, 3]], [1, 2, 9], 1, [], 3, 2).Leaves);
    }
}
