using System.Runtime.InteropServices;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Trees that another library has trained, translated to ONNX as converters do it.</summary>
/// <param name="Features">How many features a row has.</param>
/// <param name="Classes">How many classes it tells apart; 0 for a regression.</param>
/// <param name="Mode">When a value goes to the left: BRANCH_LEQ or BRANCH_LT.</param>
/// <param name="Base">What every score begins with.</param>
/// <param name="Trees">The trees.</param>
internal sealed record TrainedTrees(int Features, int Classes, string Mode, float Base, IReadOnlyList<TrainedTree> Trees)
{
    private bool IsClassifier => Classes > 0;

    /// <summary>Gets how many scores the trees add up: of two classes, that of the second says both.</summary>
    private int Scores => Classes > 2 ? Classes : 1;

    /// <summary>Makes a TreeEnsembleRegressor, or a TreeEnsembleClassifier of labels that count from 0.</summary>
    /// <param name="operatorSet">The version of the operators of ai.onnx.ml.</param>
    public byte[] ToOnnx(int operatorSet)
    {
        List<long> trees = [], ids = [], features = [], trues = [], falses = [], tracks = [], weightTrees = [], weightIds = [], weightTargets = [];
        List<float> thresholds = [], weights = [];
        List<string> modes = [];
        for (var tree = 0; tree < Trees.Count; tree++)
        {
            var (target, nodes, leaves) = Trees[tree];
            foreach (var node in nodes) Add(tree, node, Mode, IdOf(node.Left), IdOf(node.Right));
            for (var leaf = 0; leaf < leaves.Length; leaf++)
            {
                weightTrees.Add(tree);
                weightIds.Add(nodes.Length + leaf);
                weightTargets.Add(target);
                weights.Add(leaves[leaf]);
                Add(tree, default, "LEAF", 0, 0);
            }

            long IdOf(int child) => child < 0 ? nodes.Length + ~child : child;
        }

        var kind = IsClassifier ? "class" : "target";
        var attributes = new List<OnnxAttribute>
        {
            new("nodes_treeids", trees.ToArray()), new("nodes_nodeids", ids.ToArray()), new("nodes_featureids", features.ToArray()), new("nodes_values", thresholds.ToArray()),
            new("nodes_modes", modes.ToArray()), new("nodes_truenodeids", trues.ToArray()), new("nodes_falsenodeids", falses.ToArray()), new("nodes_missing_value_tracks_true", tracks.ToArray()),
            new($"{kind}_treeids", weightTrees.ToArray()), new($"{kind}_nodeids", weightIds.ToArray()), new($"{kind}_ids", weightTargets.ToArray()), new($"{kind}_weights", weights.ToArray()),
            new("post_transform", Classes > 2 ? "SOFTMAX" : IsClassifier ? "LOGISTIC" : "NONE"),
            IsClassifier ? new("classlabels_int64s", Enumerable.Range(0, Classes).Select(label => (long)label).ToArray()) : new("n_targets", 1L),
        };
        if (Base != 0) attributes.Add(new("base_values", Enumerable.Repeat(Base, Scores).ToArray()));
        var builder = new OnnxGraphBuilder { MachineLearningOperatorSet = operatorSet };
        builder.AddInput(TensorSpec.Of<float>("x", Features));
        if (IsClassifier) builder.AddOutput(new TensorSpec("label", ElementType.Int64, [-1]));
        builder.AddOutput(TensorSpec.Of<float>("scores", IsClassifier ? Classes : 1));
        builder.AddNode(IsClassifier ? "TreeEnsembleClassifier" : "TreeEnsembleRegressor", OnnxGraphBuilder.MachineLearning, ["x"], IsClassifier ? ["label", "scores"] : ["scores"], [.. attributes]);
        return builder.Build();

        void Add(int tree, TrainedNode node, string mode, long left, long right)
        {
            ids.Add(trees.Count > 0 && trees[^1] == tree ? ids[^1] + 1 : 0);
            trees.Add(tree);
            features.Add(node.Feature);
            thresholds.Add(node.Threshold);
            modes.Add(mode);
            trues.Add(left);
            falses.Add(right);
            tracks.Add(node.TakesMissingLeft ? 1 : 0);
        }
    }

