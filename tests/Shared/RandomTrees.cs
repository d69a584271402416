using System.Globalization;
using System.Runtime.InteropServices;
using Mlops.Data;
using Mlops.Models;
using Mlops.Onnx;

namespace Mlops.Tests;

/// <summary>What random ensembles of trees are like.</summary>
public sealed record RandomTreesOptions
{
    public int Seed { get; init; } = 1;

    public int Trees { get; init; } = 20;

    public int Depth { get; init; } = 5;

    public int Features { get; init; } = 7;

    /// <summary>Gets the classes of a classifier; 0 for a regressor.</summary>
    public int Classes { get; init; }

    public int Targets { get; init; } = 1;

    /// <summary>Gets the modes among which each node has one.</summary>
    public string Modes { get; init; } = "BRANCH_LEQ";

    /// <summary>Gets the share of nodes whose missing values take the true branch; −1 leaves the attribute away.</summary>
    public double TracksMissing { get; init; } = -1;

    public string Aggregate { get; init; } = "SUM";

    public string PostTransform { get; init; } = "NONE";

    public int BaseValues { get; init; }

    /// <summary>Gets the classes or targets that leaves have a weight for: all, in their order or reversed, one by tree, some, or always the same one.</summary>
    public string Weights { get; init; } = "all";

    public bool ArePositive { get; init; }

    public bool HasTextLabels { get; init; }

    public ElementType Type { get; init; } = ElementType.Float32;

    /// <summary>Gets how likely a node is a leaf before the full depth.</summary>
    public double EarlyLeaves { get; init; } = 0.1;

    /// <summary>Gets whether every third tree is one leaf, the first one too.</summary>
    public bool HasStumps { get; init; }

    /// <summary>Gets whether numbers are attributes whose names end in "_as_tensor", which came with version 3 of the operators.</summary>
    public bool AsTensors { get; init; }

    /// <summary>Gets the version of the operators of ai.onnx.ml.</summary>
    public int OperatorSet { get; init; } = 3;

    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Trees}×{Depth} early={EarlyLeaves} stumps={HasStumps} features={Features} {Type} classes={Classes} targets={Targets} {Modes} missing={TracksMissing} {Aggregate} {PostTransform} base={BaseValues} {Weights} positive={ArePositive} texts={HasTextLabels} tensors={AsTensors} ml={OperatorSet}");
}

/// <summary>Makes ensembles of trees of every kind. Thresholds are multiples of ½, as are most values of the rows, so that many rows lie exactly on them.</summary>
internal sealed class RandomTrees
{
    private readonly RandomTreesOptions _options;
    private readonly Random _random;
    private readonly List<long> _trees = [], _nodes = [], _features = [], _trues = [], _falses = [], _tracks = [];
    private readonly List<long> _weightTrees = [], _weightNodes = [], _weightTargets = [];
    private readonly List<float> _thresholds = [], _weights = [];
    private readonly List<string> _modes = [];

    public RandomTrees(RandomTreesOptions options)
    {
        _options = options;
        _random = new Random(options.Seed);
    }

    private int TargetCount => _options.Classes > 0 ? _options.Classes : _options.Targets;

    public byte[] Build()
    {
        for (var tree = 0; tree < _options.Trees; tree++) AddTree(tree);
        var isClassifier = _options.Classes > 0;
        var target = isClassifier ? "class" : "target";
        var attributes = new List<OnnxAttribute>
        {
            new("nodes_treeids", _trees.ToArray()), new("nodes_nodeids", _nodes.ToArray()), new("nodes_featureids", _features.ToArray()),
            new("nodes_modes", _modes.ToArray()), new("nodes_truenodeids", _trues.ToArray()), new("nodes_falsenodeids", _falses.ToArray()),
            new($"{target}_treeids", _weightTrees.ToArray()), new($"{target}_nodeids", _weightNodes.ToArray()), new($"{target}_ids", _weightTargets.ToArray()),
            new("post_transform", _options.PostTransform),
        };
        AddNumbers(attributes, "nodes_values", _thresholds);
        AddNumbers(attributes, $"{target}_weights", _weights);
        if (_options.BaseValues > 0) AddNumbers(attributes, "base_values", [.. Enumerable.Range(0, _options.BaseValues).Select(_ => Next())]);
        if (_options.TracksMissing >= 0) attributes.Add(new("nodes_missing_value_tracks_true", _tracks.ToArray()));
        if (!isClassifier) attributes.AddRange([new("n_targets", (long)TargetCount), new("aggregate_function", _options.Aggregate)]);
        else attributes.Add(_options.HasTextLabels ? new("classlabels_strings", Enumerable.Range(0, TargetCount).Select(i => $"class {i}").ToArray()) : new("classlabels_int64s", Enumerable.Range(0, TargetCount).Select(i => (i * 10L) + 5).ToArray()));

        var builder = new OnnxGraphBuilder { MachineLearningOperatorSet = _options.OperatorSet };
        builder.AddInput(new TensorSpec("x", _options.Type, [-1, _options.Features]));
        if (isClassifier) builder.AddOutput(new TensorSpec("label", _options.HasTextLabels ? ElementType.String : ElementType.Int64, [-1]));
        builder.AddOutput(TensorSpec.Of<float>("scores", TargetCount));
        builder.AddNode(isClassifier ? "TreeEnsembleClassifier" : "TreeEnsembleRegressor", OnnxGraphBuilder.MachineLearning, ["x"], isClassifier ? ["label", "scores"] : ["scores"], [.. attributes]);
        return builder.Build();
    }

