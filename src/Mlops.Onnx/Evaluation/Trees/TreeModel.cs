namespace Mlops.Onnx;

/// <summary>The trees of a node, as it describes them: nodes that point at one another. Checked: every index lies within its array, and no walk is endless.</summary>
/// <typeparam name="T">The type of thresholds and weights, single or double precision.</typeparam>
internal sealed class TreeModel<T>
    where T : unmanaged
{
    /// <summary>In place of the number of a node: what was added to trees for the sake of their layout, and has no weights.</summary>
    public const int NoNode = -1;

    public required int[] Features { get; init; }

    public required T[] Thresholds { get; init; }

    public required TreeMode[] Modes { get; init; }

    /// <summary>Gets whether a missing value (NaN) takes the true branch, whatever the comparison says.</summary>
    public required bool[] TracksMissing { get; init; }

    public required int[] TrueNodes { get; init; }

    public required int[] FalseNodes { get; init; }

    public required int[] Roots { get; init; }

    /// <summary>Gets the members, in ascending order, that a node of <see cref="TreeMode.Member"/> asks for.</summary>
    public IReadOnlyDictionary<int, T[]> Members { get; init; } = new Dictionary<int, T[]>();

    /// <summary>Gets where the weights of each leaf begin; one more than there are nodes.</summary>
    public required int[] WeightStarts { get; init; }

    public required int[] Targets { get; init; }

    public required T[] Weights { get; init; }

    public required int TargetCount { get; init; }

    /// <summary>Gets whether all weights of a classifier are for one class, those of nodes that are no leaves included, which ONNX Runtime counts, too.</summary>
    public required bool HasOneClass { get; init; }

    /// <summary>Gets whether a weight of a classifier is negative, those of nodes that are no leaves included.</summary>
    public required bool HasNegativeWeight { get; init; }

    public TreeAggregate Aggregate { get; init; } = TreeAggregate.Sum;

    public PostTransform PostTransform { get; init; }

    public T[] BaseValues { get; init; } = [];

    /// <summary>Gets the number of features that a row must have at least.</summary>
    public int FeatureCount { get; private set; }

    /// <summary>Gets the number of branches from the root to the nearest and to the farthest leaf, by tree.</summary>
    public (int Min, int Max)[] Depths { get; private set; } = [];

    /// <summary>Checks that the nodes are trees.</summary>
    /// <exception cref="InvalidModelException">They are not.</exception>
    public TreeModel<T> Check()
    {
        for (var i = 0; i < Modes.Length; i++)
        {
            if (Modes[i] == TreeMode.Leaf)
            {
                if (WeightStarts[i] == WeightStarts[i + 1]) throw new InvalidModelException($"leaf {i} has no weight");
                continue;
            }

            if (Features[i] is < 0 or int.MaxValue) throw new InvalidModelException($"node {i} asks for feature {Features[i]}");
            FeatureCount = Math.Max(FeatureCount, Features[i] + 1);
        }

        if (Roots.Length == 0) throw new InvalidModelException("it has no trees");
        var depths = new (int Min, int Max)[Modes.Length];
        Depths = Array.ConvertAll(Roots, root => Measure(root, depths));
        return this;
    }

    /// <summary>Finds what the weights of leaves become in the scores of a row.</summary>
    public TreeAddition FindAddition()
    {
        if (Aggregate is not (TreeAggregate.Sum or TreeAggregate.Average)) return TreeAddition.Noted;
        if (TargetCount == 1) return TreeAddition.One;
        if (Enumerable.Range(0, Modes.Length).All(node => Modes[node] != TreeMode.Leaf || TargetsOf(node).SequenceEqual(Enumerable.Range(0, TargetCount)))) return TreeAddition.Every;
        return IsEveryTargetScored() ? TreeAddition.Some : TreeAddition.Noted;
    }

    private ArraySegment<int> TargetsOf(int leaf) => new(Targets, WeightStarts[leaf], WeightStarts[leaf + 1] - WeightStarts[leaf]);

    /// <summary>Tells whether every row is given a weight for each target, because all leaves of some tree have one.</summary>
    private bool IsEveryTargetScored()
    {
        var (scored, seen) = (new HashSet<int>(), new int[Modes.Length]);
        for (var tree = 0; tree < Roots.Length && scored.Count < TargetCount; tree++) scored.UnionWith(FindAlwaysScored(tree, seen));
        return scored.Count == TargetCount;
    }

    /// <summary>Finds the targets that all leaves of a tree have a weight for; none where it shares nodes with trees before it, whose leaves are not looked at again.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="seen">By node, one more than the number of the tree that it was seen in.</param>
    private HashSet<int> FindAlwaysScored(int tree, int[] seen)
    {
        HashSet<int>? common = null;
        var stack = new Stack<int>([Roots[tree]]);
        while (stack.TryPop(out var node))
        {
            // Within its tree, a node may have two parents.
            if (seen[node] == tree + 1) continue;
            if (seen[node] != 0) return [];
            seen[node] = tree + 1;
            if (Modes[node] != TreeMode.Leaf)
            {
                stack.Push(TrueNodes[node]);
                stack.Push(FalseNodes[node]);
                continue;
            }

            if (common is null) common = [.. TargetsOf(node)];
            else common = [.. TargetsOf(node).Where(common.Contains)]; // Each leaf costs its own weights, however many the first one had.
            if (common.Count == 0) return common;
        }

        return common!;
    }

    /// <summary>Measures how far leaves are, without recursion, because a tree may be as deep as it has nodes.</summary>
    private (int Min, int Max) Measure(int root, (int Min, int Max)[] depths)
    {
        // Max: 0 for a node never seen, −1 while its branches are looked at, else its depth + 1.
        var stack = new Stack<int>();
        stack.Push(root);
        while (stack.TryPeek(out var node))
        {
            if (depths[node].Max > 0)
            {
                stack.Pop();
                continue;
            }

            if (Modes[node] == TreeMode.Leaf)
            {
                depths[node] = (1, 1);
                continue;
            }

            var (first, second) = (depths[TrueNodes[node]], depths[FalseNodes[node]]);
            if (first.Max > 0 && second.Max > 0)
            {
                depths[node] = (Math.Min(first.Min, second.Min) + 1, Math.Max(first.Max, second.Max) + 1);
                continue;
            }

            if (first.Max < 0 || second.Max < 0) throw new InvalidModelException($"node {node} leads back to itself");
            depths[node] = (0, -1);
            if (second.Max == 0) stack.Push(FalseNodes[node]);
            if (first.Max == 0 && TrueNodes[node] != FalseNodes[node]) stack.Push(TrueNodes[node]);
        }

        return (depths[root].Min - 1, depths[root].Max - 1);
    }
}
