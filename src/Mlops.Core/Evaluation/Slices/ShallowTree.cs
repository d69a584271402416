namespace Mlops.Evaluation;

/// <summary>A regression tree of few levels over columns of numbers. Immutable after it was grown.</summary>
/// <remarks>
/// A node is split where the sum of squared deviations from the two means falls most, over the first such column and place; with targets of 0 and 1 for each class that is the Gini
/// impurity. Rows go left up to the middle of two neighbouring values. Source: L. Breiman et al., "Classification and Regression Trees" (1984).
/// </remarks>
internal sealed class ShallowTree
{
    private readonly List<Node> _nodes = [];

    private ShallowTree()
    {
    }

    /// <summary>Gets the leaves, from left to right.</summary>
    public IEnumerable<Node> Leaves => _nodes.Where(node => node.Feature < 0);

    /// <summary>Gets by how much the splits lower the sum of squares, as a share of what it was at the root; 0 without a split.</summary>
    public double Explained { get; private set; }

    /// <summary>Grows a tree.</summary>
    /// <param name="features">The columns, each of shape (rows), without NaN.</param>
    /// <param name="targets">The targets, shape (rows × width).</param>
    /// <param name="width">The number of targets of each row.</param>
    /// <param name="weights">The weights, shape (rows); empty where every row counts alike.</param>
    /// <param name="maximumDepth">The number of levels of splits.</param>
    /// <param name="minimumRows">The smallest number of rows of a leaf.</param>
    public static ShallowTree Grow(IReadOnlyList<double[]> features, double[] targets, int width, ReadOnlySpan<double> weights, int maximumDepth, int minimumRows)
    {
        var tree = new ShallowTree();
        var grower = new TreeGrower(features, targets, width, weights.ToArray(), Math.Max(1, minimumRows));
        var rows = new int[targets.Length / width];
        for (var i = 0; i < rows.Length; i++) rows[i] = i;
        var root = grower.Spread(rows);
        var gain = tree.Add(grower, rows, [], maximumDepth);
        tree.Explained = root <= 0 ? 0 : gain / root;
        return tree;
    }

    /// <summary>Finds the leaf of a row.</summary>
    public Node Find(IReadOnlyList<double[]> features, int row)
    {
        var node = _nodes[0];
        while (node.Feature >= 0) node = _nodes[features[node.Feature][row] <= node.Threshold ? node.Left : node.Right];
        return node;
    }

    private double Add(TreeGrower grower, int[] rows, (int Feature, double Lower, double Upper)[] bounds, int depth)
    {
        var node = new Node(rows, grower.Mean(rows), bounds);
        _nodes.Add(node);
        if (depth == 0 || grower.FindSplit(rows) is not { } split) return 0;
        (node.Feature, node.Threshold) = (split.Feature, split.Threshold);
        var column = grower.Features[split.Feature];
        node.Left = _nodes.Count;
        var gain = split.Gain + Add(grower, [.. rows.Where(row => column[row] <= split.Threshold)], Narrow(bounds, split.Feature, double.NegativeInfinity, split.Threshold), depth - 1);
        node.Right = _nodes.Count;
        return gain + Add(grower, [.. rows.Where(row => column[row] > split.Threshold)], Narrow(bounds, split.Feature, split.Threshold, double.PositiveInfinity), depth - 1);
    }

    private static (int Feature, double Lower, double Upper)[] Narrow((int Feature, double Lower, double Upper)[] bounds, int feature, double lower, double upper)
    {
        var at = Array.FindIndex(bounds, bound => bound.Feature == feature);
        if (at < 0) return [.. bounds, (feature, lower, upper)];
        var narrowed = ((int Feature, double Lower, double Upper)[])bounds.Clone();
        narrowed[at] = (feature, Math.Max(lower, bounds[at].Lower), Math.Min(upper, bounds[at].Upper));
        return narrowed;
    }

    /// <summary>A node; a leaf where <see cref="Feature"/> is −1.</summary>
    /// <param name="rows">The rows it was grown from.</param>
    /// <param name="mean">The weighted mean of their targets, shape (width).</param>
    /// <param name="bounds">What its rows have in common: the value of a column is above the lower bound and at most the upper one.</param>
    internal sealed class Node(int[] rows, double[] mean, IReadOnlyList<(int Feature, double Lower, double Upper)> bounds)
    {
        public int[] Rows => rows;

        public double[] Mean => mean;

        public IReadOnlyList<(int Feature, double Lower, double Upper)> Bounds => bounds;

        public int Feature { get; set; } = -1;

        public double Threshold { get; set; }

        public int Left { get; set; }

        public int Right { get; set; }
    }
}
