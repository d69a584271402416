using Mlops.Data;
using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Onnx.Tests;

/// <summary>The managed evaluator gives the scores and the classes of ONNX Runtime for random trees of every kind, row by row.</summary>
public sealed class TreeEnsembleTests
{
    private const string Inequalities = "BRANCH_LEQ BRANCH_LT BRANCH_GTE BRANCH_GT";
    private const string AllModes = Inequalities + " BRANCH_EQ BRANCH_NEQ";

    /// <summary>Sizes of batches: parts of a tile of rows, whole ones, groups of tiles with and without an end, several blocks.</summary>
    private static readonly int[] s_sizes = [1, 3, 5, 8, 13, 22, 31, 40, 47, 64, 200];

    public static TheoryData<RandomTreesOptions> Regressors()
    {
        var data = new TheoryData<RandomTreesOptions>();
        foreach (var mode in new[] { "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", Inequalities, AllModes })
        {
            foreach (var missing in new[] { -1, 0, 0.5, 1 }) data.Add(new RandomTreesOptions { Modes = mode, TracksMissing = missing });
        }

        foreach (var aggregate in new[] { "SUM", "AVERAGE", "MIN", "MAX" })
        {
            foreach (var transform in new[] { "NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT" })
            {
                // A probit is of numbers between 0 and 1.
                foreach (var targets in new[] { 1, 3 })
                {
                    foreach (var weights in targets == 1 ? ["all"] : new[] { "all", "one", "some" })
                        data.Add(new RandomTreesOptions { Aggregate = aggregate, PostTransform = transform, Targets = targets, Weights = weights, ArePositive = transform == "PROBIT", BaseValues = transform == "NONE" ? targets : 0, Modes = Inequalities, TracksMissing = 0.3 });
                }
            }
        }

        data.Add(new RandomTreesOptions { Type = ElementType.Float64, Modes = Inequalities, TracksMissing = 0.5 });
        data.Add(new RandomTreesOptions { Type = ElementType.Float64, Modes = AllModes, Targets = 2 });
        data.Add(new RandomTreesOptions { AsTensors = true, BaseValues = 1 });
        data.Add(new RandomTreesOptions { AsTensors = true, Type = ElementType.Float64, BaseValues = 1 });
        data.Add(new RandomTreesOptions { Depth = 0, Trees = 3 });
        data.Add(new RandomTreesOptions { Depth = 12, EarlyLeaves = 0.3, Trees = 9, Features = 40, TracksMissing = 0.5 });
        data.Add(new RandomTreesOptions { Trees = 100, Depth = 6, EarlyLeaves = 0, Modes = "BRANCH_LT", TracksMissing = 0.5 });

        // Trees of one word of leaves, of several, whole and with an end, and of too many to be asked without a walk; among them some of one leaf.
        foreach (var type in new[] { ElementType.Float32, ElementType.Float64 })
        {
            foreach (var (depth, earlyLeaves) in new[] { (1, 0.0), (5, 0.0), (6, 0.0), (7, 0.0), (7, 0.1), (7, 0.3), (8, 0.2), (8, 0.0) })
                data.Add(new RandomTreesOptions { Type = type, Depth = depth, EarlyLeaves = earlyLeaves, HasStumps = earlyLeaves > 0, Modes = Inequalities, TracksMissing = 0.3 });

            // Scores of a leaf that are added by vectors, with and without a rest.
            foreach (var targets in new[] { 2, 4, 5, 7, 9 })
            {
                foreach (var weights in new[] { "all", "reversed", "one", "some" })
                    data.Add(new RandomTreesOptions { Type = type, Targets = targets, Weights = weights, Modes = Inequalities, TracksMissing = 0.3 });
            }
        }
        return data;
    }

