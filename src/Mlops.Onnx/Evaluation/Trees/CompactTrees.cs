using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlops.Onnx;

/// <summary>Trees whose every branch is the one question "value ≤ threshold?", walked without a branch of the processor.</summary>
/// <remarks>
/// <para>The four inequalities, each with both ways of a missing value (NaN), become this question about the value or about its negation, with the next smaller
/// threshold where equality must not count: x &lt; t is x ≤ t⁻, and "x ≤ t or missing" is not −x ≤ (−t)⁻. In floating point both are exact. Values and negations
/// that are asked for are gathered first. What cannot be put so – equality, membership, thresholds that are NaN, very large trees, nodes with two parents – is walked by <see cref="LinkedTrees{T}"/>.</para>
/// <para>Eight walks go side by side, so that the processor waits for the memory of none: eight trees for one row, or eight rows for one tree.</para>
/// </remarks>
internal sealed class CompactTrees<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The number of walks side by side.</summary>
    public const int Lanes = 8;

    private readonly TreeNode<T>[] _nodes;
    private readonly int[] _roots;
    private readonly (int Min, int Max)[] _depths;
    private readonly (int Min, int Max)[] _groupDepths;
    private readonly int[] _features;
    private readonly bool[] _isNegated;

    private CompactTrees(CompactTreesBuilder<T> builder)
    {
        _nodes = [.. builder.Nodes];
        _roots = [.. builder.Roots];
        _depths = builder.Depths;
        _features = [.. builder.Slots.Select(slot => slot.Feature)];
        _isNegated = [.. builder.Slots.Select(slot => slot.IsNegated)];
        Origins = [.. builder.Origins];
        TreeCount = _depths.Length;
        _groupDepths = new (int, int)[_roots.Length / Lanes];
        for (var group = 0; group < _groupDepths.Length; group++)
        {
            var depths = _depths.AsSpan(group * Lanes, Math.Min(Lanes, TreeCount - (group * Lanes))).ToArray();
            _groupDepths[group] = (depths.Min(depth => depth.Min), depths.Max(depth => depth.Max));
        }
    }

    public int TreeCount { get; }

    /// <summary>Gets the node of the model that each node here was.</summary>
    public int[] Origins { get; }

    /// <summary>Gets the number of values that a walk looks at.</summary>
    public int SlotCount => _features.Length;

    /// <summary>Makes the trees compact; <see langword="null"/> where that cannot be.</summary>
    public static CompactTrees<T>? TryCreate(TreeModel<T> model)
    {
        var builder = new CompactTreesBuilder<T>(model);
        return builder.TryBuild() ? new CompactTrees<T>(builder) : null;
    }

    /// <summary>Gets the place of the root of a tree.</summary>
    public int GetRoot(int tree) => _roots[tree];

    /// <summary>Gets a node.</summary>
    public TreeNode<T> GetNode(int place) => _nodes[place];

    /// <summary>Counts the leaves of a tree, whose nodes have two children each and lie together; after the last tree, there may be the leaf that fills the last group.</summary>
    public int CountLeaves(int tree) => ((tree + 1 < _roots.Length ? _roots[tree + 1] : _nodes.Length) - _roots[tree] + 1) / 2;

    /// <summary>Gathers what the walks of one row look at.</summary>
    public void Gather(ReadOnlySpan<T> row, Span<T> values)
    {
        for (var i = 0; i < _features.Length; i++)
        {
            var value = row[_features[i]];
            values[i] = _isNegated[i] ? -value : value;
        }
    }

    /// <summary>Gathers what the walks of <see cref="Lanes"/> rows look at, value by value. Where there are fewer rows, the last one is repeated.</summary>
    public void Gather(ReadOnlySpan<T> rows, int width, Span<T> values)
    {
        var last = (rows.Length / width) - 1;
        for (var lane = 0; lane < Lanes; lane++)
        {
            var row = rows.Slice(Math.Min(lane, last) * width, width);
            for (var i = 0; i < _features.Length; i++)
            {
                var value = row[_features[i]];
                values[(i * Lanes) + lane] = _isNegated[i] ? -value : value;
            }
        }
    }

    /// <summary>Walks <see cref="Lanes"/> trees for one row.</summary>
    /// <param name="group">Which trees: those from <paramref name="group"/> × <see cref="Lanes"/> on.</param>
    /// <param name="values">What <see cref="Gather(ReadOnlySpan{T}, Span{T})"/> gathered.</param>
    /// <param name="leaves">The leaves, one for each tree; those beyond the last tree mean nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void WalkTrees(int group, ReadOnlySpan<T> values, Span<int> leaves)
    {
        var (min, max) = _groupDepths[group];
        var roots = _roots.AsSpan(group * Lanes, Lanes);
        ref var nodes = ref MemoryMarshal.GetArrayDataReference(_nodes);
        ref var first = ref MemoryMarshal.GetReference(values);
        nint a = roots[0], b = roots[1], c = roots[2], d = roots[3], e = roots[4], f = roots[5], g = roots[6], h = roots[7];
        for (var depth = 0; depth < max; depth++)
        {
            if (depth >= min && IsEnd(ref nodes, a, b, c, d, e, f, g, h)) break;
            a = Next(ref nodes, a, ref first);
            b = Next(ref nodes, b, ref first);
            c = Next(ref nodes, c, ref first);
            d = Next(ref nodes, d, ref first);
            e = Next(ref nodes, e, ref first);
            f = Next(ref nodes, f, ref first);
            g = Next(ref nodes, g, ref first);
            h = Next(ref nodes, h, ref first);
        }

        (leaves[0], leaves[1], leaves[2], leaves[3], leaves[4], leaves[5], leaves[6], leaves[7]) = ((int)a, (int)b, (int)c, (int)d, (int)e, (int)f, (int)g, (int)h);
    }

    /// <summary>Walks one tree for <see cref="Lanes"/> rows.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="values">What <see cref="Gather(ReadOnlySpan{T}, int, Span{T})"/> gathered.</param>
    /// <param name="leaves">The leaves, one for each row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void WalkRows(int tree, ReadOnlySpan<T> values, Span<int> leaves)
    {
        var (min, max) = _depths[tree];
        ref var nodes = ref MemoryMarshal.GetArrayDataReference(_nodes);
        ref var first = ref MemoryMarshal.GetReference(values);
        var root = _roots[tree];
        nint a = root, b = root, c = root, d = root, e = root, f = root, g = root, h = root;
        for (var depth = 0; depth < max; depth++)
        {
            if (depth >= min && IsEnd(ref nodes, a, b, c, d, e, f, g, h)) break;
            a = Next(ref nodes, a, ref first, 0);
            b = Next(ref nodes, b, ref first, 1);
            c = Next(ref nodes, c, ref first, 2);
            d = Next(ref nodes, d, ref first, 3);
            e = Next(ref nodes, e, ref first, 4);
            f = Next(ref nodes, f, ref first, 5);
            g = Next(ref nodes, g, ref first, 6);
            h = Next(ref nodes, h, ref first, 7);
        }

        (leaves[0], leaves[1], leaves[2], leaves[3], leaves[4], leaves[5], leaves[6], leaves[7]) = ((int)a, (int)b, (int)c, (int)d, (int)e, (int)f, (int)g, (int)h);
    }

    // Not checked against the bounds of the arrays: the builder has checked every step and slot. As a byte, the answer needs no branch.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Next(ref TreeNode<T> nodes, nint index, ref T values)
    {
        ref var node = ref Unsafe.Add(ref nodes, index);
        return index + node.Step + Unsafe.BitCast<bool, byte>(Unsafe.Add(ref values, (nint)node.Slot) <= node.Threshold);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Next(ref TreeNode<T> nodes, nint index, ref T values, nint lane)
    {
        ref var node = ref Unsafe.Add(ref nodes, index);
        return index + node.Step + Unsafe.BitCast<bool, byte>(Unsafe.Add(ref values, ((nint)node.Slot * Lanes) + lane) <= node.Threshold);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsEnd(ref TreeNode<T> nodes, nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h)
        => (Unsafe.Add(ref nodes, a).Step | Unsafe.Add(ref nodes, b).Step | Unsafe.Add(ref nodes, c).Step | Unsafe.Add(ref nodes, d).Step
            | Unsafe.Add(ref nodes, e).Step | Unsafe.Add(ref nodes, f).Step | Unsafe.Add(ref nodes, g).Step | Unsafe.Add(ref nodes, h).Step) == 0;
}
