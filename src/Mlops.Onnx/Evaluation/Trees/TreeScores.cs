using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mlops.Onnx;

/// <summary>Turns the weights of leaves into scores and classes, by ONNX Runtime's conventions, of which the documentation of the operators leaves some open.</summary>
/// <remarks>Source: tree_ensemble_aggregator.h and ml_common.h of ONNX Runtime 1.30.</remarks>
internal sealed class TreeScores<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _values;
    private readonly int[] _starts;
    private readonly int[] _targets;
    private readonly T[] _weights;
    private readonly T[] _baseValues;
    private readonly TreeAggregate _aggregate;
    private readonly PostTransform _transform;
    private readonly T _treeCount;
    private readonly T _origin;
    private readonly bool _isBinary;
    private readonly bool _areAllPositive;
    private readonly bool _isSum;
    private readonly bool _isDense;

    /// <summary>Creates the scores.</summary>
    /// <param name="model">The trees.</param>
    /// <param name="origins">The node of the model that each leaf was, by the number that a walk gives it.</param>
    public TreeScores(TreeModel<T> model, int[] origins)
    {
        _starts = new int[origins.Length + 1];
        _values = new T[origins.Length];
        var (targets, weights) = (new List<int>(), new List<T>());
        for (var i = 0; i < origins.Length; i++)
        {
            for (var k = model.WeightStarts[origins[i]]; k < model.WeightStarts[origins[i] + 1]; k++)
            {
                if (weights.Count == _starts[i]) _values[i] = model.Weights[k];
                targets.Add(model.Targets[k]);
                weights.Add(model.Weights[k]);
            }

            _starts[i + 1] = weights.Count;
        }

        (_targets, _weights) = ([.. targets], [.. weights]);
        (_aggregate, _transform, _baseValues, TargetCount) = (model.Aggregate, model.PostTransform, model.BaseValues, model.TargetCount);
        _treeCount = T.CreateTruncating(model.Roots.Length);
        _origin = _baseValues.Length == 1 ? _baseValues[0] : T.Zero;
        _isBinary = TargetCount == 2 && model.Targets.Distinct().Count() == 1;
        _areAllPositive = !model.Weights.Any(weight => weight < T.Zero);
        var isAdded = _aggregate is TreeAggregate.Sum or TreeAggregate.Average;
        _isSum = TargetCount == 1 && isAdded;
        IsSumOfEach = TargetCount > 1 && isAdded && FindAlwaysScored(model).Count == TargetCount;
        _isDense = IsSumOfEach && IsDense();
    }

    public int TargetCount { get; }

    /// <summary>Gets whether each score is given a weight by every row, so that it need not be noted which are.</summary>
    public bool IsSumOfEach { get; }

    /// <summary>Takes the weights of a leaf into the scores of each row.</summary>
    /// <param name="leaves">The leaf of each row; those beyond the last row are not looked at.</param>
    /// <param name="scores">The scores of the rows.</param>
    /// <param name="isScored">Which of them were given a weight.</param>
    public void TakeRows(ReadOnlySpan<int> leaves, Span<T> scores, Span<bool> isScored)
    {
        if (_isSum)
        {
            var values = _values;
            for (var i = 0; i < scores.Length; i++) scores[i] += values[leaves[i]];
            return;
        }

        if (IsSumOfEach)
        {
            for (var (row, start) = (0, 0); start < scores.Length; row++, start += TargetCount) Add(leaves[row], scores.Slice(start, TargetCount));
            return;
        }

        for (var (row, start) = (0, 0); start < scores.Length; row++, start += TargetCount)
            Take(leaves[row], scores.Slice(start, TargetCount), isScored.Slice(start, TargetCount));
    }

    /// <summary>Takes the weights of leaves into the scores of one row, in their order.</summary>
    public void TakeTrees(ReadOnlySpan<int> leaves, Span<T> scores, Span<bool> isScored)
    {
        if (_isSum)
        {
            var score = scores[0];
            foreach (var leaf in leaves) score += _values[leaf];
            scores[0] = score;
            return;
        }

        if (IsSumOfEach)
        {
            if (_isDense) AddDense(leaves, scores);
            else foreach (var leaf in leaves) Add(leaf, scores);
            return;
        }

        foreach (var leaf in leaves) Take(leaf, scores, isScored);
    }

    /// <summary>Takes the weights of a leaf into the scores of one row.</summary>
    public void Take(int leaf, Span<T> scores, Span<bool> isScored)
    {
        var end = TargetCount == 1 ? _starts[leaf] + 1 : _starts[leaf + 1];
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

    /// <summary>Makes the outputs of a regression of the scores of one row, in place.</summary>
    public void Regress(Span<T> scores, Span<bool> isScored)
    {
        if (TargetCount == 1)
        {
            var score = _aggregate == TreeAggregate.Average ? scores[0] / _treeCount : scores[0];
            scores[0] = score + _origin;
            if (_transform == PostTransform.Probit) scores[0] = T.CreateTruncating(PostTransforms.Probit(float.CreateTruncating(scores[0])));
            return;
        }

        for (var i = 0; i < scores.Length; i++)
        {
            if (_aggregate == TreeAggregate.Average) scores[i] /= _treeCount;
            if (_baseValues.Length == scores.Length) scores[i] += _baseValues[i];
        }

        ForgetUnscored(scores, isScored);
        PostTransforms.Apply(_transform, scores);
    }

    /// <summary>Makes the probabilities, or whatever the transform gives, of the scores of one row, in place, and finds its class.</summary>
    /// <returns>The number of the class; below zero, the label itself, as −1 − label.</returns>
    public int Classify(Span<T> scores, Span<bool> isScored)
    {
        if (TargetCount == 2) return ClassifyBinary(scores, isScored);
        for (var i = 0; i < _baseValues.Length; i++)
        {
            scores[i] += _baseValues[i];
            isScored[i] = true;
        }

        var best = -1;
        for (var i = 0; i < scores.Length; i++)
        {
            if (isScored[i] && (best < 0 || scores[i] > scores[best])) best = i;
        }

        ForgetUnscored(scores, isScored);
        PostTransforms.Apply(_transform, scores);
        return best;
    }

    /// <summary>Adds the weights of leaves to the scores of one row, score by score: so they stay in registers meanwhile.</summary>
    private void AddDense(ReadOnlySpan<int> leaves, Span<T> scores)
    {
        var i = 0;
        for (; i <= scores.Length - Vector128<T>.Count; i += Vector128<T>.Count)
        {
            var sum = Vector128.Create<T>(scores[i..]);
            foreach (var leaf in leaves) sum += Vector128.Create(_weights.AsSpan(_starts[leaf] + i, Vector128<T>.Count));
            sum.CopyTo(scores[i..]);
        }

        for (; i < scores.Length; i++)
        {
            var sum = scores[i];
            foreach (var leaf in leaves) sum += _weights[_starts[leaf] + i];
            scores[i] = sum;
        }
    }

    /// <summary>Adds the weights of a leaf to the scores of one row, of which each is given one by every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(int leaf, Span<T> scores)
    {
        var start = _starts[leaf];
        if (_isDense)
        {
            var weights = _weights.AsSpan(start, scores.Length);
            var i = 0;
            for (; i <= scores.Length - Vector128<T>.Count; i += Vector128<T>.Count)
                (Vector128.Create<T>(scores[i..]) + Vector128.Create(weights[i..])).CopyTo(scores[i..]);
            for (; i < scores.Length; i++) scores[i] += weights[i];
            return;
        }

        for (var k = start; k < _starts[leaf + 1]; k++) scores[_targets[k]] += _weights[k];
    }

    /// <summary>Whether each leaf has the weights of all targets, in their order; nodes that are no leaves have none.</summary>
    private bool IsDense()
    {
        for (var node = 0; node < _starts.Length - 1; node++)
        {
            var own = _targets.AsSpan(_starts[node].._starts[node + 1]);
            if (own.IsEmpty) continue;
            if (own.Length != TargetCount) return false;
            for (var i = 0; i < own.Length; i++)
            {
                if (own[i] != i) return false;
            }
        }

        return true;
    }

    /// <summary>Finds the targets that every row is given a weight for: those that each leaf of some tree has.</summary>
    private static HashSet<int> FindAlwaysScored(TreeModel<T> model)
    {
        var (always, seen, stack) = (new HashSet<int>(), new HashSet<int>(), new Stack<int>());
        foreach (var root in model.Roots)
        {
            HashSet<int>? common = null;
            seen.Clear();
            stack.Push(root);
            while (stack.TryPop(out var node))
            {
                // A node may have two parents.
                if (!seen.Add(node)) continue;
                if (model.Modes[node] == TreeMode.Leaf)
                {
                    var own = model.Targets[model.WeightStarts[node]..model.WeightStarts[node + 1]];
                    if (common is null) common = [.. own];
                    else common.IntersectWith(own);
                    continue;
                }

                stack.Push(model.TrueNodes[node]);
                stack.Push(model.FalseNodes[node]);
            }

            if (common is not null) always.UnionWith(common);
        }

        return always;
    }

    private int ClassifyBinary(Span<T> scores, Span<bool> isScored)
    {
        var isOne = false;
        var secondClass = _baseValues.Length == 0 ? SecondClass.Opposite : SecondClass.None;
        switch (_baseValues.Length)
        {
            case 2 when isScored[1]:
                // The first base value is not used; the weights are those of the first class only.
                scores[1] = _baseValues[1] + scores[0];
                scores[0] = -scores[1];
                break;
            case 2:
                scores[1] += _baseValues[1];
                scores[0] += _baseValues[0];
                break;
            default:
                scores[0] += _origin;
                isOne = !isScored[1];
                break;
        }

        var weight = isScored[1] ? scores[1] : isScored[0] ? scores[0] : T.Zero;
        var isPositive = weight > (_isBinary && _areAllPositive ? T.CreateTruncating(0.5) : T.Zero);
        if (_isBinary) secondClass = _areAllPositive ? SecondClass.Complement : SecondClass.Opposite;
        ForgetUnscored(scores, isScored);
        if (isOne) Complete(scores, secondClass);
        else PostTransforms.Apply(_transform, scores);
        return _isBinary ? (isPositive ? 1 : 0) : (isPositive ? -2 : -1);
    }

    /// <summary>Makes two scores of the one there is.</summary>
    private void Complete(Span<T> scores, SecondClass secondClass)
    {
        var score = scores[0];
        if (_transform == PostTransform.Probit) (scores[0], scores[1]) = (T.CreateTruncating(PostTransforms.Probit(float.CreateTruncating(score))), T.Zero);
        else if (secondClass != SecondClass.None && _transform == PostTransform.Logistic) (scores[0], scores[1]) = (T.CreateTruncating(PostTransforms.Logistic(-float.CreateTruncating(score))), T.CreateTruncating(PostTransforms.Logistic(float.CreateTruncating(score))));
        else if (secondClass == SecondClass.Complement) (scores[0], scores[1]) = (T.One - score, score);
        else if (secondClass == SecondClass.Opposite) (scores[0], scores[1]) = (-score, score);
        else scores[1] = T.Zero;
    }

    /// <summary>A target that no leaf has a weight for is 0, whatever its base value.</summary>
    private static void ForgetUnscored(Span<T> scores, ReadOnlySpan<bool> isScored)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            if (!isScored[i]) scores[i] = T.Zero;
        }
    }

    /// <summary>What the score of the other class is where trees give one score only.</summary>
    private enum SecondClass
    {
        None,
        Complement,
        Opposite,
    }
}
