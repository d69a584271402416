using System.Numerics;

namespace Mlops.Onnx;

/// <summary>What becomes of scores, with the arithmetic of ONNX Runtime: those of trees and linear models in single precision.</summary>
/// <remarks>Source: operator documentation of ai.onnx.ml; the approximation of the probit by S. Winitzki, "A handy approximation for the error function and its inverse", 2008.</remarks>
internal static class PostTransforms
{
    private const float Sqrt2 = 1.41421356f;
    private const float WinitzkiA = 0.147f;
    private const float Zero = 0.0000001f;

    public static T Logistic<T>(T value)
        where T : IBinaryFloatingPointIeee754<T>
    {
        var positive = T.One / (T.One + T.Exp(-T.Abs(value)));
        return value < T.Zero ? T.One - positive : positive;
    }

    public static float Probit(float value)
    {
        var x = (2 * value) - 1;
        var log = MathF.Log((1 - x) * (1 + x));
        var v = (2 / (MathF.PI * WinitzkiA)) + (0.5f * log);
        var square = 1 / WinitzkiA * log;
        var root = MathF.Sqrt(-v + MathF.Sqrt((v * v) - square));
        return Sqrt2 * (x < 0 ? -root : root);
    }

    /// <summary>Transforms the scores of one row, of which there are two or more, in place.</summary>
    public static void Apply<T>(PostTransform transform, Span<T> scores)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (transform)
        {
            case PostTransform.Logistic:
                foreach (ref var score in scores) score = T.CreateTruncating(Logistic(float.CreateTruncating(score)));
                break;
            case PostTransform.Probit:
                foreach (ref var score in scores) score = T.CreateTruncating(Probit(float.CreateTruncating(score)));
                break;
            case PostTransform.Softmax:
                Softmax(scores, skipsZeros: false);
                break;
            case PostTransform.SoftmaxZero:
                Softmax(scores, skipsZeros: true);
                break;
        }
    }

    private static void Softmax<T>(Span<T> scores, bool skipsZeros)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var max = -float.MaxValue;
        foreach (var score in scores)
        {
            if (float.CreateTruncating(score) > max) max = float.CreateTruncating(score);
        }

        var sum = 0f;
        foreach (ref var score in scores)
        {
            var value = float.CreateTruncating(score);
            if (skipsZeros && !(value is > Zero or < -Zero))
            {
                score *= T.CreateTruncating(MathF.Exp(-max));
                continue;
            }

            var power = MathF.Exp(value - max);
            score = T.CreateTruncating(power);
            sum += power;
        }

        foreach (ref var score in scores) score /= T.CreateTruncating(sum);
    }
}
