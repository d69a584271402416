using Mlops.Models;

namespace Mlops.Training;

/// <summary>Collects the inputs, nodes and feature names of a preprocessing.</summary>
internal sealed class GraphParts(TensorNames names)
{
    private readonly List<GraphNode> _nodes = [];
    private readonly List<string> _blocks = [];
    private readonly List<string> _featureNames = [];
    private readonly Dictionary<int, GraphOperator[]> _folds = [];

    public TensorNames Names => names;

    public List<TensorSpec> Inputs { get; } = [];

    public string Add(GraphOperator step, string input, string name)
    {
        var output = names.Take(name);
        _nodes.Add(new GraphNode(step, [input], [output]));
        return output;
    }

    /// <summary>Adds a step that differs for the training rows of each fold.</summary>
    public string Add(GraphOperator step, GraphOperator[] folds, string input, string name)
    {
        _folds[_nodes.Count] = folds;
        return Add(step, input, name);
    }

    public void AddFeatures(string block, IEnumerable<string> featureNames)
    {
        _blocks.Add(block);
        _featureNames.AddRange(featureNames);
    }

    public FittedPreprocessor Build(ulong seed)
    {
        _nodes.Add(new GraphNode(new ConcatOperator(), _blocks, [names.Take("features")]));
        var fitted = new FittedPreprocessor(Inputs, _nodes, _featureNames);
        if (_folds.Count == 0) return fitted;
        var count = _folds.Values.First().Length;
        var folds = Enumerable.Range(0, count).Select(fold => _nodes.Select((node, i) => _folds.TryGetValue(i, out var steps) ? node with { Operator = steps[fold] } : node).ToArray());
        return fitted with { OutOfFold = new OutOfFoldNodes(seed, [.. folds]) };
    }
}
