using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlops.Onnx;

/// <summary>Adds up the weights of the leaves that rows come to, in the order of the trees, or finds the least or the largest ones.</summary>
internal sealed class TreeWeights<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _firsts;
    private readonly int[] _starts;
    private readonly int[] _targets;
    private readonly T[] _weights;
    private readonly int _targetCount;
    private readonly TreeAggregate _aggregate;
    private readonly TreeAddition _addition;

    /// <summary>Creates the weights.</summary>
    /// <param name="model">The trees.</param>
    /// <param name="addition">What becomes of their weights.</param>
    /// <param name="origins">The node of the model that each leaf was, by the number that leaves are given here; <see cref="TreeModel{T}.NoNode"/> where there is no leaf.</param>
    public TreeWeights(TreeModel<T> model, TreeAddition addition, int[] origins)
    {
        (_targetCount, _aggregate, _addition) = (model.TargetCount, model.Aggregate, addition);
        _starts = new int[origins.Length + 1];
        _firsts = new T[origins.Length];
        var (targets, weights) = (new List<int>(), new List<T>());
        for (var i = 0; i < origins.Length; i++)
        {
            if (origins[i] != TreeModel<T>.NoNode)
            {
                var (start, end) = (model.WeightStarts[origins[i]], model.WeightStarts[origins[i] + 1]);
                if (start < end) _firsts[i] = model.Weights[start];
                targets.AddRange(model.Targets.AsSpan(start..end));
                weights.AddRange(model.Weights.AsSpan(start..end));
            }

            _starts[i + 1] = weights.Count;
        }

        (_targets, _weights) = ([.. targets], [.. weights]);
    }

    /// <summary>Adds the weights of one leaf of each row.</summary>
    /// <param name="leaves">The leaf of each row; those beyond the last row are not looked at.</param>
    /// <param name="scores">The scores of the rows.</param>
    /// <param name="isScored">Which of them were given a weight, where that is noted.</param>
    public void AddByRow(ReadOnlySpan<int> leaves, Span<T> scores, Span<bool> isScored)
    {
        switch (_addition)
        {
            case TreeAddition.One:
                var firsts = _firsts;
                for (var row = 0; row < scores.Length; row++) scores[row] += firsts[leaves[row]];
                break;
            case TreeAddition.Some:
                for (var (row, start) = (0, 0); start < scores.Length; row++, start += _targetCount) AddSome(leaves[row], scores.Slice(start, _targetCount));
                break;
            case TreeAddition.Every:
                AddEveryByRow(leaves, scores);
                break;
            default:
                for (var (row, start) = (0, 0); start < scores.Length; row++, start += _targetCount) Add(leaves[row], scores.Slice(start, _targetCount), isScored.Slice(start, _targetCount));
                break;
        }
    }

    /// <summary>Adds the weights of leaves of one row.</summary>
    /// <param name="leaves">The leaves, in the order of their trees.</param>
    /// <param name="scores">The scores of the row.</param>
    /// <param name="isScored">Which of them were given a weight, where that is noted.</param>
    public void AddByTree(ReadOnlySpan<int> leaves, Span<T> scores, Span<bool> isScored)
    {
        switch (_addition)
        {
            case TreeAddition.One:
                var score = scores[0];
                foreach (var leaf in leaves) score += _firsts[leaf];
                scores[0] = score;
                break;
            case TreeAddition.Some:
                foreach (var leaf in leaves) AddSome(leaf, scores);
                break;
            case TreeAddition.Every:
                AddEveryByTree(leaves, scores);
                break;
            default:
                foreach (var leaf in leaves) Add(leaf, scores, isScored);
                break;
        }
    }

    /// <summary>Adds the weights of a leaf, or takes them where they are less or larger, and notes which scores were given one.</summary>
    private void Add(int leaf, Span<T> scores, Span<bool> isScored)
    {
        // Where there is one score only, ONNX Runtime takes the first weight of a leaf.
        var end = _targetCount == 1 ? _starts[leaf] + 1 : _starts[leaf + 1];
        for (var k = _starts[leaf]; k < end; k++)
        {
            var (target, weight) = (_targets[k], _weights[k]);
            ref var score = ref scores[target];
            score = _aggregate switch
            {
                TreeAggregate.Min => !isScored[target] || weight < score ? weight : score,
                TreeAggregate.Max => !isScored[target] || weight > score ? weight : score,
                _ => score + weight,
            };
            isScored[target] = true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddSome(int leaf, Span<T> scores)
    {
        for (var k = _starts[leaf]; k < _starts[leaf + 1]; k++) scores[_targets[k]] += _weights[k];
    }

    private void AddEveryByRow(ReadOnlySpan<int> leaves, Span<T> scores)
    {
        var (starts, weights, count) = (_starts, _weights, _targetCount);
        var i = 0;
        for (; i <= count - Vector128<T>.Count; i += Vector128<T>.Count)
        {
            for (var (row, at) = (0, i); at < scores.Length; row++, at += count)
                (Vector128.Create<T>(scores[at..]) + Vector128.Create(weights, starts[leaves[row]] + i)).CopyTo(scores[at..]);
        }

        for (; i < count; i++)
        {
            for (var (row, at) = (0, i); at < scores.Length; row++, at += count) scores[at] += weights[starts[leaves[row]] + i];
        }
    }

    /// <summary>Adds the weights score by score, which stays in a register meanwhile.</summary>
    private void AddEveryByTree(ReadOnlySpan<int> leaves, Span<T> scores)
    {
        var i = 0;
        for (; i <= scores.Length - Vector128<T>.Count; i += Vector128<T>.Count)
        {
            var sum = Vector128.Create<T>(scores[i..]);
            foreach (var leaf in leaves) sum += Vector128.Create(_weights, _starts[leaf] + i);
            sum.CopyTo(scores[i..]);
        }

        for (; i < scores.Length; i++)
        {
            var sum = scores[i];
            foreach (var leaf in leaves) sum += _weights[_starts[leaf] + i];
            scores[i] = sum;
        }
    }
}
