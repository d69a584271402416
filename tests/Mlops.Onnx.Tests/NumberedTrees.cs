using System.Runtime.InteropServices;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Makes random ensembles of the operator TreeEnsemble (ai.onnx.ml 5), of every mode.</summary>
internal sealed class NumberedTrees(int seed, ElementType type, int targets, int aggregate, int transform, bool hasTracks)
{
    public const int Features = 5;

    private readonly Random _random = new(seed);
    private readonly List<long> _features = [], _trues = [], _falses = [], _trueLeafs = [], _falseLeafs = [], _tracks = [], _roots = [], _targetIds = [];
    private readonly List<byte> _modes = [];
    private readonly List<double> _splits = [], _weights = [], _members = [];

    /// <summary>Gets the modes that nodes have: 0 to 5, or membership of small numbers from 1 on (6), from 0 on (7), or of others (8).</summary>
    public required int[] Modes { get; init; }

    public byte[] Build(int trees, int depth)
    {
        for (var tree = 0; tree < trees; tree++) _roots.Add(AddNode(depth));
        var builder = new OnnxGraphBuilder { MachineLearningOperatorSet = 5 };
        builder.AddInput(new TensorSpec("x", type, [-1, Features]));
        builder.AddOutput(new TensorSpec("y", type, [-1, targets]));
        builder.AddNode(
            "TreeEnsemble", OnnxGraphBuilder.MachineLearning, ["x"], ["y"],
            new("aggregate_function", (long)aggregate), new("post_transform", (long)transform), new("n_targets", (long)targets),
            new("nodes_featureids", _features.ToArray()), new("nodes_truenodeids", _trues.ToArray()), new("nodes_falsenodeids", _falses.ToArray()),
            new("nodes_trueleafs", _trueLeafs.ToArray()), new("nodes_falseleafs", _falseLeafs.ToArray()), new("tree_roots", _roots.ToArray()),
            new("leaf_targetids", _targetIds.ToArray()),
            new("nodes_missing_value_tracks_true", hasTracks ? _tracks.ToArray() : new long[_features.Count]),
            new("nodes_modes", OnnxGraphBuilder.DescribeTensor(2, _modes.Count, _modes.ToArray())),
            new("nodes_splits", Tensor(_splits)), new("leaf_weights", Tensor(_weights)), new("membership_values", Tensor(_members)));
        return builder.Build();
    }

    private ProtobufWriter Tensor(List<double> values) => OnnxGraphBuilder.DescribeTensor(
        OrtElementTypes.ToOnnx(type),
        values.Count,
        type == ElementType.Float64 ? MemoryMarshal.AsBytes<double>(values.ToArray()) : MemoryMarshal.AsBytes<float>(values.Select(value => (float)value).ToArray()));

    private long AddNode(int depth)
    {
        var place = _features.Count;
        var mode = Modes[_random.Next(Modes.Length)];
        _features.Add(_random.Next(Features));
        _modes.Add((byte)Math.Min(mode, 6));
        _splits.Add(mode >= 6 ? 0 : _random.Next(-8, 9) / 2.0);
        _tracks.Add(_random.Next(2));
        foreach (var list in new[] { _trues, _falses, _trueLeafs, _falseLeafs }) list.Add(0);
        if (mode >= 6)
        {
            // Whole numbers, because ONNX Runtime takes no others.
            var (first, end) = mode == 6 ? (1, 6) : mode == 7 ? (0, 3) : (-6, 7);
            var members = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => (double)_random.Next(first, end)).Distinct();
            _members.AddRange([.. members, double.NaN]);
        }

        (_trues[place], _trueLeafs[place]) = AddChild(depth - 1);
        (_falses[place], _falseLeafs[place]) = AddChild(depth - 1);
        return place;
    }

    private (long Id, long IsLeaf) AddChild(int depth)
    {
        if (depth > 0 && _random.Next(8) > 0) return (AddNode(depth), 0);
        _targetIds.Add(_random.Next(targets));
        _weights.Add((_random.NextDouble() - 0.5) / 4);
        return (_targetIds.Count - 1, 1);
    }
}
