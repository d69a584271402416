using System.Numerics;

namespace Mlops.Onnx;

/// <summary>Reads the trees of a node from its attributes.</summary>
/// <remarks>Source: operator schemas TreeEnsembleRegressor and TreeEnsembleClassifier (ai.onnx.ml 1 and 3) and TreeEnsemble (ai.onnx.ml 5), onnx.ai/onnx/operators.</remarks>
internal sealed class TreeModelReader<T>(NodeReader node)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Reads a regressor, or a classifier of so many classes.</summary>
    public TreeModel<T> ReadByNames(int? classCount)
    {
        var (ids, target) = classCount is null ? ("target", "targets") : ("class", "classes");
        var treeIds = node.Integers("nodes_treeids");
        var count = treeIds.Length;
        var nodeIds = Same("nodes_nodeids", node.Integers("nodes_nodeids"), count);
        var modes = Array.ConvertAll(Same("nodes_modes", node.Texts("nodes_modes"), count), ReadMode);
        var trueIds = Same("nodes_truenodeids", node.Integers("nodes_truenodeids"), count);
        var falseIds = Same("nodes_falsenodeids", node.Integers("nodes_falsenodeids"), count);
        var places = new Dictionary<(long, long), int>(count);
        for (var i = 0; i < count; i++)
        {
            if (!places.TryAdd((treeIds[i], nodeIds[i]), i)) throw new InvalidModelException($"node {nodeIds[i]} of tree {treeIds[i]} is there twice");
        }

        int Find(string what, long tree, long id) => places.TryGetValue((tree, id), out var place) ? place : throw new InvalidModelException($"{what} names node {id} of tree {tree}, which is not there");
        var (trueNodes, falseNodes, roots) = (new int[count], new int[count], new List<int>());
        for (var i = 0; i < count; i++)
        {
            if (i == 0 || treeIds[i] != treeIds[i - 1]) roots.Add(i);
            if (modes[i] == TreeMode.Leaf) continue;
            trueNodes[i] = Find("nodes_truenodeids", treeIds[i], trueIds[i]);
            falseNodes[i] = Find("nodes_falsenodeids", treeIds[i], falseIds[i]);
        }

        var targetCount = classCount ?? ToInt("n_targets", node.Integer("n_targets", 0));
        var targetIds = node.Integers($"{ids}_ids");
        var targetTrees = Same($"{ids}_treeids", node.Integers($"{ids}_treeids"), targetIds.Length);
        var targetNodes = Same($"{ids}_nodeids", node.Integers($"{ids}_nodeids"), targetIds.Length);
        var weights = Same($"{ids}_weights", Numbers($"{ids}_weights"), targetIds.Length);
        var leaves = new int[targetIds.Length];
        for (var i = 0; i < leaves.Length; i++) leaves[i] = Find($"{ids}_nodeids", targetTrees[i], targetNodes[i]);
        CheckTargets(targetIds, targetCount, target);
        // Old converters gave weights to other nodes than leaves, too; no row is given them.
        var order = Enumerable.Range(0, leaves.Length).Where(i => modes[leaves[i]] == TreeMode.Leaf).OrderBy(i => leaves[i]).ToArray();
        var baseValues = Numbers("base_values");
        var isRightCount = baseValues.Length == 0 || baseValues.Length == targetCount || (classCount is 2 && baseValues.Length == 1);
        if (!isRightCount) throw new InvalidModelException($"base_values has {baseValues.Length} values for {targetCount} {target}");
        return new TreeModel<T>
        {
            Features = Array.ConvertAll(Same("nodes_featureids", node.Integers("nodes_featureids"), count), feature => ToInt("nodes_featureids", feature)),
            Thresholds = Same("nodes_values", Numbers("nodes_values"), count),
            Modes = modes,
            TracksMissing = ReadTracks(count),
            TrueNodes = trueNodes,
            FalseNodes = falseNodes,
            Roots = [.. roots],
            WeightStarts = Count(order.Select(i => leaves[i]), count),
            Targets = [.. order.Select(i => (int)targetIds[i])],
            Weights = [.. order.Select(i => weights[i])],
            TargetCount = targetCount,
            HasOneClass = targetIds.Distinct().Count() == 1,
            HasNegativeWeight = weights.Any(weight => weight < T.Zero),
            Aggregate = classCount is null ? ReadAggregate(node.Text("aggregate_function", "SUM")) : TreeAggregate.Sum,
            PostTransform = node.ReadPostTransform(),
            BaseValues = baseValues,
        }.Check();
    }

    /// <summary>Reads a TreeEnsemble (ai.onnx.ml 5), whose leaves are numbered by themselves; here they come after the nodes.</summary>
    public TreeModel<T> ReadByPlaces()
    {
        var features = Array.ConvertAll(node.Integers("nodes_featureids"), feature => ToInt("nodes_featureids", feature));
        var count = features.Length;
        var modes = Array.ConvertAll(Same("nodes_modes", node.TensorIntegers("nodes_modes"), count), mode => mode is >= 0 and < (long)TreeMode.Leaf ? (TreeMode)mode : throw new InvalidModelException($"nodes_modes holds {mode}, which is no mode"));
        var targetIds = node.Integers("leaf_targetids");
        var leafCount = targetIds.Length;
        var targetCount = ToInt("n_targets", node.Integer("n_targets", 0));
        CheckTargets(targetIds, targetCount, "targets");
        var (trueNodes, falseNodes) = (ReadChildren("true"), ReadChildren("false"));
        var total = count + leafCount;
        return new TreeModel<T>
        {
            Features = [.. features, .. new int[leafCount]],
            Thresholds = [.. Same("nodes_splits", Numbers("nodes_splits"), count), .. new T[leafCount]],
            Modes = [.. modes, .. Enumerable.Repeat(TreeMode.Leaf, leafCount)],
            TracksMissing = [.. ReadTracks(count), .. new bool[leafCount]],
            TrueNodes = [.. trueNodes, .. new int[leafCount]],
            FalseNodes = [.. falseNodes, .. new int[leafCount]],
            Roots = Array.ConvertAll(node.Integers("tree_roots"), root => root >= 0 && root < count ? ToRoot((int)root) : throw new InvalidModelException($"tree_roots names node {root} of {count}")),
            Members = ReadMembers(modes),
            WeightStarts = Count(Enumerable.Range(count, leafCount), total),
            Targets = Array.ConvertAll(targetIds, id => (int)id),
            Weights = Same("leaf_weights", Numbers("leaf_weights"), leafCount),
            TargetCount = targetCount,
            HasOneClass = false, // It is no classifier.
            HasNegativeWeight = false,
            Aggregate = (TreeAggregate)Known("aggregate_function", 1, 3),
            PostTransform = (PostTransform)Known("post_transform", 0, 4),
        }.Check();

        int[] ReadChildren(string side)
        {
            var ids = Same($"nodes_{side}nodeids", node.Integers($"nodes_{side}nodeids"), count);
            var isLeaf = Same($"nodes_{side}leafs", node.Integers($"nodes_{side}leafs"), count);
            return [.. ids.Select((id, i) => id >= 0 && id < (isLeaf[i] != 0 ? leafCount : count) ? (isLeaf[i] != 0 ? count + (int)id : (int)id) : throw new InvalidModelException($"nodes_{side}nodeids names {id}, which is not there"))];
        }

        // A tree of one leaf is a node with that leaf on both sides.
        int ToRoot(int root) => trueNodes[root] == falseNodes[root] && trueNodes[root] >= count ? trueNodes[root] : root;
    }

    /// <summary>The members of all nodes stand one after the other, NaN after those of each.</summary>
    private Dictionary<int, T[]> ReadMembers(TreeMode[] modes)
    {
        var members = new Dictionary<int, T[]>();
        var values = Numbers("membership_values");
        var position = 0;
        for (var i = 0; i < modes.Length; i++)
        {
            if (modes[i] != TreeMode.Member) continue;
            var start = position;
            while (position < values.Length && !T.IsNaN(values[position])) position++;
            if (position == start) throw new InvalidModelException($"membership_values has none for node {i}");
            var set = values[start..position++];
            Array.Sort(set);
            members.Add(i, set);
        }

        return members;
    }

    /// <summary>Numbers in single precision, or a tensor of either.</summary>
    private T[] Numbers(string name)
        => Array.ConvertAll(node.Floats(name), value => T.CreateTruncating(value)) is { Length: > 0 } values ? values
            : [.. (node.TensorNumbers($"{name}_as_tensor") is { Length: > 0 } tensor ? tensor : node.TensorNumbers(name)).Select(value => T.CreateTruncating(value))];

    private bool[] ReadTracks(int count)
        => node.Integers("nodes_missing_value_tracks_true") is { Length: > 0 } tracks ? Array.ConvertAll(Same("nodes_missing_value_tracks_true", tracks, count), track => track == 1) : new bool[count];

    private int Known(string name, long missing, long last)
        => node.Integer(name, missing) is var value && value >= 0 && value <= last ? (int)value : throw new InvalidModelException($"{name} is {value}");

    private static TArray[] Same<TArray>(string name, TArray[] values, int count)
        => values.Length == count ? values : throw new InvalidModelException($"{name} has {values.Length} values where {count} belong");

    private static int ToInt(string name, long value)
        => value is >= 0 and <= int.MaxValue ? (int)value : throw new InvalidModelException($"{name} holds {value}");

    private static void CheckTargets(long[] targets, int count, string what)
    {
        if (count <= 0) throw new InvalidModelException($"it has no {what}");
        foreach (var target in targets)
        {
            if (target < 0 || target >= count) throw new InvalidModelException($"a weight is for number {target} of {count} {what}");
        }
    }

    private static int[] Count(IEnumerable<int> leaves, int nodeCount)
    {
        var starts = new int[nodeCount + 1];
        foreach (var leaf in leaves) starts[leaf + 1]++;
        for (var i = 0; i < nodeCount; i++) starts[i + 1] += starts[i];
        return starts;
    }

    private static TreeMode ReadMode(string mode) => mode switch
    {
        "BRANCH_LEQ" => TreeMode.LessOrEqual,
        "BRANCH_LT" => TreeMode.Less,
        "BRANCH_GTE" => TreeMode.GreaterOrEqual,
        "BRANCH_GT" => TreeMode.Greater,
        "BRANCH_EQ" => TreeMode.Equal,
        "BRANCH_NEQ" => TreeMode.NotEqual,
        "LEAF" => TreeMode.Leaf,
        _ => throw new InvalidModelException($"nodes_modes holds '{mode}', which is no mode"),
    };

    private static TreeAggregate ReadAggregate(string aggregate) => aggregate switch
    {
        "AVERAGE" => TreeAggregate.Average,
        "SUM" => TreeAggregate.Sum,
        "MIN" => TreeAggregate.Min,
        "MAX" => TreeAggregate.Max,
        _ => throw new InvalidModelException($"aggregate_function is '{aggregate}'"),
    };
}
