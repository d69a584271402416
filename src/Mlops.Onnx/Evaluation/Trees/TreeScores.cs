using System.Numerics;

namespace Mlops.Onnx;

/// <summary>Turns the sums of weights into scores and classes, by ONNX Runtime's conventions, of which the documentation of the operators leaves some open.</summary>
/// <remarks>Source: tree_ensemble_aggregator.h and ml_common.h of ONNX Runtime 1.30.</remarks>
internal sealed class TreeScores<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _baseValues;
    private readonly TreeAggregate _aggregate;
    private readonly PostTransform _transform;
    private readonly T _treeCount;
    private readonly T _origin;
    private readonly bool _isBinary;
    private readonly bool _areAllPositive;

    public TreeScores(TreeModel<T> model)
    {
        (_aggregate, _transform, _baseValues) = (model.Aggregate, model.PostTransform, model.BaseValues);
        _treeCount = T.CreateTruncating(model.Roots.Length);
        _origin = _baseValues.Length == 1 ? _baseValues[0] : T.Zero;
        _isBinary = model.TargetCount == 2 && model.HasOneClass;
        _areAllPositive = !model.HasNegativeWeight;
    }

    /// <summary>Makes the outputs of a regression of the scores of one row, in place.</summary>
    public void Regress(Span<T> scores, Span<bool> isScored)
    {
        if (scores.Length == 1)
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
        if (scores.Length == 2) return ClassifyBinary(scores, isScored);
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
