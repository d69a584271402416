using System.Numerics.Tensors;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Evaluates one operator of a graph on all rows.</summary>
internal abstract class GraphKernel
{
    public static GraphKernel Create(GraphOperator step) => step switch
    {
        SelectOperator typed => new Select(typed),
        ImputeOperator typed => new Impute(typed),
        ImputeTextOperator typed => new ImputeText(typed),
        ScaleOperator typed => new Scale(typed),
        DayOfWeekOperator => new DayOfWeek(),
        OneHotOperator typed => new OneHot<long>(typed.Categories),
        OneHotTextOperator typed => new OneHot<string>(typed.Categories),
        ConcatOperator => new Concat(),
        LinearRegressorOperator typed => new LinearRegressor(typed),
        LinearClassifierOperator typed => new LinearClassifier(typed),
        _ => throw new NotSupportedException($"There is no kernel of {step.GetType().Name}."),
    };

    public abstract void Run(GraphWorkspace workspace, GraphStep step);

    private static double Dot(double[] coefficients, ReadOnlySpan<float> row)
    {
        double sum = 0;
        for (var i = 0; i < coefficients.Length; i++) sum += coefficients[i] * row[i];
        return sum;
    }

    private static double[] Widen(float[] values) => Array.ConvertAll(values, value => (double)value);

    private sealed class Select(SelectOperator step) : GraphKernel
    {
        public override void Run(GraphWorkspace workspace, GraphStep graphStep)
        {
            switch (graphStep.Inputs[0].Type)
            {
                case ElementType.Float32: Run<float>(workspace, graphStep); break;
                case ElementType.Int64: Run<long>(workspace, graphStep); break;
                default: Run<string>(workspace, graphStep); break;
            }
        }

        private void Run<T>(GraphWorkspace workspace, GraphStep graphStep)
        {
            var source = workspace.Get<T>(graphStep.Inputs[0]);
            var target = workspace.Get<T>(graphStep.Outputs[0]);
            var (from, to) = (graphStep.Inputs[0].Width, graphStep.Outputs[0].Width);
            for (var row = 0; row < workspace.Rows; row++)
            {
                for (var i = 0; i < to; i++) target[(row * to) + i] = source[(row * from) + step.Indices[i]];
            }
        }
    }

    private sealed class Impute(ImputeOperator step) : GraphKernel
    {
        public override void Run(GraphWorkspace workspace, GraphStep graphStep)
        {
            var source = workspace.Get<float>(graphStep.Inputs[0]);
            var target = workspace.Get<float>(graphStep.Outputs[0]);
            var width = step.Replacements.Length;
            for (int i = 0, column = 0; i < source.Length; i++)
            {
                target[i] = float.IsNaN(source[i]) ? step.Replacements[column] : source[i];
                if (++column == width) column = 0;
            }
        }
    }

    private sealed class ImputeText(ImputeTextOperator step) : GraphKernel
    {
        public override void Run(GraphWorkspace workspace, GraphStep graphStep)
        {
            var source = workspace.Get<string>(graphStep.Inputs[0]);
            var target = workspace.Get<string>(graphStep.Outputs[0]);
            for (var i = 0; i < source.Length; i++) target[i] = string.IsNullOrEmpty(source[i]) ? step.Replacement : source[i];
        }
    }

    private sealed class Scale(ScaleOperator step) : GraphKernel
    {
        public override void Run(GraphWorkspace workspace, GraphStep graphStep)
        {
            var source = workspace.Get<float>(graphStep.Inputs[0]);
            var target = workspace.Get<float>(graphStep.Outputs[0]);
            var width = step.Offsets.Length;
            for (var start = 0; start < source.Length; start += width)
            {
                var row = target.Slice(start, width);
                TensorPrimitives.Subtract(source.Slice(start, width), step.Offsets, row);
                TensorPrimitives.Multiply(row, step.Scales, row);
            }
        }
    }

    private sealed class DayOfWeek : GraphKernel
    {
        // 1970-01-01 was a Thursday.
        private const int EpochDay = 4;

