using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mlops.Onnx;

/// <summary>Makes masked trees of compact ones.</summary>
internal sealed class MaskedTreesBuilder<T>(CompactTrees<T> trees)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The most leaves of a tree. Beyond, a walk to one of them asks so many nodes fewer that it is faster.</summary>
    private const int MaxLeaves = 64;

    private static readonly int s_bits = 8 * Unsafe.SizeOf<T>();
    private readonly List<List<MaskedQuestion<T>>> _words = [];
    private int _first;

    public List<MaskedQuestion<T>> Questions { get; } = [];

    /// <summary>Gets the first question of each word, and the end of the last one.</summary>
    public List<int> QuestionStarts { get; } = [0];

    /// <summary>Gets the first word of each tree, and the end of the last one.</summary>
    public List<int> WordStarts { get; } = [0];

    public List<int> Origins { get; } = [];

    public bool TryBuild()
    {
        if (Enumerable.Range(0, trees.TreeCount).Any(tree => trees.CountLeaves(tree) > MaxLeaves)) return false;
        for (var tree = 0; tree < trees.TreeCount; tree++) AddTree(tree);
        return true;
    }

    private void AddTree(int tree)
    {
        _first = Origins.Count;
        _words.Clear();
        Add(trees.GetRoot(tree));
        while (Origins.Count % s_bits != 0) Origins.Add(TreeModel<T>.NoNode);
        for (var word = 0; word < (Origins.Count - _first) / s_bits; word++)
        {
            if (word < _words.Count) Questions.AddRange(_words[word]);
            QuestionStarts.Add(Questions.Count);
        }

        WordStarts.Add(Origins.Count / s_bits);
    }

    /// <summary>Adds a node and what is below it: no deeper than there are leaves.</summary>
    private void Add(int index)
    {
        var node = trees.GetNode(index);
        if (node.Step == 0)
        {
            Origins.Add(trees.Origins[index]);
            return;
        }

        var from = Origins.Count - _first;
        Add(index + node.Step + 1);
        Ask(node, from, Origins.Count - _first);
        Add(index + node.Step);
    }

    /// <summary>Asks a node in each word that has a leaf below its yes.</summary>
    private void Ask(TreeNode<T> node, int from, int to)
    {
        for (var word = from / s_bits; word * s_bits < to; word++)
        {
            while (_words.Count <= word) _words.Add([]);
            var (low, high) = (Math.Max(0, from - (word * s_bits)), Math.Min(s_bits, to - (word * s_bits)));
            var cleared = (ulong.MaxValue >> (64 - (high - low))) << low;
            _words[word].Add(new MaskedQuestion<T>(node.Threshold, ~cleared, node.Slot * CompactTrees<T>.Lanes));
        }
    }
}
