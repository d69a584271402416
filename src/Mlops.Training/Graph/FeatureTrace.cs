using System.Numerics.Tensors;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Which dataset columns each element of a tensor of a graph comes from, found by following the graph from its inputs.</summary>
internal sealed class FeatureTrace
{
    private FeatureTrace(string[] columns, TracedFeature[] features)
    {
        Columns = columns;
        Features = features;
    }

    /// <summary>Gets the columns that the graph takes, in the order of its inputs, each once.</summary>
    public string[] Columns { get; }

    /// <summary>Gets where each element comes from, shape (elements).</summary>
    public TracedFeature[] Features { get; }

    public static FeatureTrace Create(ModelGraph graph, string tensor)
    {
        var plan = new GraphPlan(graph);
        var columns = new List<string>();
        var traced = new Dictionary<string, TracedFeature[]>(StringComparer.Ordinal);
        foreach (var input in graph.Signature.Inputs)
        {
            traced[input.Name] = [.. Enumerable.Range(0, input.Width).Select(i =>
            {
                var column = i < input.Columns.Count ? input.Columns[i] : input.Name;
                var index = columns.IndexOf(column);
                if (index < 0)
                {
                    index = columns.Count;
                    columns.Add(column);
                }

                return new TracedFeature([index], input.ElementType == ElementType.Float32 && input.Columns.Count == input.Width ? [] : null);
            })];
        }

        for (var i = 0; i < plan.Steps.Length; i++)
        {
            var node = graph.Nodes[i];
            var inputs = node.Inputs.Select(name => traced[name]).ToArray();
            for (var j = 0; j < node.Outputs.Count; j++) traced[node.Outputs[j]] = Follow(node.Operator, inputs, plan.Steps[i].Outputs[j].Width);
        }

        return new FeatureTrace([.. columns], traced[tensor]);
    }

    private static TracedFeature[] Follow(GraphOperator step, TracedFeature[][] inputs, int width) => step switch
    {
        ConcatOperator => [.. inputs.SelectMany(input => input)],
        SelectOperator select => Array.ConvertAll(select.Indices, index => inputs[0][index]),
        ImputeOperator impute => Each(inputs[0], i => new NumberStep(NumberStepKind.Impute, impute.Replacements[i], 0)),
        ScaleOperator scale => Each(inputs[0], i => new NumberStep(NumberStepKind.Scale, scale.Offsets[i], scale.Scales[i])),
        ClipOperator clip => Each(inputs[0], i => new NumberStep(NumberStepKind.Clip, clip.Minimums[i], clip.Maximums[i])),
        MissingIndicatorOperator => [.. inputs[0].Select(element => element with { Steps = null })],
        ConstantOperator => [.. Enumerable.Repeat(new TracedFeature([], null), width)],
        // Whatever else a step does, its elements depend on nothing but its inputs.
        _ => [.. Enumerable.Repeat(new TracedFeature([.. inputs.SelectMany(input => input).SelectMany(element => element.Columns).Distinct().Order()], null), width)],
    };

    private static TracedFeature[] Each(TracedFeature[] input, Func<int, NumberStep> stepOf)
        => [.. input.Select((element, i) => element with { Steps = element.Steps is { } steps ? [.. steps, stepOf(i)] : null })];
}

/// <summary>Where an element comes from.</summary>
/// <param name="Columns">The positions in <see cref="FeatureTrace.Columns"/> of what it depends on, ascending.</param>
/// <param name="Steps">How it is computed from its one numeric column; <see langword="null"/> where it is not.</param>
internal sealed record TracedFeature(int[] Columns, NumberStep[]? Steps);

/// <summary>What a step does to a number.</summary>
internal enum NumberStepKind
{
    /// <summary>Puts a value where the number is missing.</summary>
    Impute,

    /// <summary>(x − first) × second.</summary>
    Scale,

    /// <summary>At least the first, at most the second.</summary>
    Clip,
}

/// <summary>A step of computing a feature from a number.</summary>
internal readonly record struct NumberStep(NumberStepKind Kind, double First, double Second)
{
    public void Apply(Span<double> numbers)
    {
        if (Kind == NumberStepKind.Scale)
        {
            TensorPrimitives.Subtract(numbers, First, numbers);
            TensorPrimitives.Multiply(numbers, Second, numbers);
        }
        else if (Kind == NumberStepKind.Clip)
        {
            // Comparisons with NaN are false, so that a missing number stays missing.
            foreach (ref var number in numbers) number = number < First ? First : number > Second ? Second : number;
        }
        else if (TensorPrimitives.IsNaNAny<double>(numbers))
        {
            foreach (ref var number in numbers) number = double.IsNaN(number) ? First : number;
        }
    }
}