    /// <summary>Makes what the library predicts of the sums of the leaves of one row, as TreeEnsemble gives them.</summary>
    public double[] ToPredictions(float[] sums)
    {
        double[] scores = [.. sums.Select(sum => (double)sum + Base)];
        if (Classes == 0) return scores;
        if (Classes == 2) return [1 / (1 + Math.Exp(-scores[0]))];
        double[] powers = [.. scores.Select(Math.Exp)];
        return [.. powers.Select(power => power / powers.Sum())];
    }

    /// <summary>Makes a TreeEnsemble, the operator that came with version 5: the sums of the leaves alone.</summary>
    public byte[] ToTreeEnsemble()
    {
        List<long> features = [], trues = [], falses = [], trueLeafs = [], falseLeafs = [], tracks = [], roots = [], targets = [];
        List<float> splits = [], weights = [];
        foreach (var (target, nodes, leaves) in Trees)
        {
            var (firstNode, firstLeaf) = (features.Count, weights.Count);
            roots.Add(firstNode);
            foreach (var node in nodes)
            {
                features.Add(node.Feature);
                splits.Add(node.Threshold);
                tracks.Add(node.TakesMissingLeft ? 1 : 0);
                AddChild(node.Left, trues, trueLeafs);
                AddChild(node.Right, falses, falseLeafs);
            }

            weights.AddRange(leaves);
            targets.AddRange(leaves.Select(_ => (long)target));

            void AddChild(int child, List<long> children, List<long> areLeafs)
            {
                children.Add(child < 0 ? firstLeaf + ~child : firstNode + child);
                areLeafs.Add(child < 0 ? 1 : 0);
            }
        }

        var modes = new byte[features.Count];
        modes.AsSpan().Fill((byte)(Mode == "BRANCH_LEQ" ? 0 : 1));
        var builder = new OnnxGraphBuilder { MachineLearningOperatorSet = 5 };
        builder.AddInput(TensorSpec.Of<float>("x", Features));
        builder.AddOutput(TensorSpec.Of<float>("scores", Scores));
        builder.AddNode(
            "TreeEnsemble", OnnxGraphBuilder.MachineLearning, ["x"], ["scores"],
            new("n_targets", (long)Scores), new("nodes_featureids", features.ToArray()), new("nodes_truenodeids", trues.ToArray()), new("nodes_falsenodeids", falses.ToArray()),
            new("nodes_trueleafs", trueLeafs.ToArray()), new("nodes_falseleafs", falseLeafs.ToArray()), new("tree_roots", roots.ToArray()), new("leaf_targetids", targets.ToArray()),
            new("nodes_missing_value_tracks_true", tracks.ToArray()), new("nodes_modes", OnnxGraphBuilder.DescribeTensor(OrtElementTypes.ToOnnx(ElementType.UInt8), modes.Length, modes)),
            new("nodes_splits", Describe(splits)), new("leaf_weights", Describe(weights)));
        return builder.Build();
    }

    private static ProtobufWriter Describe(List<float> values) => OnnxGraphBuilder.DescribeTensor(OrtElementTypes.ToOnnx(ElementType.Float32), values.Count, MemoryMarshal.AsBytes<float>(values.ToArray()));
}

/// <summary>A tree: its nodes, the root first, and what its leaves add to the score of a target.</summary>
internal sealed record TrainedTree(int Target, TrainedNode[] Nodes, float[] Leaves);

/// <summary>A question to a feature. A child is a node, or the complement of a leaf.</summary>
internal readonly record struct TrainedNode(int Feature, float Threshold, bool TakesMissingLeft, int Left, int Right);
