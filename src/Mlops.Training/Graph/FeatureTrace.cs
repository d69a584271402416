using Mlops.Models;

namespace Mlops.Training;

/// <summary>Which dataset columns each element of a tensor of a graph comes from, found by following the graph from its inputs.</summary>
internal sealed class FeatureTrace
{
    private FeatureTrace(string[] columns, int[][] features)
    {
        Columns = columns;
        Features = features;
    }

    /// <summary>Gets the columns that the graph takes, in the order of its inputs, each once.</summary>
    public string[] Columns { get; }

    /// <summary>Gets the positions in <see cref="Columns"/> of what each element depends on, ascending, shape (elements × columns of the element).</summary>
    public int[][] Features { get; }

    public static FeatureTrace Create(ModelGraph graph, string tensor)
    {
        var plan = new GraphPlan(graph);
        var columns = new List<string>();
        var traced = new Dictionary<string, int[][]>(StringComparer.Ordinal);
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

                return new[] { index };
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

    /// <summary>Names the columns of an element, as in error messages.</summary>
    public string Describe(int feature) => Features[feature] switch
    {
        [] => "no column",
        [var column] => $"the column '{Columns[column]}'",
        var several => $"the columns {string.Join(", ", several.Select(column => $"'{Columns[column]}'"))}",
    };

    private static int[][] Follow(GraphOperator step, int[][][] inputs, int width) => step switch
    {
        ConcatOperator => [.. inputs.SelectMany(input => input)],
        SelectOperator select => Array.ConvertAll(select.Indices, index => inputs[0][index]),
        ImputeOperator or ScaleOperator or ClipOperator or MissingIndicatorOperator => inputs[0],
        ConstantOperator => [.. Enumerable.Repeat(Array.Empty<int>(), width)],
        // Whatever else a step does, its elements depend on nothing but its inputs.
        _ => [.. Enumerable.Repeat<int[]>([.. inputs.SelectMany(input => input).SelectMany(element => element).Distinct().Order()], width)],
    };
}
