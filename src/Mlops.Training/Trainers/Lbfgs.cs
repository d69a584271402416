using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>Minimises a smooth function by limited-memory BFGS with a line search that fulfils the Wolfe conditions.</summary>
/// <remarks>
/// Source: J. Nocedal and S. J. Wright, "Numerical Optimization", 2nd ed. (2006), algorithms 7.4 and 7.5, started from a diagonal; the line search brackets and
/// interpolates, and near the minimum, where values differ by rounding alone, goes by slopes: W. W. Hager and H. Zhang, SIAM J. Optim. 16 (2005), section 4.
/// </remarks>
internal static class Lbfgs
{
    private const int Memory = 10;

    /// <summary>How far above the tolerance a search may end where no digit is left to improve.</summary>
    private const double StalledTolerance = 100;

    /// <summary>The share of the first gradient that rounding alone may leave.</summary>
    private const double StalledShare = 1e-7;

    public delegate double Objective(ReadOnlySpan<double> parameters, Span<double> gradient);

    /// <summary>Minimises.</summary>
    /// <param name="objective">Gives the value and writes the gradient; may throw to cancel.</param>
    /// <param name="start">Where to begin; changed and returned.</param>
    /// <param name="curvatures">About the second derivative by each parameter, above 0.</param>
    /// <param name="maxIterations">The largest number of iterations.</param>
    /// <param name="tolerance">The largest component of the gradient at which the search ends.</param>
    /// <param name="onIteration">Is told the number and the value after each iteration; may throw to cancel.</param>
    /// <returns>What has been found.</returns>
    public static LbfgsResult Minimize(Objective objective, double[] start, ReadOnlySpan<double> curvatures, int maxIterations, double tolerance, Action<int, double> onIteration)
    {
        var inverse = new double[start.Length];
        TensorPrimitives.Reciprocal(curvatures, inverse);
        var gradient = new double[start.Length];
        var point = new LineSearchPoint(0, objective(start, gradient), 0, start, gradient);
        var history = new List<Correction>(Memory);
        var first = LargestComponent(gradient);
        var iterations = 0;
        var hasStalled = false;
        while (iterations < maxIterations && LargestComponent(point.Gradient) > tolerance)
        {
            var direction = Direction(point.Gradient, inverse, history);
            var slope = TensorPrimitives.Dot<double>(direction, point.Gradient);
            if (new LineSearch(objective, point, direction, slope).Find() is not { } found)
            {
                // The curvatures that were remembered may be wrong by rounding: once more without them, then there is no digit left to improve.
                if (history.Count == 0)
                {
                    hasStalled = true;
                    break;
                }

                history.Clear();
                continue;
            }

            Remember(history, inverse, point, found);
            point = found;
            onIteration(++iterations, point.Value);
        }

        var largest = LargestComponent(point.Gradient);
        var isThere = largest <= tolerance || (hasStalled && largest <= Math.Max(StalledTolerance * tolerance, StalledShare * first));
        return new LbfgsResult(point.Position, point.Value, iterations, isThere && double.IsFinite(point.Value), hasStalled);
    }

    private static double LargestComponent(double[] gradient) => Math.Abs(TensorPrimitives.MaxMagnitude<double>(gradient));

    private static double[] Direction(double[] gradient, double[] inverse, List<Correction> history)
    {
        var direction = new double[gradient.Length];
        TensorPrimitives.Negate(gradient, direction);
        var factors = new double[history.Count];
        for (var i = history.Count - 1; i >= 0; i--)
        {
            factors[i] = history[i].Inverse * TensorPrimitives.Dot<double>(history[i].Step, direction);
            TensorPrimitives.MultiplyAdd(history[i].Change, -factors[i], direction, direction);
        }

        TensorPrimitives.Multiply(direction, inverse, direction);
        if (history.Count > 0) TensorPrimitives.Multiply(direction, history[^1].Scale, direction);
        for (var i = 0; i < history.Count; i++)
        {
            var correction = factors[i] - (history[i].Inverse * TensorPrimitives.Dot<double>(history[i].Change, direction));
            TensorPrimitives.MultiplyAdd(history[i].Step, correction, direction, direction);
        }

        return direction;
    }

    private static void Remember(List<Correction> history, double[] inverse, LineSearchPoint from, LineSearchPoint to)
    {
        var (step, change, scaled) = (new double[inverse.Length], new double[inverse.Length], new double[inverse.Length]);
        TensorPrimitives.Subtract(to.Position, from.Position, step);
        TensorPrimitives.Subtract(to.Gradient, from.Gradient, change);
        var product = TensorPrimitives.Dot<double>(step, change);
        if (!(product > 0)) return;
        if (history.Count == Memory) history.RemoveAt(0);
        TensorPrimitives.Multiply(change, inverse, scaled);
        history.Add(new Correction(step, change, 1 / product, product / TensorPrimitives.Dot<double>(change, scaled)));
    }

    /// <summary>A step, the change of the gradient along it, one over their product, and the size of the start matrix that they suggest.</summary>
    private sealed record Correction(double[] Step, double[] Change, double Inverse, double Scale);
}