    /// <summary>Fills rows with values that lie on, between and beyond the thresholds, with zeros of both signs, missing and infinite ones.</summary>
    public static void Fill(TensorBatch inputs, int seed)
    {
        var random = new Random(seed);
        switch (inputs[0])
        {
            case TensorBuffer<float> numbers: foreach (ref var value in numbers.Span) value = (float)NextValue(random); break;
            case TensorBuffer<double> numbers: foreach (ref var value in numbers.Span) value = NextValue(random); break;
            case TensorBuffer<long> numbers: foreach (ref var value in numbers.Span) value = random.Next(-6, 7); break;
            case TensorBuffer<int> numbers: foreach (ref var value in numbers.Span) value = random.Next(-6, 7); break;
        }
    }

    private static double NextValue(Random random) => random.Next(24) switch
    {
        0 or 1 => double.NaN,
        2 => double.PositiveInfinity,
        3 => double.NegativeInfinity,
        4 => -0.0,
        5 => 1e-45f,
        < 10 => (random.NextDouble() * 10) - 5,
        _ => random.Next(-10, 11) / 2.0,
    };

    private void AddNumbers(List<OnnxAttribute> attributes, string name, List<float> values)
    {
        if (!_options.AsTensors)
        {
            attributes.Add(new(name, values.ToArray()));
            return;
        }

        var raw = _options.Type == ElementType.Float64
            ? MemoryMarshal.AsBytes<double>(values.Select(value => (double)value).ToArray())
            : MemoryMarshal.AsBytes<float>(values.ToArray());
        attributes.Add(new($"{name}_as_tensor", OnnxGraphBuilder.DescribeTensor(OrtElementTypes.ToOnnx(_options.Type), values.Count, raw)));
    }

    private void AddTree(int tree)
    {
        // Depth first, with gaps between the numbers of nodes, as some converters leave them.
        var next = 0L;
        Add(0);

        long Add(int depth)
        {
            var place = _nodes.Count;
            var id = next++;
            var isLeaf = depth == _options.Depth || (_options.HasStumps && tree % 3 == 0) || (depth > 0 && _random.NextDouble() < _options.EarlyLeaves);
            _trees.Add(tree);
            _nodes.Add(id);
            _features.Add(isLeaf ? 0 : _random.Next(_options.Features));
            _thresholds.Add(isLeaf ? 0 : Threshold());
            var modes = _options.Modes.Split(' ');
            _modes.Add(isLeaf ? "LEAF" : modes[_random.Next(modes.Length)]);
            _tracks.Add(!isLeaf && _random.NextDouble() < _options.TracksMissing ? 1 : 0);
            _trues.Add(0);
            _falses.Add(0);
            if (isLeaf)
            {
                AddWeights(tree, id);
                return id;
            }

            _trues[place] = Add(depth + 1);
            _falses[place] = Add(depth + 1);
            return id;
        }
    }

    private float Threshold() => _random.Next(40) switch
    {
        0 => float.PositiveInfinity,
        1 => float.NegativeInfinity,
        _ => _random.Next(-8, 9) / 2f,
    };

    private void AddWeights(int tree, long node)
    {
        var targets = _options.Weights switch
        {
            "all" => Enumerable.Range(0, TargetCount),
            "reversed" => Enumerable.Range(0, TargetCount).Reverse(),
            "one" => [tree % TargetCount],
            "some" => Enumerable.Range(0, TargetCount).Where(i => i == tree % TargetCount || _random.Next(3) == 0),
            _ => [int.Parse(_options.Weights, CultureInfo.InvariantCulture)],
        };
        foreach (var target in targets)
        {
            _weightTrees.Add(tree);
            _weightNodes.Add(node);
            _weightTargets.Add(target);
            _weights.Add(Next());
        }
    }

    private float Next()
    {
        var value = _random.NextSingle() / _options.Trees * 2;
        return _options.ArePositive ? value : value - (1f / _options.Trees);
    }
}