        public override void Run(GraphWorkspace workspace, GraphStep graphStep)
        {
            var source = workspace.Get<long>(graphStep.Inputs[0]);
            var target = workspace.Get<long>(graphStep.Outputs[0]);
            for (var i = 0; i < source.Length; i++) target[i] = (((source[i] + EpochDay) % 7) + 7) % 7;
        }
    }

    private sealed class OneHot<T> : GraphKernel
        where T : notnull
    {
        private readonly Dictionary<T, int> _positions;
        private readonly int _width;

        public OneHot(T[] categories)
        {
            _positions = categories.Select((category, i) => KeyValuePair.Create(category, i)).ToDictionary();
            _width = categories.Length;
        }

        public override void Run(GraphWorkspace workspace, GraphStep graphStep)
        {
            var source = workspace.Get<T>(graphStep.Inputs[0]);
            var target = workspace.Get<float>(graphStep.Outputs[0]);
            target.Clear();
            for (var row = 0; row < source.Length; row++)
            {
                if (source[row] is not null && _positions.TryGetValue(source[row], out var position)) target[(row * _width) + position] = 1;
            }
        }
    }

    private sealed class Concat : GraphKernel
    {
        public override void Run(GraphWorkspace workspace, GraphStep graphStep)
        {
            var target = workspace.Get<float>(graphStep.Outputs[0]);
            var width = graphStep.Outputs[0].Width;
            var offset = 0;
            foreach (var input in graphStep.Inputs)
            {
                var source = workspace.Get<float>(input);
                for (var row = 0; row < workspace.Rows; row++)
                    source.Slice(row * input.Width, input.Width).CopyTo(target.Slice((row * width) + offset, input.Width));
                offset += input.Width;
            }
        }
    }

    private sealed class LinearRegressor(LinearRegressorOperator step) : GraphKernel
    {
        private readonly double[] _coefficients = Widen(step.Coefficients);

        public override void Run(GraphWorkspace workspace, GraphStep graphStep)
        {
            var source = workspace.Get<float>(graphStep.Inputs[0]);
            var target = workspace.Get<float>(graphStep.Outputs[0]);
            var width = _coefficients.Length;
            for (var row = 0; row < target.Length; row++)
                target[row] = (float)(step.Intercept + Dot(_coefficients, source.Slice(row * width, width)));
        }
    }

    private sealed class LinearClassifier(LinearClassifierOperator step) : GraphKernel
    {
        private readonly double[][] _coefficients = Array.ConvertAll(step.Coefficients, Widen);

        public override void Run(GraphWorkspace workspace, GraphStep graphStep)
        {
            var source = workspace.Get<float>(graphStep.Inputs[0]);
            var probabilities = workspace.Get<float>(graphStep.Outputs[1]);
            var (width, classes) = (graphStep.Inputs[0].Width, step.ClassCount);
            Span<double> scores = classes <= 64 ? stackalloc double[classes] : new double[classes];
            for (var row = 0; row < workspace.Rows; row++)
            {
                Score(source.Slice(row * width, width), scores);
                var best = 0;
                for (var i = 0; i < classes; i++)
                {
                    probabilities[(row * classes) + i] = (float)scores[i];
                    if (scores[i] > scores[best]) best = i;
                }

                if (step.TextClasses is { } texts) workspace.Get<string>(graphStep.Outputs[0])[row] = texts[best];
                else workspace.Get<long>(graphStep.Outputs[0])[row] = step.NumberClasses![best];
            }
        }

        private void Score(ReadOnlySpan<float> row, Span<double> probabilities)
        {
            if (_coefficients.Length == 1)
            {
                var score = step.Intercepts[0] + Dot(_coefficients[0], row);
                probabilities[1] = 1 / (1 + Math.Exp(-score));
                probabilities[0] = 1 / (1 + Math.Exp(score));
                return;
            }

            for (var i = 0; i < probabilities.Length; i++) probabilities[i] = step.Intercepts[i] + Dot(_coefficients[i], row);
            var largest = TensorPrimitives.Max<double>(probabilities);
            double sum = 0;
            foreach (ref var value in probabilities)
            {
                value = Math.Exp(value - largest);
                sum += value;
            }

            foreach (ref var value in probabilities) value /= sum;
        }
    }
}
