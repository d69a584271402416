using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>Finds a point along a direction where the function has fallen enough and its slope is flat enough (strong Wolfe conditions).</summary>
/// <remarks>Brackets by expanding, then narrows by cubic interpolation: J. Nocedal and S. J. Wright, "Numerical Optimization", 2nd ed. (2006), algorithms 3.5 and 3.6, equation 3.59.</remarks>
internal sealed class LineSearch(Lbfgs.Objective objective, LineSearchPoint start, double[] direction, double slope)
{
    private const double SufficientDecrease = 1e-4;
    private const double Curvature = 0.9;
    private const int Steps = 40;

    /// <summary>Values this close, relative to their size, differ by rounding.</summary>
    private const double Rounding = 1e-13;

    private readonly LineSearchPoint _start = start with { Step = 0, Slope = slope };

    /// <summary>Searches, beginning with the whole step.</summary>
    /// <returns>The point; <see langword="null"/> where there is none, because no digit is left.</returns>
    public LineSearchPoint? Find()
    {
        if (!(slope < 0)) return null;
        var (low, high) = (_start, default(LineSearchPoint));
        double step = 1;
        for (var i = 0; i < Steps; i++)
        {
            var next = Evaluate(step);
            if (!IsLower(next) || (high is not null && next.Value > low.Value && !IsRounding(next)))
            {
                high = next;
            }
            else if (Math.Abs(next.Slope) <= -Curvature * slope)
            {
                return next;
            }
            else
            {
                // The minimum is where the slope changes its sign.
                if (next.Slope * ((high?.Step ?? double.PositiveInfinity) - low.Step) >= 0) high = low;
                low = next;
            }

            step = high is null ? low.Step * 4 : Between(low, high);
            if (step == low.Step || step == high?.Step) return null;
        }

        return null;
    }

    private LineSearchPoint Evaluate(double step)
    {
        var (position, gradient) = (new double[direction.Length], new double[direction.Length]);
        TensorPrimitives.MultiplyAdd(direction, step, _start.Position, position);
        var value = objective(position, gradient);
        return new LineSearchPoint(step, value, TensorPrimitives.Dot<double>(direction, gradient), position, gradient);
    }

    /// <summary>Whether the function has fallen enough; where values differ by rounding alone, whether the slope says so.</summary>
    private bool IsLower(LineSearchPoint point)
        => point.Value <= _start.Value + (SufficientDecrease * point.Step * slope) || (IsRounding(point) && point.Slope <= ((2 * SufficientDecrease) - 1) * slope);

    private bool IsRounding(LineSearchPoint point) => Math.Abs(point.Value - _start.Value) <= Rounding * Math.Abs(_start.Value);

    /// <summary>The minimum of the cubic through both points, kept a tenth away from either.</summary>
    private static double Between(LineSearchPoint low, LineSearchPoint high)
    {
        var width = high.Step - low.Step;
        var middle = low.Slope + high.Slope - (3 * (low.Value - high.Value) / (low.Step - high.Step));
        var root = (middle * middle) - (low.Slope * high.Slope);
        var step = low.Step + (width / 2);
        if (root >= 0)
        {
            var square = Math.Sign(width) * Math.Sqrt(root);
            var minimum = high.Step - (width * (high.Slope + square - middle) / (high.Slope - low.Slope + (2 * square)));
            if (double.IsFinite(minimum)) step = minimum;
        }

        var (from, to) = (low.Step + (0.1 * width), high.Step - (0.1 * width));
        return Math.Clamp(step, Math.Min(from, to), Math.Max(from, to));
    }
}
