using System.Numerics;

namespace Mlops.Onnx;

/// <summary>Lays out trees for <see cref="CompactTrees{T}"/>: breadth first, both children side by side.</summary>
internal sealed class CompactTreesBuilder<T>(TreeModel<T> model)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Dictionary<(int Feature, bool IsNegated), int> _slots = [];
    private readonly bool[] _isPlaced = new bool[model.Modes.Length];

    public List<TreeNode<T>> Nodes { get; } = new(model.Modes.Length + 1);

    /// <summary>Gets the node of the model that each node was; <see cref="TreeModel{T}.NoNode"/> for the leaf that fills the last group.</summary>
    public List<int> Origins { get; } = new(model.Modes.Length + 1);

    /// <summary>Gets the roots, filled up with a leaf to a multiple of <see cref="CompactTrees{T}.Lanes"/>.</summary>
    public List<int> Roots { get; } = [];

    public List<(int Feature, bool IsNegated)> Slots { get; } = [];

    public (int Min, int Max)[] Depths => model.Depths;

    public bool TryBuild()
    {
        foreach (var root in model.Roots)
        {
            if (!TryAddTree(root)) return false;
        }

        if (Slots.Count == 0) AddSlot((0, false));
        if (Roots.Count % CompactTrees<T>.Lanes == 0) return true;
        AddLeaf(TreeModel<T>.NoNode);
        while (Roots.Count % CompactTrees<T>.Lanes != 0) Roots.Add(Nodes.Count - 1);
        return true;
    }

    private bool TryAddTree(int root)
    {
        Roots.Add(Nodes.Count);
        var places = new Queue<int>();
        if (!TryPlace(root, places)) return false;
        while (places.TryDequeue(out var place))
        {
            var origin = Origins[place];
            var step = Nodes.Count - place;
            if (step > ushort.MaxValue || T.IsNaN(model.Thresholds[origin])) return false;
            if (Ask(model.Modes[origin], model.Thresholds[origin], model.TracksMissing[origin]) is not { } question) return false;
            var slot = AddSlot((model.Features[origin], question.IsNegated));
            if (slot > ushort.MaxValue) return false;
            Nodes[place] = new TreeNode<T> { Threshold = question.Threshold, Slot = (ushort)slot, Step = (ushort)step };
            var (yes, no) = question.IsTrue ? (model.TrueNodes[origin], model.FalseNodes[origin]) : (model.FalseNodes[origin], model.TrueNodes[origin]);
            if (!TryPlace(no, places) || !TryPlace(yes, places)) return false;
        }

        return true;
    }

    private bool TryPlace(int origin, Queue<int> places)
    {
        // A node with two parents would have to be there twice, and its children four times.
        if (_isPlaced[origin]) return false;
        _isPlaced[origin] = true;
        if (model.Modes[origin] != TreeMode.Leaf) places.Enqueue(Nodes.Count);
        AddLeaf(origin);
        return true;
    }

    private void AddLeaf(int origin)
    {
        Nodes.Add(new TreeNode<T> { Threshold = T.NaN });
        Origins.Add(origin);
    }

    private int AddSlot((int Feature, bool IsNegated) slot)
    {
        if (_slots.TryGetValue(slot, out var index)) return index;
        index = Slots.Count;
        _slots.Add(slot, index);
        Slots.Add(slot);
        return index;
    }

    /// <summary>The question that a node comes to, and whether yes to it is true of the node; no question that NaN is asked is answered by yes.</summary>
    private static (bool IsNegated, T Threshold, bool IsTrue)? Ask(TreeMode mode, T threshold, bool tracksMissing) => (mode, tracksMissing) switch
    {
        (TreeMode.LessOrEqual, false) => (false, threshold, true),
        (TreeMode.Less, false) => (false, Below(threshold), true),
        (TreeMode.GreaterOrEqual, false) => (true, -threshold, true),
        (TreeMode.Greater, false) => (true, Below(-threshold), true),
        (TreeMode.LessOrEqual, true) => (true, Below(-threshold), false),
        (TreeMode.Less, true) => (true, -threshold, false),
        (TreeMode.GreaterOrEqual, true) => (false, Below(threshold), false),
        (TreeMode.Greater, true) => (false, threshold, false),
        _ => null,
    };

    /// <summary>The next smaller number; nothing is smaller than −∞, and nothing is ≤ NaN.</summary>
    private static T Below(T value) => T.IsNegativeInfinity(value) ? T.NaN : T.BitDecrement(value);
}