    public static TheoryData<RandomTreesOptions> Classifiers()
    {
        var data = new TheoryData<RandomTreesOptions>();
        foreach (var transform in new[] { "NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO" })
        {
            foreach (var isPositive in new[] { false, true })
            {
                foreach (var weights in new[] { "0", "1", "all", "one" })
                {
                    foreach (var baseValues in new[] { 0, 1, 2 })
                    {
                        // With few trees, scores lie on both sides of every limit.
                        foreach (var trees in new[] { 3, 20 })
                            data.Add(new RandomTreesOptions { Classes = 2, Trees = trees, PostTransform = transform, ArePositive = isPositive, Weights = weights, BaseValues = baseValues });
                    }
                }

                foreach (var weights in new[] { "all", "one", "some" })
                {
                    foreach (var baseValues in new[] { 0, 4 })
                        data.Add(new RandomTreesOptions { Classes = 4, PostTransform = transform, ArePositive = isPositive, Weights = weights, BaseValues = baseValues, HasTextLabels = isPositive });
                }
            }
        }

        data.Add(new RandomTreesOptions { Classes = 3, PostTransform = "PROBIT", ArePositive = true, Weights = "one" });
        data.Add(new RandomTreesOptions { Classes = 2, HasTextLabels = true, Weights = "1", PostTransform = "LOGISTIC", TracksMissing = 0.5 });
        data.Add(new RandomTreesOptions { Classes = 2, HasTextLabels = true, Weights = "all" });
        foreach (var type in new[] { ElementType.Float64, ElementType.Int64, ElementType.Int32 })
            data.Add(new RandomTreesOptions { Classes = 3, Type = type, PostTransform = "SOFTMAX", Modes = AllModes, TracksMissing = 0.5 });
        return data;
    }

    [Theory]
    [MemberData(nameof(Regressors))]
    public Task Predict_RandomRegressor_GivesScoresOfRuntime(RandomTreesOptions options) => AssertAgreeAsync(options);

    [Theory]
    [MemberData(nameof(Classifiers))]
    public Task Predict_RandomClassifier_GivesClassesAndScoresOfRuntime(RandomTreesOptions options) => AssertAgreeAsync(options);

