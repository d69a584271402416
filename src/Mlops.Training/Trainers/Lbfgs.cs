using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>Minimises a smooth function by limited-memory BFGS with a line search that fulfils the Wolfe conditions.</summary>
/// <remarks>Source: J. Nocedal and S. J. Wright, "Numerical Optimization", 2nd ed. (2006), algorithms 7.4 and 7.5; line search by bisection and doubling.</remarks>
internal static class Lbfgs
{
    private const int Memory = 10;
    private const double SufficientDecrease = 1e-4;
    private const double Curvature = 0.9;
    private const int LineSearchSteps = 50;

    public delegate double Objective(ReadOnlySpan<double> parameters, Span<double> gradient);

    /// <summary>Minimises.</summary>
    /// <param name="objective">Gives the value and writes the gradient.</param>
    /// <param name="start">Where to begin; changed and returned.</param>
    /// <param name="maxIterations">The largest number of iterations.</param>
    /// <param name="tolerance">The largest component of the gradient at which the search ends.</param>
    /// <param name="onIteration">Is told the number and the value after each iteration; may throw to cancel.</param>
    /// <returns>The best parameters found, and whether the iterations were enough: the tolerance was reached, or no digit was left to improve.</returns>
    public static (double[] Parameters, bool HasConverged) Minimize(Objective objective, double[] start, int maxIterations, double tolerance, Action<int, double> onIteration)
    {
        var (position, gradient) = (start, new double[start.Length]);
        var value = objective(position, gradient);
        var history = new List<(double[] Step, double[] Change, double Inverse)>(Memory);
        var hasStalled = false;
        for (var iteration = 1; iteration <= maxIterations && LargestComponent(gradient) > tolerance; iteration++)
        {
            var direction = Direction(gradient, history);
            var slope = TensorPrimitives.Dot<double>(direction, gradient);
            var initial = history.Count == 0 ? Math.Min(1, 1 / TensorPrimitives.Norm<double>(gradient)) : 1;
            if (Search(objective, position, direction, value, slope, initial) is not { } found)
            {
                hasStalled = true;
                break;
            }

            Remember(history, position, gradient, found);
            (position, gradient, value) = (found.Position, found.Gradient, found.Value);
            onIteration(iteration, value);
        }

        return (position, hasStalled || LargestComponent(gradient) <= tolerance);
    }

    private static double LargestComponent(double[] gradient) => Math.Abs(TensorPrimitives.MaxMagnitude<double>(gradient));

    private static double[] Direction(double[] gradient, List<(double[] Step, double[] Change, double Inverse)> history)
    {
        var direction = new double[gradient.Length];
        TensorPrimitives.Negate(gradient, direction);
        var factors = new double[history.Count];
        for (var i = history.Count - 1; i >= 0; i--)
        {
            factors[i] = history[i].Inverse * TensorPrimitives.Dot<double>(history[i].Step, direction);
            TensorPrimitives.MultiplyAdd(history[i].Change, -factors[i], direction, direction);
        }

        if (history.Count > 0)
        {
            var (_, change, inverse) = history[^1];
            TensorPrimitives.Multiply(direction, 1 / (inverse * TensorPrimitives.SumOfSquares<double>(change)), direction);
        }

        for (var i = 0; i < history.Count; i++)
        {
            var correction = factors[i] - (history[i].Inverse * TensorPrimitives.Dot<double>(history[i].Change, direction));
            TensorPrimitives.MultiplyAdd(history[i].Step, correction, direction, direction);
        }

        return direction;
    }

    private static Point? Search(Objective objective, double[] position, double[] direction, double value, double slope, double step)
    {
        // Not a direction of descent, or no digits left to descend by.
        if (!(slope < 0)) return null;
        double low = 0, high = double.PositiveInfinity;
        for (var i = 0; i < LineSearchSteps; i++)
        {
            var (next, gradient) = (new double[position.Length], new double[position.Length]);
            TensorPrimitives.MultiplyAdd(direction, step, position, next);
            var nextValue = objective(next, gradient);
            if (!(nextValue <= value + (SufficientDecrease * step * slope))) high = step;
            else if (TensorPrimitives.Dot<double>(direction, gradient) < Curvature * slope) low = step;
            else return new Point(next, gradient, nextValue);
            step = double.IsInfinity(high) ? 2 * low : (low + high) / 2;
        }

        return null;
    }

    private static void Remember(List<(double[] Step, double[] Change, double Inverse)> history, double[] position, double[] gradient, Point found)
    {
        var (step, change) = (new double[position.Length], new double[position.Length]);
        TensorPrimitives.Subtract(found.Position, position, step);
        TensorPrimitives.Subtract(found.Gradient, gradient, change);
        var product = TensorPrimitives.Dot<double>(step, change);
        if (!(product > 0)) return;
        if (history.Count == Memory) history.RemoveAt(0);
        history.Add((step, change, 1 / product));
    }

    private sealed record Point(double[] Position, double[] Gradient, double Value);
}