    /// <summary>The bits of a word that are no leaf have no weights, whatever the first node of the model has: otherwise each tree would hold them thirty times.</summary>
    [Fact]
    public void Load_FirstTreeIsOneLeafWithManyWeights_HoldsThemOnce()
    {
        var bytes = new RandomTrees(new RandomTreesOptions { Trees = 300, Depth = 1, Targets = 1_000, HasStumps = true }).Build();
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var model = OnnxModel.Load(bytes, Evaluators.Managed);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40 * bytes.Length);
    }

    /// <summary>The operators of versions 1 and 2 are the same; version 3 brought the attributes that are tensors.</summary>
    public static TheoryData<RandomTreesOptions> BeforeVersion3()
    {
        var data = new TheoryData<RandomTreesOptions>();
        foreach (var version in new[] { 1, 2 })
        {
            foreach (var mode in new[] { Inequalities, AllModes })
            {
                foreach (var missing in new[] { -1, 0.5 }) data.Add(new RandomTreesOptions { OperatorSet = version, Modes = mode, TracksMissing = missing });
            }

            foreach (var aggregate in new[] { "SUM", "AVERAGE", "MIN", "MAX" })
            {
                foreach (var targets in new[] { 1, 3 })
                    data.Add(new RandomTreesOptions { OperatorSet = version, Aggregate = aggregate, Targets = targets, Weights = "some", BaseValues = targets, Modes = Inequalities });
            }

            foreach (var transform in new[] { "NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT" })
            {
                data.Add(new RandomTreesOptions { OperatorSet = version, Targets = 2, PostTransform = transform, ArePositive = transform == "PROBIT", Weights = "one" });
                data.Add(new RandomTreesOptions { OperatorSet = version, Classes = 4, PostTransform = transform, ArePositive = transform == "PROBIT", Weights = "one" });
                if (transform != "PROBIT") data.Add(new RandomTreesOptions { OperatorSet = version, Classes = 2, Trees = 3, PostTransform = transform, Weights = "1" });
            }

            foreach (var type in new[] { ElementType.Float64, ElementType.Int64, ElementType.Int32 })
                data.Add(new RandomTreesOptions { OperatorSet = version, Classes = 3, Type = type, HasTextLabels = type == ElementType.Float64, Modes = AllModes, TracksMissing = 0.5 });
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BeforeVersion3))]
    public Task Predict_RandomTreesBeforeVersion3_GivesClassesAndScoresOfRuntime(RandomTreesOptions options) => AssertAgreeAsync(options);

    /// <summary>Trees of version 5 with several groups of modes.</summary>
    public static TheoryData<ElementType, int, int, int, bool, int[]> Version5()
    {
        var data = new TheoryData<ElementType, int, int, int, bool, int[]>();
        foreach (var modes in new int[][] { [0], [0, 1, 2, 3], [0, 6], [0, 7], [0, 8], [4, 5], [0, 1, 2, 3, 4, 5, 6, 7, 8] })
        {
            data.Add(ElementType.Float32, 1, 1, 0, false, modes);
            data.Add(ElementType.Float32, 1, 0, 0, true, modes);
            data.Add(ElementType.Float32, 3, 1, 1, true, modes);
            data.Add(ElementType.Float32, 3, 2, 2, true, modes);
            data.Add(ElementType.Float32, 2, 3, 3, false, modes);
            data.Add(ElementType.Float64, 1, 1, 0, true, modes);
            data.Add(ElementType.Float64, 4, 0, 1, true, modes);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Version5))]
    public async Task Predict_RandomTreesOfVersion5_GivesScoresOfRuntime(ElementType type, int targets, int aggregate, int transform, bool hasTracks, int[] modes)
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var trees = new NumberedTrees(seed, type, targets, aggregate, transform, hasTracks) { Modes = modes };
            await Evaluators.AssertAgreeAsync(trees.Build(trees: 12, depth: 5), s_sizes, (inputs, size) => RandomTrees.Fill(inputs, size), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Old converters gave nodes that are no leaves weights, too: no row is given them, but they say whether a classifier of two classes has one score, and where its threshold is.</summary>
    [Theory]
    [InlineData(0L, 0f, "NONE")]
    [InlineData(0L, -0.1f, "NONE")]
    [InlineData(1L, 0f, "NONE")]
    [InlineData(0L, -0.1f, "LOGISTIC")]
    [InlineData(1L, -0.1f, "LOGISTIC")]
    public async Task Predict_WeightsOfOtherNodesThanLeaves_GivesClassesAndScoresOfRuntime(long innerClass, float innerWeight, string transform)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 1));
        builder.AddOutput(new TensorSpec("label", ElementType.Int64, [-1]));
        builder.AddOutput(TensorSpec.Of<float>("scores", 2));
        builder.AddNode(
            "TreeEnsembleClassifier", OnnxGraphBuilder.MachineLearning, ["x"], ["label", "scores"],
            new("nodes_treeids", new long[3]), new("nodes_nodeids", new long[] { 0, 1, 2 }), new("nodes_featureids", new long[3]), new("nodes_modes", new[] { "BRANCH_LEQ", "LEAF", "LEAF" }),
            new("nodes_truenodeids", new long[] { 1, 0, 0 }), new("nodes_falsenodeids", new long[] { 2, 0, 0 }), new("nodes_values", new[] { 0f, 0, 0 }),
            new("class_treeids", new long[3]), new("class_nodeids", new long[] { 0, 1, 2 }), new("class_ids", new[] { innerClass, 0, 0 }), new("class_weights", new[] { innerWeight, 0.3f, 0.9f }),
            new("classlabels_int64s", new long[] { 0, 1 }), new("post_transform", transform));
        await Evaluators.AssertAgreeAsync(builder.Build(), [2], (inputs, _) => new[] { -1f, 1 }.CopyTo(inputs.Get<float>(0).Span), TestContext.Current.CancellationToken);
    }

    private static Task AssertAgreeAsync(RandomTreesOptions options)
        => Evaluators.AssertAgreeAsync(new RandomTrees(options).Build(), s_sizes, (inputs, seed) => RandomTrees.Fill(inputs, seed), TestContext.Current.CancellationToken);
}
